"""Digits: 1,797 handwritten digits of 8x8 pixels from scikit-learn (Alpaydin, Kaynak 1998)."""

import numpy as np
from sklearn.datasets import load_digits

from jupyter_classgame.data.images.source_pictures import (
    ArrayPictures,
    Collection,
    LabelledPictures,
)
from jupyter_classgame.packs.spec import DataSpec

DARKEST = 16


def read(spec: DataSpec) -> Collection:  # noqa: ARG001 - all sources have one signature
    """Return the digits, all for training, with their grey repeated over three channels."""
    bunch = load_digits()
    grey = np.rint(bunch.images * (255 / DARKEST)).astype(np.uint8)
    pictures = ArrayPictures(np.repeat(grey[..., None], 3, axis=3), "digits")
    return Collection(
        name="digits",
        classes=tuple(str(name) for name in bunch.target_names),
        train=LabelledPictures(pictures, bunch.target.astype(np.int64)),
        val=None,
        test=None,
        image_size=(32, 32),
    )
