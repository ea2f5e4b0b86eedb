"""Transforms that move pixels: flips, rotations, crops, affine maps."""
