"""RandomHorizontalFlip and RandomVerticalFlip, drawn for every image."""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, on_some


def _flip(dim: int) -> Callable[[Any, Tensor, Draws, int], Tensor]:
    def apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
        chosen = draws.chosen(stream, transform.p)
        return on_some(images, draws, chosen, lambda some, _draws: some.flip(dim))

    return apply


KERNELS = (
    BatchKernel((v2.RandomHorizontalFlip, v1.RandomHorizontalFlip), _flip(-1)),
    BatchKernel((v2.RandomVerticalFlip, v1.RandomVerticalFlip), _flip(-2)),
)
