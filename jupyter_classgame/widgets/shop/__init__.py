"""The shop as a widget, and as a static catalogue."""
