"""Evidence of techniques, the findings of the coach, and how both name objects."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Evidence:
    """Evidence that a technique is in use.

    Parameters
    ----------
    count
        How often it is in use, 1 or more; for convolutions, how many follow one another.
    text
        What was seen, and where, in one line.
    """

    count: int
    text: str


@dataclass(frozen=True)
class Finding:
    """A mistake found before training.

    Parameters
    ----------
    code
        The fixed name of the mistake, such as ``"optimizer-stale"``.
    severity
        ``"error"`` stops a run, ``"warning"`` does not.
    message
        What is wrong, where, and why it matters.
    fix
        How to correct it, where possible as a line of code.
    """

    code: str
    severity: Severity
    message: str
    fix: str


def display_name(value: Any) -> str:
    """Return the name or the repr of an object, shortened to 70 characters."""
    text = getattr(value, "__qualname__", None) or " ".join(repr(value).split())
    if "<lambda>" in text or text.startswith("_"):  # the last part is what was written
        text = text.split(".")[-1]
    return text if len(text) <= 70 else text[:69] + "…"
