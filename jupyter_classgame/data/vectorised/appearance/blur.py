"""GaussianBlur, with a separate standard deviation for every image."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - everybody's name for it
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel


def sigmas(transform: Any, draws: Draws, stream: int) -> Tensor:
    """Draw standard deviations in pixels: float64, shape (batch,)."""
    return draws.between(stream, *transform.sigma)


def blur(images: Tensor, size: tuple[int, int], sigma: Tensor) -> Tensor:
    """Blur every image with its own sigma and a window of ``size`` (width, height)."""
    count, channels, height, width = images.shape
    across, down = (_window(side, sigma) for side in size)
    weight = (down[:, :, None] * across[:, None, :]).to(images.device, non_blocking=True)
    weight = weight.repeat_interleave(channels, dim=0).unsqueeze(1)
    right, bottom = size[0] // 2, size[1] // 2
    padded = F.pad(images, [right, right, bottom, bottom], mode="reflect")
    groups = count * channels
    rows = padded.reshape(1, groups, height + 2 * bottom, width + 2 * right)
    return F.conv2d(rows, weight, groups=groups).view(count, channels, height, width)


def _window(size: int, sigma: Tensor) -> Tensor:
    reach = (size - 1) / (2 * 2**0.5)
    steps = torch.linspace(-reach, reach, size)
    return torch.softmax(-((steps / sigma.float()[:, None]) ** 2), dim=1)


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    return blur(images, tuple(transform.kernel_size), sigmas(transform, draws, stream))


KERNELS = (BatchKernel((v2.GaussianBlur, v1.GaussianBlur), _apply),)
