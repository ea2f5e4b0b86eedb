"""Many draws of one picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jupyter_classgame.referee.augmentation import probe_images
from jupyter_classgame.referee.augmentation.probe_images import Array

Draw = Callable[[Array, int], Array]
"""``draw(picture, seed)``: a batch (n, channels, height, width) made of one picture.

The same seed makes the same random choices.
"""


class ImageSizesDifferError(Exception):
    """Batches do not all come in one size."""


@dataclass
class RepeatedDraws:
    """All draws of one picture."""

    draw: Draw
    size: tuple[int, int]
    seeds: Sequence[int]

    def of(self, picture: Array) -> Array:
        """Return the picture's draws, one after the other.

        Raises
        ------
        SizesDifferError
        """
        batches = [self.draw(picture, seed) for seed in self.seeds]
        if len({batch.shape[1:] for batch in batches}) > 1:
            raise ImageSizesDifferError
        return np.concatenate(batches)

    def wave(self, picture: Callable[[int], Array]) -> Array:
        """Return the demodulated draws of three pictures, grey: complex (n, h, w)."""
        return probe_images.demodulate(self.waves(picture))

    def waves(self, picture: Callable[[int], Array]) -> Array:
        """Return the draws of three pictures, grey: (3, n, h, w)."""
        return np.stack([self.of(picture(step)).mean(1) for step in range(probe_images.STEPS)])
