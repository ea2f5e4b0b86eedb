"""Mistakes in the images and how they are loaded."""
