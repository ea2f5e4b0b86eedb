"""Batch kernels: a transform applied to a whole batch, with a draw for every image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.errors import DataError

Apply = Callable[[Any, Tensor, Draws, int], Tensor]


def _always(_transform: Any) -> bool:
    return True


def _no_parts(_transform: Any) -> Sequence[Any]:
    return ()


@dataclass(frozen=True)
class BatchKernel:
    """Applies the transforms of some classes to a batch.

    Parameters
    ----------
    kinds
        Classes of transforms; subclasses are excluded, since they may override anything.
    apply
        ``apply(transform, images, draws, stream)`` reads the current parameters of ``transform``
        and returns the new images. ``images`` are float32 of shape (batch, channels, height, width)
        and may be overwritten.
    fits
        ``fits(transform)`` is whether the kernel supports the transform's parameters.
    parts
        ``parts(transform)`` are the transforms within, which must have kernels too.
    random
        Whether the transform draws random numbers.
    """

    kinds: tuple[type, ...]
    apply: Apply
    fits: Callable[[Any], bool] = _always
    parts: Callable[[Any], Sequence[Any]] = _no_parts
    random: bool = True


_KERNELS: dict[type, BatchKernel] = {}


def register(*kernels: BatchKernel) -> None:
    """Add kernels to those that :func:`find_kernel` finds."""
    _KERNELS.update({kind: kernel for kernel in kernels for kind in kernel.kinds})


def find_kernel(transform: Any) -> BatchKernel | None:
    """Return the kernel for a transform with its current parameters; None if there is none."""
    kernel = _KERNELS.get(type(transform))
    if kernel is None or not untouched(transform):
        return None
    try:
        known = kernel.fits(transform) and all(map(find_kernel, kernel.parts(transform)))
    except (AttributeError, TypeError, ValueError):  # an attribute has a value of a wrong type
        return None
    return kernel if known else None


def untouched(transform: Any) -> bool:
    """Whether an object behaves as its class does: no replaced methods, no hooks."""
    state = vars(transform)
    if isinstance(transform, nn.Module) and (
        state["_forward_hooks"] or state["_forward_pre_hooks"]
    ):
        return False
    return not any(
        callable(value) and hasattr(type(transform), key) for key, value in state.items()
    )


def run(transforms: Sequence[Any], images: Tensor, draws: Draws, stream: int) -> Tensor:
    """Apply transforms that have kernels, in their order.

    Raises
    ------
    DataError
        A transform has no kernel any more.
    """
    for place, transform in enumerate(transforms):
        kernel = find_kernel(transform)
        if kernel is None:
            raise DataError(f"transform {type(transform).__name__} was changed while it was used.")
        images = kernel.apply(transform, images, draws, stream_within(stream, place))
    return images


def on_some(
    images: Tensor, draws: Draws, chosen: Tensor, apply: Callable[[Tensor, Draws], Tensor]
) -> Tensor:
    """Apply a function to the images at positions ``chosen`` of the batch only."""
    if len(chosen) == len(images):
        return apply(images, draws)
    if not len(chosen):
        return images
    where = chosen.to(images.device)
    return overwrite(images, where, apply(images.index_select(0, where), draws.take(chosen)))


def overwrite(images: Tensor, where: Tensor, changed: Tensor) -> Tensor:
    """Overwrite the images at some positions of the batch.

    Raises
    ------
    DataError
        The new images are of another shape.
    """
    if changed.shape[1:] != images.shape[1:]:
        raise DataError(
            f"a random transform turned some images of {tuple(images.shape[1:])} into "
            f"{tuple(changed.shape[1:])}",
            "a batch needs one size, end with v2.Resize((H, W)).",
        )
    return images.index_copy_(0, where, changed)


def per_image(values: Tensor, images: Tensor) -> Tensor:
    """Reshape one value an image to (batch, 1, 1, 1), with the dtype and device of the images."""
    return values.to(images.dtype).to(images.device, non_blocking=True).view(-1, 1, 1, 1)


def fill_of(transform: Any) -> Any:
    """Return a transform's fill value for plain tensors: a number, a list of numbers or None."""
    fill = transform.fill
    chosen = getattr(transform, "_fill", None)  # torchvision's v2 uses this one
    if isinstance(chosen, dict):
        fill = chosen.get(torch.Tensor, chosen.get("others"))
    return fill


def fill_fits(transform: Any) -> bool:
    """Whether the fill value is numeric and the same for all types of images."""
    chosen = getattr(transform, "_fill", None)
    if isinstance(chosen, dict) and set(chosen) != {"others"}:
        return False
    fill = fill_of(transform)
    return fill is None or _number(fill) or (
        isinstance(fill, (list, tuple)) and len(fill) in (1, 3) and all(map(_number, fill))
    )  # fmt: skip


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


MODES = {"nearest": "nearest", "bilinear": "bilinear", 0: "nearest", 2: "bilinear"}


def mode_of(transform: Any) -> str | None:
    """Return a transform's interpolation as ``grid_sample`` names it; None if it has no name."""
    value = getattr(transform.interpolation, "value", transform.interpolation)
    return MODES.get(value)
