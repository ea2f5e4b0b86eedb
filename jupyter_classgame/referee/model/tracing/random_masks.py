"""Classification of random masks by what they do to activations, weights or images."""

from typing import Any

from torch import Tensor

from jupyter_classgame.referee.model.tracing.op_names import ADDING


def kind_of(short: str, mask: Tensor, activation: Tensor) -> tuple[str, str] | None:
    """Return the technique that a random mask is part of, and its evidence, or None.

    Parameters
    ----------
    short
        Name of the operation, without namespace.
    mask
        The random operand.
    activation
        The other operand: an activation or a weight.
    """
    values = mask.detach().float().unique()  # type: ignore[no-untyped-call]
    if short in ADDING:
        many = len(values) > 2
        return ("noise", "random numbers are added on the way") if many else None
    filling = short.startswith(("masked_fill", "index"))
    if not filling and not short.startswith("masked_scatter") and len(values) > 2:
        return "noise", "activations are multiplied by random numbers"
    zero = float((mask.detach().float() == 0).float().mean())
    if filling:
        zero = 1 - zero
    if len(values) == 1 and float(values[0]) != 0 and not short.startswith("index"):
        return None
    each = mask.ndim == 0 or mask.numel() == 1 or all(s == 1 for s in mask.shape[1:])
    if each and not (activation.ndim == 2 and activation.shape[1] == 1):
        return "stochastic-depth", "a branch is left out at random"
    return "dropout", f"a random mask zeroes {zero:.0%}"


def scattered(mask: Tensor) -> bool:
    """Return whether a mask is zero at independent positions."""
    if mask.ndim < 2 or mask.shape[-1] < 2:
        return False
    zeros = (mask == 0).float()
    share = float(zeros.mean())
    values = mask.unique()  # type: ignore[no-untyped-call]
    if not 0 < share < 1 or len(values) != 2:
        return False
    alike = float((zeros[..., 1:] == zeros[..., :-1]).float().mean())
    return abs(alike - share**2 - (1 - share) ** 2) < 0.05


def drops(short: str, args: Any, mask: Tensor, images: Tensor) -> bool:
    """Return whether an operation zeroes single numbers or whole channels of images at random.

    Parameters
    ----------
    short
        Name of the operation, without namespace.
    args
        Its arguments.
    mask
        The random tensor among them.
    images
        The images among them, (n, channels, ...).
    """
    if short in ("mul", "mul_"):
        values = mask.unique()  # type: ignore[no-untyped-call]
        if len(values) > 2 or int((values != 0).sum()) > 1:
            return False
        return _of_channels(mask, images) or (mask.shape == images.shape and scattered(mask))
    if short in ("masked_fill", "masked_fill_"):
        zero = float(args[2]) == 0
    elif short == "where":
        others = [a for a in args[1:] if a is not images]
        zero = len(others) == 1 and not bool((others[0] != 0).any())
    elif short in ("index_put", "index_put_"):
        zero = not bool((args[2] != 0).any())
    else:
        return False
    return zero and mask.shape == images.shape and scattered(mask)


def _of_channels(mask: Tensor, images: Tensor) -> bool:
    """Return whether a mask has one number for each channel of each image."""
    if images.ndim < 3 or images.shape[1] < 2:
        return False
    return mask.shape == (*images.shape[:2], *[1] * (images.ndim - 2))
