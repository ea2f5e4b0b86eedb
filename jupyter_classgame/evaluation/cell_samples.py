"""Sample images of each cell of a confusion matrix, kept while a model is scored."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - PyTorch's own name for it

MOST = 24
"""Images that are kept of a cell."""

SIDE = 96
"""Longest side of an image that is kept, in pixels."""

CHANNELS = (1, 3)
DIMENSIONS = 4

Samples = dict[tuple[int, int], list[npt.NDArray[np.uint8]]]
"""By true and predicted class: images of shape (H, W, 3)."""


class CellSamples:
    """Keeps the first images of each cell, small and as uint8.

    Attributes
    ----------
    samples
        Empty where a batch holds no pictures.
    """

    def __init__(self) -> None:
        self.samples: Samples = {}

    def take(self, images: Any, labels: Tensor, probabilities: list[Tensor]) -> None:
        """Take a batch: images (N, 1 or 3, H, W), class indices and the model's probabilities."""
        if not isinstance(images, Tensor) or images.ndim != DIMENSIONS:
            return
        if images.shape[1] not in CHANNELS:
            return
        pairs = zip(labels.tolist(), probabilities[0].argmax(1).tolist(), strict=True)
        for number, cell in enumerate(pairs):
            kept = self.samples.setdefault(cell, [])
            if len(kept) < MOST:
                kept.append(_picture(images[number]))


def _picture(image: Tensor) -> npt.NDArray[np.uint8]:
    """Make a picture of an image; one that is normalised is spread over black to white."""
    pixels = torch.nan_to_num(image.detach().float().cpu())
    if image.dtype == torch.uint8:
        pixels = pixels / 255
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 1:
        pixels = (pixels - low) / max(high - low, 1e-6)
    if (longest := max(pixels.shape[1:])) > SIDE:
        size = [max(1, round(side * SIDE / longest)) for side in pixels.shape[1:]]
        pixels = F.interpolate(pixels[None], size, mode="bilinear", antialias=True)[0]
    made: npt.NDArray[np.uint8] = (
        (pixels.clamp(0, 1) * 255)
        .round()
        .to(torch.uint8)
        .expand(3, -1, -1)
        .permute(1, 2, 0)
        .numpy()
    )
    return np.ascontiguousarray(made)
