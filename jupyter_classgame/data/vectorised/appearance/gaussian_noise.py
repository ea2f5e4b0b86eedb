"""GaussianNoise, with separate noise for every image."""

from typing import Any

from torch import Tensor
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    if transform.sigma < 0:
        raise ValueError(f"sigma shouldn't be negative. Got {transform.sigma}")
    noise = draws.noise(stream, images.shape[1:], images.device).mul_(transform.sigma)
    noisy = noise.add_(transform.mean).add_(images)
    return noisy.clamp_(0, 1) if transform.clip else noisy


KERNELS = (BatchKernel((v2.GaussianNoise,), _apply),)
