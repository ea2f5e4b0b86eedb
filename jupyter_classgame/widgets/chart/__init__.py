"""Charts of a run: live, finished and static."""
