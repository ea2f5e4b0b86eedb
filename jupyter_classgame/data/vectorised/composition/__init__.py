"""Kernels of transforms that contain others, are deterministic, or have only a probability."""
