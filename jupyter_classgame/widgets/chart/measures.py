"""What of a run can be drawn over its epochs: loss, accuracy and learning rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_classgame.widgets.chart.curve_points import accuracy_ticks, loss_ticks


@dataclass(frozen=True)
class Measure:
    """One of the things that a chart shows.

    Attributes
    ----------
    key
        Its name in code.
    title
        Above its figure.
    train, val, averaged
        The numbers of :class:`History` that are drawn: of training, of validation and of the
        averaged weights; empty where there are none.
    ticks
        Gives an axis's ticks for the curves that are drawn.
    logarithmic
        Whether a logarithmic axis makes sense.
    digits
        A number's format.
    """

    key: str
    title: str
    train: str
    val: str = ""
    averaged: str = ""
    ticks: Callable[[Sequence[Sequence[float]]], list[float]] = loss_ticks
    logarithmic: bool = True
    digits: str = ".4f"

    @property
    def names(self) -> tuple[str, ...]:
        """The numbers that are drawn."""
        return tuple(filter(None, (self.train, self.val, self.averaged)))


LOSS = Measure("loss", "Loss", "train_loss", "val_loss", "ema_val_loss")
ACCURACY = Measure(
    "accuracy", "Accuracy", "train_acc", "val_acc", "ema_val_acc", accuracy_ticks, logarithmic=False
)
RATE = Measure("lr", "Learning rate", "lr", digits=".3~g")

MEASURES = (LOSS, ACCURACY, RATE)
NAMES = tuple(name for measure in MEASURES for name in measure.names)
"""All numbers of a run that a chart may ask for."""
