"""A run: what it is asked for, where it begins, and its life from the first event to the last."""
