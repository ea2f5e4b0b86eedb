"""Repeated draws of one picture with several seeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jupyter_classgame.referee.augmentation import probe_images
from jupyter_classgame.referee.augmentation.probe_images import Array

Draw = Callable[[Array, int], Array]
"""``draw(picture, seed)``: a batch (n, channels, height, width) made of one picture.

The same seed leads to the same batch.
"""


class ImageSizesDifferError(Exception):
    """The batches differ in the size of their images."""


@dataclass
class RepeatedDraws:
    """The draws of a picture, one batch for each seed.

    Parameters
    ----------
    draw
        Draws a batch of one picture.
    size
        Height and width of the pictures.
    seeds
        Of the batches.
    """

    draw: Draw
    size: tuple[int, int]
    seeds: Sequence[int]

    def of(self, picture: Array) -> Array:
        """Return all draws of a picture, (n, channels, height, width).

        Raises
        ------
        ImageSizesDifferError
            They differ in size.
        """
        batches = [self.draw(picture, seed) for seed in self.seeds]
        if len({batch.shape[1:] for batch in batches}) > 1:
            raise ImageSizesDifferError("the batches differ in the size of their images")
        return np.concatenate(batches)

    def wave(self, picture: Callable[[int], Array]) -> Array:
        """Return the demodulated grey draws of three shifted waves: complex (n, h, w)."""
        return probe_images.demodulate(self.waves(picture))

    def waves(self, picture: Callable[[int], Array]) -> Array:
        """Return the grey draws of three shifted waves: (3, n, h, w)."""
        return np.stack([self.of(picture(step)).mean(1) for step in range(probe_images.STEPS)])
