"""The referee's and the coach's plain words: evidence and findings."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Evidence:
    """That a technique is in use.

    Parameters
    ----------
    count
        How often, 1 or more; for convolutions, how many one after another.
    text
        One line: what was seen, and where.
    """

    count: int
    text: str


@dataclass(frozen=True)
class Finding:
    """A mistake found before training.

    Parameters
    ----------
    code
        A fixed name, such as ``"optimizer-stale"``.
    severity
        ``"error"`` stops a run, ``"warning"`` does not.
    message
        What, where, and why it matters.
    fix
        The line that mends it.
    """

    code: str
    severity: Severity
    message: str
    fix: str


def display_name(value: Any) -> str:
    """Give what a player knows a transform by: its name or its repr, at most 70 characters."""
    text = getattr(value, "__qualname__", None) or " ".join(repr(value).split())
    if "<lambda>" in text or text.startswith("_"):  # the last part is what was written
        text = text.split(".")[-1]
    return text if len(text) <= 70 else text[:69] + "…"
