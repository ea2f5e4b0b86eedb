"""Words and numbers of messages: one way to write each, wherever it is shown."""

import math
from collections.abc import Mapping

SMALLEST, LARGEST = 1e-3, 1e5
"""Losses outside of these, but for 0, are written with an exponent."""


def counted(number: int, noun: str) -> str:
    """Write a number of things: ``1 epoch``, ``2 epochs``, ``100,000 epochs``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def score_text(share: float) -> str:
    """Write an accuracy, or another share of images: ``0.8125``."""
    return f"{share:.4f}"


def rounded_score(share: float) -> float:
    """Round an accuracy to what :func:`score_text` shows of it.

    A page that formats what is rounded already shows the same: it rounds halves in another way.
    """
    return round(float(share), 4)


def loss_text(loss: float) -> str:
    """Write a loss: ``0.3107``, ``12.3400``, ``1.23e-5``, as the labextension does."""
    if loss == 0 or not math.isfinite(loss) or SMALLEST <= abs(loss) < LARGEST:
        return f"{loss:.4f}"
    digits, exponent = f"{loss:.2e}".split("e")
    return f"{float(digits):g}e{int(exponent):+d}"


def unvalidated(monitor: str) -> str:
    """Say by what an epoch is the best where nothing is validated; empty where something is.

    It stands after the words that call an epoch the best.
    """
    number = {"train_acc": "accuracy", "train_loss": "loss"}.get(monitor)
    return f" by training {number}" if number else ""


def audited_text(steps: int, failed: int, unaudited: Mapping[str, str]) -> str:
    """Say how many steps of a run were audited, what came of it, and what could not be.

    ``unaudited`` maps what could not to the reason.
    """
    found = f"{failed} failed" if failed else "none failed"
    told = [f"{counted(steps, 'step')} audited, {found}" if steps else "no step was audited"]
    return "; ".join([*told, *unaudited_lines(unaudited)])


def unaudited_lines(unaudited: Mapping[str, str]) -> list[str]:
    """Say in a line what of a run could not be audited, and why; nothing where all could."""
    whys = dict.fromkeys(unaudited.values())
    told = {why: ", ".join(w for w, reason in unaudited.items() if reason == why) for why in whys}
    parts = [f"{what} ({why})" for why, what in told.items()]
    return [f"not audited: {', '.join(parts)}"] if parts else []
