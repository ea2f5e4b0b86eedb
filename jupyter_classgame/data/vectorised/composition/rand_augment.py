"""RandAugment (Cubuk et al. 2020) and TrivialAugmentWide (Müller and Hutter 2021)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F  # noqa: N812 - torchvision's name for it

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.data.vectorised.appearance import colour_operations
from jupyter_classgame.data.vectorised.batch_kernel import (
    BatchKernel,
    fill_fits,
    fill_of,
    mode_of,
    per_image,
)
from jupyter_classgame.data.vectorised.geometry.sampling_grid import inverse_affine, sample_affine

Operation = Callable[[Tensor, Tensor, Any], Tensor]


def _colour(change: Callable[[Tensor, Tensor], Tensor]) -> Operation:
    def apply(images: Tensor, magnitudes: Tensor, _transform: Any) -> Tensor:
        colour_operations.check_channels(images)
        return change(images, per_image(1 + magnitudes, images))

    return apply


def _affine(
    images: Tensor,
    transform: Any,
    *,
    angle: Tensor | None = None,
    move: tuple[Tensor, Tensor] | None = None,
    shear: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    height, width = images.shape[-2:]
    zero = torch.zeros(len(images), dtype=torch.float64)
    none = zero, zero
    # torchvision's policies shear about the top left corner.
    centre = (-width * 0.5, -height * 0.5) if shear else (0.0, 0.0)
    angle = zero if angle is None else angle
    matrices = inverse_affine(angle, move or none, zero + 1, shear or none, centre)
    return sample_affine(
        images, matrices, (height, width), str(mode_of(transform)), fill_of(transform)
    )


def _shear(axis: int) -> Operation:
    def apply(images: Tensor, magnitudes: Tensor, transform: Any) -> Tensor:
        degrees = torch.rad2deg(torch.atan(magnitudes))
        zero = torch.zeros_like(degrees)
        return _affine(images, transform, shear=(degrees, zero) if axis == 0 else (zero, degrees))

    return apply


def _shift(axis: int) -> Operation:
    def apply(images: Tensor, magnitudes: Tensor, transform: Any) -> Tensor:
        pixels = magnitudes.trunc()
        zero = torch.zeros_like(pixels)
        return _affine(images, transform, move=(pixels, zero) if axis == 0 else (zero, pixels))

    return apply


def _turn(images: Tensor, magnitudes: Tensor, transform: Any) -> Tensor:
    return _affine(images, transform, angle=-(magnitudes % 360))


OPERATIONS: dict[str, Operation] = {
    "Identity": lambda images, _magnitudes, _transform: images,
    "ShearX": _shear(0),
    "ShearY": _shear(1),
    "TranslateX": _shift(0),
    "TranslateY": _shift(1),
    "Rotate": _turn,
    "Brightness": _colour(colour_operations.brightness),
    "Color": _colour(colour_operations.saturation),
    "Contrast": _colour(colour_operations.contrast),
    "Sharpness": _colour(colour_operations.sharpness),
    "Posterize": lambda images, magnitudes, _transform: colour_operations.posterize(
        images, per_image(magnitudes.trunc(), images)
    ),
    "Solarize": lambda images, magnitudes, _transform: colour_operations.solarize(
        images, per_image(magnitudes, images)
    ),
    "AutoContrast": lambda images, _magnitudes, _transform: F.autocontrast(images),
    "Equalize": lambda images, _magnitudes, _transform: F.equalize(images),
}


def step(transform: Any, images: Tensor, picked: Tensor, levels: Tensor, signs: Tensor) -> Tensor:
    """Apply one operation of the policy to every image.

    Parameters
    ----------
    picked, levels
        int64, shape (batch,).
        The operation's position in the transform's space, and the bin of its magnitude.
    signs
        float64, shape (batch,).
        1 or -1, for the operations with signed magnitudes.
    """
    height, width = images.shape[-2:]
    space = transform._AUGMENTATION_SPACE  # noqa: SLF001 - the transform's own table
    for number, (name, (magnitudes_of, signed)) in enumerate(space.items()):
        chosen = (picked == number).nonzero()[:, 0]
        if not len(chosen) or name == "Identity":
            continue
        table = magnitudes_of(transform.num_magnitude_bins, height, width)
        magnitudes = torch.zeros(len(chosen), dtype=torch.float64)
        if table is not None:
            magnitudes = table[levels[chosen]].double()
        if signed:
            magnitudes = magnitudes * signs[chosen]
        where = chosen.to(images.device)
        some = OPERATIONS[name](images.index_select(0, where), magnitudes, transform)
        images.index_copy_(0, where, some)
    return images


def _apply(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    operations = len(transform._AUGMENTATION_SPACE)  # noqa: SLF001
    wide = isinstance(transform, v2.TrivialAugmentWide)
    for number in range(1 if wide else transform.num_ops):
        inside = stream_within(stream, number)
        picked = draws.integers(stream_within(inside, 0), operations, 1)[:, 0]
        signs = 1 - 2 * draws.integers(stream_within(inside, 1), 2, 1)[:, 0].double()
        if wide:
            bins = transform.num_magnitude_bins
            levels = draws.integers(stream_within(inside, 2), bins, 1)[:, 0]
        else:
            levels = torch.full_like(picked, transform.magnitude)
        images = step(transform, images, picked, levels, signs)
    return images


def _fits(transform: Any) -> bool:
    return (
        mode_of(transform) is not None
        and fill_fits(transform)
        and set(transform._AUGMENTATION_SPACE) <= set(OPERATIONS)  # noqa: SLF001
    )


KERNELS = (BatchKernel((v2.RandAugment, v2.TrivialAugmentWide), _apply, _fits),)
