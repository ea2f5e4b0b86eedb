"""Mistakes in the images and in how they are loaded."""
