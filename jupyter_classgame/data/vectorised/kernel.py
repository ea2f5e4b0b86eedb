"""What a kernel is: one kind of transform, applied to a whole batch with a draw for every image."""

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
class Kernel:
    """How the transforms of some classes are applied to a batch.

    Parameters
    ----------
    kinds : tuple of type
        The very classes; a subclass may do anything, so it is not meant.
    apply : callable
        ``apply(transform, images, draws, stream)`` reads the parameters of `transform` as they are
        now and returns the new images. `images` are float32 of shape (batch, channels, height,
        width) and may be overwritten.
    fits : callable
        Whether the kernel does exactly what a transform with these parameters does.
    parts : callable
        The transforms inside, which must have kernels too.
    random : bool
        Whether anything is drawn.
    """

    kinds: tuple[type, ...]
    apply: Apply
    fits: Callable[[Any], bool] = _always
    parts: Callable[[Any], Sequence[Any]] = _no_parts
    random: bool = True


_KERNELS: dict[type, Kernel] = {}


def register(*kernels: Kernel) -> None:
    """Make kernels known."""
    _KERNELS.update({kind: kernel for kernel in kernels for kind in kernel.kinds})


def find(transform: Any) -> Kernel | None:
    """Return the kernel for a transform as it is now, None when it must go image by image."""
    kernel = _KERNELS.get(type(transform))
    if kernel is None or not untouched(transform):
        return None
    try:
        known = kernel.fits(transform) and all(map(find, kernel.parts(transform)))
    except (AttributeError, TypeError, ValueError):  # an attribute was set to what it cannot be
        return None
    return kernel if known else None


def untouched(transform: Any) -> bool:
    """Whether an object does what its class says: no method replaced, no hook on it."""
    state = vars(transform)
    if isinstance(transform, nn.Module) and (
        state["_forward_hooks"] or state["_forward_pre_hooks"]
    ):
        return False
    return not any(
        callable(value) and hasattr(type(transform), key) for key, value in state.items()
    )


def run(transforms: Sequence[Any], images: Tensor, draws: Draws, stream: int) -> Tensor:
    """Apply transforms that have kernels, one after the other."""
    for place, transform in enumerate(transforms):
        kernel = find(transform)
        if kernel is None:
            raise DataError(f"transform {type(transform).__name__} was changed while it was used.")
        images = kernel.apply(transform, images, draws, stream_within(stream, place))
    return images


def on_some(
    images: Tensor, draws: Draws, chosen: Tensor, apply: Callable[[Tensor, Draws], Tensor]
) -> Tensor:
    """Apply a function to the images at some positions of the batch, and put them back."""
    if len(chosen) == len(images):
        return apply(images, draws)
    if not len(chosen):
        return images
    where = chosen.to(images.device)
    return put(images, where, apply(images.index_select(0, where), draws.take(chosen)))


def put(images: Tensor, where: Tensor, changed: Tensor) -> Tensor:
    """Overwrite the images at some positions, which may have got other channels or sizes not."""
    if changed.shape[1:] != images.shape[1:]:
        raise DataError(
            f"a random transform turned some images of {tuple(images.shape[1:])} into "
            f"{tuple(changed.shape[1:])}; a batch needs one size, end with v2.Resize((H, W))."
        )
    return images.index_copy_(0, where, changed)


def per_image(values: Tensor, images: Tensor) -> Tensor:
    """Give one number an image the shape (batch, 1, 1, 1), the images' type and their device."""
    return values.to(images.dtype).to(images.device, non_blocking=True).view(-1, 1, 1, 1)


def fill_of(transform: Any) -> Any:
    """Return the fill value that a plain tensor gets, a number, a list of numbers or None."""
    fill = transform.fill
    chosen = getattr(transform, "_fill", None)  # what torchvision's v2 goes by
    if isinstance(chosen, dict):
        fill = chosen.get(torch.Tensor, chosen.get("others"))
    return fill


def fill_fits(transform: Any) -> bool:
    """Whether the fill value is one for all kinds of images, and made of numbers."""
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
    """Return the interpolation as grid_sample calls it, None when it has no name there."""
    value = getattr(transform.interpolation, "value", transform.interpolation)
    return MODES.get(value)
