"""The chart of a range test, live and as a picture."""
