"""Small folders of images."""

import numpy as np
from PIL import Image


def make_images(folder, classes=("ant", "bee", "cat"), count=20, size=16, seed=0):
    """Write a folder of small colour images that a tiny network can tell apart."""
    rng = np.random.default_rng(seed)
    for number, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for index in range(count):
            pixels = rng.integers(0, 120, (size, size, 3), dtype=np.uint8)
            pixels[..., number % 3] += 100
            Image.fromarray(pixels).save(folder / name / f"{index:03}.png")
    return folder
