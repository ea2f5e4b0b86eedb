"""RandomRotation, with a separate angle for every image."""

from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, fill_fits, fill_of, mode_of
from jupyter_classgame.data.vectorised.geometry.sampling_grid import (
    centre_of,
    inverse_affine,
    sample_affine,
)


def angles(transform: Any, draws: Draws, stream: int) -> Tensor:
    """Draw angles in degrees, anticlockwise: float64, shape (batch,)."""
    return draws.between(stream, *transform.degrees)


def rotate(transform: Any, images: Tensor, degrees: Tensor) -> Tensor:
    """Rotate every image by its own angle."""
    none = torch.zeros_like(degrees)
    matrices = inverse_affine(
        -(degrees % 360), (none, none), none + 1, (none, none), centre_of(transform, images)
    )
    size = (images.shape[-2], images.shape[-1])
    return sample_affine(images, matrices, size, str(mode_of(transform)), fill_of(transform))


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    return rotate(transform, images, angles(transform, draws, stream))


def _fits(transform: Any) -> bool:
    return not transform.expand and mode_of(transform) is not None and fill_fits(transform)


KERNELS = (BatchKernel((v2.RandomRotation, v1.RandomRotation), _apply, _fits),)
