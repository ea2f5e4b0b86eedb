"""Tell what a random mask does to what it meets."""

from torch import Tensor

from .operations import ADDING


def kind_of(short: str, mask: Tensor, activation: Tensor) -> tuple[str, str] | None:
    """Return the technique, and what was seen of it, or None.

    Parameters
    ----------
    short
        The operation in which the two meet.
    mask
        What changes from pass to pass.
    activation
        An activation or a weight.
    """
    values = mask.detach().float().unique()  # type: ignore[no-untyped-call]
    if short in ADDING:
        many = len(values) > 2  # noqa: PLR2004
        return ("noise", "random numbers are added on the way") if many else None
    filling = short.startswith(("masked_fill", "index"))
    if not filling and not short.startswith("masked_scatter") and len(values) > 2:  # noqa: PLR2004
        return "noise", "activations are multiplied by random numbers"
    zero = float((mask.detach().float() == 0).float().mean())
    if filling:
        zero = 1 - zero
    if len(values) == 1 and float(values[0]) != 0 and not short.startswith("index"):
        return None
    each = mask.ndim == 0 or mask.numel() == 1 or all(s == 1 for s in mask.shape[1:])
    if each and not (activation.ndim == 2 and activation.shape[1] == 1):  # noqa: PLR2004
        return "stochastic-depth", "a branch is left out at random"
    return "dropout", f"a random mask zeroes {zero:.0%}"


def scattered(mask: Tensor) -> bool:
    """Whether a mask is zero here and there, neighbours independent of one another."""
    if mask.ndim < 2 or mask.shape[-1] < 2:  # noqa: PLR2004
        return False
    zeros = (mask == 0).float()
    share = float(zeros.mean())
    values = mask.unique()  # type: ignore[no-untyped-call]
    if not 0 < share < 1 or len(values) != 2:  # noqa: PLR2004
        return False
    alike = float((zeros[..., 1:] == zeros[..., :-1]).float().mean())
    return abs(alike - share**2 - (1 - share) ** 2) < 0.05  # noqa: PLR2004
