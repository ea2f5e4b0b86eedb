"""Encoding of pictures in the form in which a store holds its own images."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from PIL import Image

Picture = np.ndarray
"""Shape (height, width, 3), float, in [0, 1]."""

SMALLEST = 7


class ImageCodec:
    """Encodes pictures as images of one type, layout and range.

    Parameters
    ----------
    sample
        An image of that form: a PIL image, an array or a tensor; (h, w), (c, h, w), (h, w, c), or
        flattened.
    low, high
        What 0 and 1 become.
    """

    def __init__(self, sample: Any, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.sample = sample
        if isinstance(sample, Image.Image):
            self.size = (sample.height, sample.width)
            return
        shape = tuple(sample.shape)
        self.flat = len(shape) == 1
        if self.flat:
            channels = next(c for c in (1, 3) if side_of(shape[0], c))
            side = side_of(shape[0], channels)
            self.layout, self.channels, self.size = "CHW", channels, (side, side)
        elif len(shape) == 2:
            self.layout, self.channels, self.size = "HW", 1, shape
        elif shape[-1] in (1, 3, 4) and shape[0] not in (1, 3):
            self.layout, self.channels, self.size = "HWC", shape[-1], shape[:2]
        else:
            self.layout, self.channels, self.size = "CHW", shape[0], shape[1:]

    def __call__(self, picture: Picture) -> Any:
        """Return a picture, (height, width, 3) in [0, 1], in the form of the sample."""
        if isinstance(self.sample, Image.Image):
            image = Image.fromarray((picture * 255).round().astype(np.uint8))
            return image if self.sample.mode == "RGB" else image.convert(self.sample.mode)
        values = picture.mean(-1, keepdims=True) if self.channels == 1 else picture
        if self.channels > 3:
            values = np.concatenate([values, np.ones_like(values[..., :1])], -1)
        values = self.low + (self.high - self.low) * values
        if self.layout == "HW":
            values = values[..., 0]
        elif self.layout == "CHW":
            values = np.ascontiguousarray(values.transpose(2, 0, 1))
        if self.flat:
            values = values.reshape(-1)
        if isinstance(self.sample, torch.Tensor):
            if not self.sample.is_floating_point():
                values = values.round()
            return torch.from_numpy(np.ascontiguousarray(values)).to(
                self.sample.device, self.sample.dtype
            )
        if self.sample.dtype.kind in "iu":
            values = values.round()
        return values.astype(self.sample.dtype)


def side_of(length: int, channels: int) -> int:
    """Return the side of a flattened square image of `length` numbers; 0 if it is none."""
    side = round((length / channels) ** 0.5)
    return side if side > SMALLEST and side * side * channels == length else 0


def range_of(samples: Sequence[Any]) -> tuple[float, float]:
    """Return the range of images, extended to a usual one: [0, 1], [0, 16] or [0, 255]."""
    arrays = [np.asarray(s.detach().cpu() if isinstance(s, torch.Tensor) else s) for s in samples]
    low = float(min(a.min() for a in arrays))
    high = float(max(a.max() for a in arrays))
    if high <= low:
        return 0.0, (255.0 if arrays[0].dtype == np.uint8 else 1.0)
    if low >= 0:
        for ceiling in (1.0, 16.0, 255.0):
            if high <= ceiling * 1.001:
                return 0.0, ceiling
    return low, high
