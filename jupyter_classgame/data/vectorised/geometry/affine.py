"""RandomAffine, with a separate affine map for every image."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, fill_fits, fill_of, mode_of
from jupyter_classgame.data.vectorised.geometry.sampling_grid import (
    centre_of,
    inverse_affine,
    sample_affine,
)


@dataclass(frozen=True)
class AffineParameters:
    """Drawn parameters, float64 of shape (batch,): degrees, (x, y) pixels, factors, degrees."""

    angle: Tensor
    translate: tuple[Tensor, Tensor]
    scale: Tensor
    shear: tuple[Tensor, Tensor]


def parameters(
    transform: Any, size: tuple[int, int], draws: Draws, stream: int
) -> AffineParameters:
    """Draw the affine maps for images of ``size`` (height, width)."""
    height, width = size
    zeros = torch.zeros(len(draws), dtype=torch.float64)
    dx = dy = shear_x = shear_y = zeros
    scale = zeros + 1
    if transform.translate is not None:
        dx, dy = (
            draws.between(
                stream_within(stream, part), -float(share * side), float(share * side)
            ).round()
            for part, share, side in zip((1, 2), transform.translate, (width, height), strict=True)
        )
    if transform.scale is not None:
        scale = draws.between(stream_within(stream, 3), *transform.scale)
    if transform.shear is not None:
        shear_x = draws.between(stream_within(stream, 4), *transform.shear[:2])
        if len(transform.shear) == 4:
            shear_y = draws.between(stream_within(stream, 5), *transform.shear[2:])
    angle = draws.between(stream_within(stream, 0), *transform.degrees)
    return AffineParameters(angle, (dx, dy), scale, (shear_x, shear_y))


def move(transform: Any, images: Tensor, drawn: AffineParameters) -> Tensor:
    """Rotate, scale, shear and shift every image by its own parameters."""
    matrices = inverse_affine(
        drawn.angle, drawn.translate, drawn.scale, drawn.shear, centre_of(transform, images)
    )
    size = (images.shape[-2], images.shape[-1])
    return sample_affine(images, matrices, size, str(mode_of(transform)), fill_of(transform))


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    size = (images.shape[-2], images.shape[-1])
    return move(transform, images, parameters(transform, size, draws, stream))


def _fits(transform: Any) -> bool:
    return mode_of(transform) is not None and fill_fits(transform)


KERNELS = (BatchKernel((v2.RandomAffine, v1.RandomAffine), _apply, _fits),)
