"""Kernels of transforms that move pixels: flips, rotations, crops, affine maps."""
