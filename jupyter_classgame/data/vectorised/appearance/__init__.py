"""Transforms that change values of pixels: colour, blur, noise, erasing."""
