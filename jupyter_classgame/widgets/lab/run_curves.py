"""A run's curves for the labextension's chart: collected from events, thinned on request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from jupyter_classgame.events import EpochEnded, HandEdited
from jupyter_classgame.training.wording import rounded_score

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

CURVES = ("train_loss", "val_loss", "train_acc", "val_acc", "lr")
"""The curves that can be drawn."""

MAX_POINTS = 200
"""Most points of a curve, as all of a run's are one message."""

LONGEST = 200
"""Most characters of the description of an edit by hand."""


@dataclass
class RunNumbers:
    """The curves of a run under way, collected from its events."""

    train_loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    train_acc: list[float] = field(default_factory=list)
    val_acc: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    edits: list[tuple[float, str]] = field(default_factory=list)
    first_epoch: int = 0


Numbers: TypeAlias = "RunNumbers | History"
"""The curves of a run under way or of a finished one: one entry per epoch."""


def note(numbers: Numbers, event: EpochEnded | HandEdited) -> None:
    """Append the values of an event."""
    if isinstance(event, HandEdited):
        numbers.edits.append((event.epoch, event.text))
        return
    for name in CURVES:
        value = getattr(event, name)
        if value is not None:
            getattr(numbers, name).append(float(value))


def accuracies(numbers: Numbers) -> list[float]:
    """Return the accuracies on the validation images or, without any, on the training images."""
    return numbers.val_acc or numbers.train_acc


def curves_message(numbers: Numbers) -> dict[str, Any]:
    """Return a run's curves as a message of the protocol.

    Returns
    -------
    dict
        ``curves``: for each of :data:`CURVES` pairs of epoch (from 1, in the model's whole life)
        and value, at most :data:`MAX_POINTS`, without those that are not finite; ``edits``: the
        newest ``curve_points.MAX_EDITS``, pairs of how many epochs were done and what was changed.
    """
    from jupyter_classgame.widgets.chart.curve_points import MAX_EDITS  # noqa: PLC0415 - loads NumPy

    first = numbers.first_epoch
    return {
        "curves": {
            name: [[first + epoch, value] for epoch, value in pairs(_shown(numbers, name))]
            for name in CURVES
        },
        "edits": [
            [round(first + float(epoch), 4), cut(text, LONGEST)]
            for epoch, text in numbers.edits[-MAX_EDITS:]
        ],
    }


def _shown(numbers: Numbers, name: str) -> Sequence[float]:
    """Give the values of a curve, accuracies as they are written: a page rounds otherwise."""
    values: list[float] = getattr(numbers, name)
    return [rounded_score(value) for value in values] if name.endswith("acc") else values


def recorded_message(curves: Mapping[str, Sequence[Sequence[Any]]]) -> dict[str, Any]:
    """Return the curves that the ledger has of a run as a message of the protocol."""
    return {
        "curves": {name: curves.get(name, []) for name in CURVES},
        "edits": [
            [round(float(at), 4), cut(what, LONGEST)] for at, what in curves.get("edits", [])
        ],
    }


def pairs(values: Sequence[float], limit: int = MAX_POINTS) -> list[list[float]]:
    """Return pairs of epoch and value to six digits, without values that are not finite.

    Parameters
    ----------
    values
        One an epoch, from the first.
    limit
        Most pairs.
    """
    if not values:
        return []
    from jupyter_classgame.widgets.chart.curve_points import thin  # noqa: PLC0415 - loads NumPy

    epochs, heights = thin(values, limit=limit)
    found = zip(epochs.tolist(), heights.tolist(), strict=True)
    return [[int(epoch), float(f"{height:.6g}")] for epoch, height in found]


def cut(text: str, most: int) -> str:
    """Shorten a text to so many characters, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
