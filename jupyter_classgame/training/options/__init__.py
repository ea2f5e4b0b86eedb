"""The options of ``%train``: one table of them, and the checked values of a run."""
