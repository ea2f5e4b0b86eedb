"""Affine resampling of a batch, with a separate grid for every image."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - everybody's name for it


def sample_affine(
    images: Tensor, matrices: Tensor, size: tuple[int, int], mode: str, fill: Any
) -> Tensor:
    """Resample every image by its own affine map, with torchvision's results.

    Parameters
    ----------
    images
        float32, shape (batch, channels, height, width).
    matrices
        Maps from pixels (x, y) of the result to pixels of the image, both relative to the centre:
        float64 on the CPU, shape (batch, 2, 3).
    size
        (height, width) of the result.
    mode
        "nearest" or "bilinear".
    fill
        The value outside the image; None leaves zeros and, with "bilinear", a plain edge.
    """
    height, width = images.shape[-2:]
    half = torch.tensor([0.5 * width, 0.5 * height])
    theta = matrices.float().transpose(1, 2).div(half).to(images.device, non_blocking=True)
    return sample(images, _grid(theta, size), mode, fill)


def sample(images: Tensor, grid: Tensor, mode: str, fill: Any) -> Tensor:
    """Resample images along grids of shape (batch, height, width, 2), coordinates in [-1, 1]."""
    out = F.grid_sample(images, grid, mode=mode, padding_mode="zeros", align_corners=False)
    if fill is None or (mode == "nearest" and not _nonzero(fill)):
        return out
    if isinstance(fill, (list, tuple)) and len(fill) not in (1, images.shape[1]):
        raise ValueError(
            "The number of elements in 'fill' cannot broadcast to match the number of channels "
            f"of the image ({len(fill)} != {images.shape[1]})"
        )
    inside = torch.ones_like(images[:, :1])
    inside = F.grid_sample(inside, grid, mode=mode, padding_mode="zeros", align_corners=False)
    if mode == "bilinear" and not _nonzero(fill):
        return out.mul_(inside)
    value = torch.tensor(fill, dtype=out.dtype, device=out.device).view(1, -1, 1, 1)
    if mode == "nearest":
        return torch.where(inside < 0.5, value, out)
    return out.sub_(value).mul_(inside).add_(value)


def _nonzero(fill: Any) -> bool:
    return any(fill) if isinstance(fill, (list, tuple)) else bool(fill)


def _grid(theta: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the sampling grids of affine maps ``theta``, shape (batch, 3, 2)."""
    x, y, base = _bases(size, theta.device)
    if theta.device.type == "cpu" and torch.get_float32_matmul_precision() == "highest":
        # torchvision's product for one image, as a batched product.
        grid = base.expand(len(theta), -1, -1).bmm(theta)
        return grid.view(len(theta), *size, 2)
    # A matrix product with reduced precision (TF32) would displace pixels.
    rows = (y * theta[:, 1:2] + theta[:, 2:3]).unsqueeze(2)
    return rows + (x * theta[:, 0:1]).unsqueeze(1)


@lru_cache(maxsize=32)
def _bases(size: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return x (1, width, 1), y (1, height, 1) and (x, y, 1) of all pixels, from the centre."""
    height, width = size
    x = torch.linspace((1 - width) * 0.5, (width - 1) * 0.5, steps=width, device=device)
    y = torch.linspace((1 - height) * 0.5, (height - 1) * 0.5, steps=height, device=device)
    base = torch.ones(1, height, width, 3, device=device)
    base[..., 0] = x
    base[..., 1] = y[:, None]
    return x.view(1, -1, 1), y.view(1, -1, 1), base.view(1, height * width, 3)


def inverse_affine(
    angle: Tensor,
    translate: tuple[Tensor, Tensor],
    scale: Tensor,
    shear: tuple[Tensor, Tensor],
    centre: tuple[float, float] = (0.0, 0.0),
) -> Tensor:
    """Return the inverses of affine maps: a shear, a rotation about ``centre``, a scaling, a shift.

    Parameters
    ----------
    angle, scale
        Degrees clockwise; a factor. Both float64, shape (batch,).
    translate, shear
        (x, y) in pixels; (x, y) in degrees. Each float64, shape (batch,).
    centre
        (x, y) in pixels from the centre of the image.

    Returns
    -------
    Tensor of float64, shape (batch, 2, 3)
    """
    # NumPy has less overhead than torch for a hundred numbers.
    turn, (sx, sy) = np.radians(angle.numpy()), (np.radians(part.numpy()) for part in shear)
    factor = scale.numpy()
    # Turn * shear along y * shear along x, of determinant 1.
    a = np.cos(turn - sy) / np.cos(sy)
    b = -(a * np.tan(sx) + np.sin(turn))
    c = np.sin(turn - sy) / np.cos(sy)
    d = np.cos(turn) - c * np.tan(sx)
    a, b, c, d = d / factor, -b / factor, -c / factor, a / factor
    x, y = (middle + shift.numpy() for middle, shift in zip(centre, translate, strict=True))
    rows = [a, b, centre[0] - a * x - b * y, c, d, centre[1] - c * x - d * y]
    return torch.from_numpy(np.stack(rows, axis=1)).view(-1, 2, 3)


def centre_of(transform: Any, images: Tensor) -> tuple[float, float]:
    """Return a transform's centre of rotation in pixels from the centre of the images."""
    if transform.center is None:
        return 0.0, 0.0
    height, width = images.shape[-2:]
    return transform.center[0] - width * 0.5, transform.center[1] - height * 0.5
