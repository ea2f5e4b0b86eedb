"""Mistakes in the criterion and the targets."""
