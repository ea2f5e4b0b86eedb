"""The metrics that a chart can draw over epochs: loss, accuracy and learning rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_classgame.training.wording import rounded_score
from jupyter_classgame.widgets.chart.curve_points import accuracy_ticks, loss_ticks


@dataclass(frozen=True)
class ChartMetric:
    """A metric that a chart can draw.

    Attributes
    ----------
    key
        Its short name.
    title
        Title of its figure.
    train, val, averaged
        Fields of :class:`History`: for training, validation and averaged weights; empty if there
        is none.
    ticks
        Returns an axis's ticks for the curves that are drawn; ``whole`` from 0.
    logarithmic
        Whether a logarithmic axis makes sense.
    digits
        Number format, in d3's notation.
    """

    key: str
    title: str
    train: str
    val: str = ""
    averaged: str = ""
    ticks: Callable[..., list[float]] = loss_ticks
    logarithmic: bool = True
    digits: str = ".4f"

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its fields."""
        return tuple(filter(None, (self.train, self.val, self.averaged)))

    def shown(self, values: Sequence[float]) -> Sequence[float]:
        """Give the values to format: accuracies are rounded, as a page rounds halves otherwise."""
        return [rounded_score(value) for value in values] if self.key == "accuracy" else values


LOSS = ChartMetric("loss", "Loss", "train_loss", "val_loss", "ema_val_loss")
ACCURACY = ChartMetric(
    "accuracy", "Accuracy", "train_acc", "val_acc", "ema_val_acc", accuracy_ticks, logarithmic=False
)
RATE = ChartMetric("lr", "Learning rate", "lr", digits=".3~g")

MEASURES = (LOSS, ACCURACY, RATE)
NAMES = tuple(name for measure in MEASURES for name in measure.names)
"""The History fields of all metrics."""
