"""The axis of epochs of a chart's figures."""

import numpy as np

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.bqplot_import import bq
from jupyter_classgame.widgets.chart.curve_points import epoch_ticks
from jupyter_classgame.widgets.frontend import answer_while_busy

PAST = 1.02
"""Axes reach a little past their last ticks, for the dots there to be whole."""


class EpochAxis:
    """An axis that figures beside each other share, so that zooming one moves all.

    Parameters
    ----------
    first, last
        The epochs of a model's life between which there is something to show.
    label
        What it is called.
    """

    def __init__(self, first: int = 0, last: int = 1, label: str = "epoch") -> None:
        self._ticks = epoch_ticks(last, first)
        self._zoomed = False
        self.scale = bq.LinearScale(**dict(zip(("min", "max"), self._limits(), strict=True)))
        answer_while_busy(self.scale)  # its limits change by zooming
        self.axis = bq.Axis(
            scale=self.scale, label=label, label_offset="30px", label_color=palette.LABEL,
            grid_lines="none",
            tick_values=np.array(self._ticks, np.float32), tick_format="~g",
            tick_style={"font-size": "11px"},
        )  # fmt: skip

    def fit(self, first: int, last: int, label: str) -> int:
        """Reach from an epoch to another, with round ticks, unless zoomed; return the messages."""
        ticks = epoch_ticks(last, first)
        other, self._ticks = ticks != self._ticks, ticks
        renamed = bool(label != self.axis.label)
        self.axis.label = label
        return renamed + (self._reach() if other and not self._zoomed else 0)

    def _limits(self) -> tuple[float, float]:
        low, high = float(self._ticks[0]), float(self._ticks[-1])
        return low, low + (high - low) * PAST

    def _reach(self) -> int:
        with self.scale.hold_sync():
            self.scale.min, self.scale.max = self._limits()
        self.axis.tick_values = np.array(self._ticks, np.float32)
        return 2

    def zoom(self) -> None:
        """Stay where a reader moves it to; bqplot chooses round ticks."""
        self._zoomed = True
        self.axis.tick_values = None

    def whole(self) -> None:
        """Show all epochs again."""
        self._zoomed = False
        self._reach()
        self.scale.send_state(("min", "max"))  # the page may have changed them without a message
