"""Kernels of transforms that change pixel values: colour, blur, noise, erasing."""
