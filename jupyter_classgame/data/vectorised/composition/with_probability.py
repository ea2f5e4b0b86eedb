"""Transforms applied with a probability and without other random parameters."""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F  # noqa: N812 - torchvision's name for it

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import Apply, BatchKernel, on_some


def _gated(change: Callable[[Any, Tensor], Tensor]) -> Apply:
    def apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
        chosen = draws.chosen(stream, transform.p)
        return on_some(images, draws, chosen, lambda some, _draws: change(transform, some))

    return apply


def _grey(_transform: Any, images: Tensor) -> Tensor:
    shades = F.rgb_to_grayscale(images, images.shape[1])
    return shades.contiguous()  # type: ignore[no-any-return]


def _sharpen(transform: Any, images: Tensor) -> Tensor:
    return F.adjust_sharpness(images, transform.sharpness_factor)  # type: ignore[no-any-return]


KERNELS = (
    BatchKernel((v2.RandomGrayscale, v1.RandomGrayscale), _gated(_grey)),
    BatchKernel(
        (v2.RandomInvert, v1.RandomInvert), _gated(lambda _transform, images: F.invert(images))
    ),
    BatchKernel(
        (v2.RandomSolarize, v1.RandomSolarize),
        _gated(lambda transform, images: F.solarize(images, transform.threshold)),
    ),
    BatchKernel((v2.RandomPosterize,), _gated(lambda t, images: F.posterize(images, t.bits))),
    BatchKernel((v2.RandomAdjustSharpness, v1.RandomAdjustSharpness), _gated(_sharpen)),
    BatchKernel(
        (v2.RandomAutocontrast, v1.RandomAutocontrast),
        _gated(lambda _transform, images: F.autocontrast(images)),
    ),
    BatchKernel((v2.RandomEqualize,), _gated(lambda _transform, images: F.equalize(images))),
)
