"""ColorJitter: four changes of colour, in a separate order for every image."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.data.vectorised.appearance import colour_operations
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, per_image

CHANGES = {
    "brightness": colour_operations.brightness,
    "contrast": colour_operations.contrast,
    "saturation": colour_operations.saturation,
    "hue": colour_operations.hue,
}


@dataclass(frozen=True)
class JitterParameters:
    """Drawn parameters of the enabled changes.

    ``factors`` are float64, shape (batch,), by change; ``orders`` are permutations of the changes,
    int64, shape (batch, changes).
    """

    factors: dict[str, Tensor]
    orders: Tensor


def parameters(transform: Any, draws: Draws, stream: int) -> JitterParameters:
    """Draw factors and orders of the enabled changes."""
    bounds = {name: getattr(transform, name) for name in CHANGES}
    factors = {
        name: draws.between(stream_within(stream, part), *bound)
        for part, (name, bound) in enumerate(bounds.items())
        if bound is not None
    }
    return JitterParameters(
        factors, draws.orders(stream_within(stream, len(CHANGES)), len(factors))
    )


def jitter(images: Tensor, drawn: JitterParameters) -> Tensor:
    """Change the colours of every image by its own factors, in its own order."""
    colour_operations.check_channels(images)
    factors = {name: per_image(factor, images) for name, factor in drawn.factors.items()}
    if len(factors) == 1:
        ((name, factor),) = factors.items()
        return CHANGES[name](images, factor)
    for step in range(len(factors)):
        for number, (name, factor) in enumerate(factors.items()):
            due = (drawn.orders[:, step] == number).nonzero()[:, 0].to(images.device)
            if len(due):
                some = CHANGES[name](images.index_select(0, due), factor.index_select(0, due))
                images.index_copy_(0, due, some)
    return images


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    return jitter(images, parameters(transform, draws, stream))


def _fits(transform: Any) -> bool:
    bounds = [getattr(transform, name) for name in CHANGES]
    return all(bound is None or not torch.is_tensor(bound) for bound in bounds)


KERNELS = (BatchKernel((v2.ColorJitter, v1.ColorJitter), _apply, _fits),)
