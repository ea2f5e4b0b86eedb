"""Mistakes in the optimizer and the scheduler."""
