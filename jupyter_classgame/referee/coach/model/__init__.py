"""Mistakes in the model."""
