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
    last
        The last epoch that has a place on it.
    """

    def __init__(self, last: int = 1) -> None:
        self._ticks = epoch_ticks(last)
        self._zoomed = False
        self.scale = bq.LinearScale(min=0.0, max=self._ticks[-1] * PAST)
        answer_while_busy(self.scale)  # its limits change by zooming
        self.axis = bq.Axis(
            scale=self.scale, label="epoch", label_offset="30px", label_color=palette.LABEL,
            grid_lines="none", tick_values=np.array(self._ticks, np.float32), tick_format="~g",
            tick_style={"font-size": "11px"},
        )  # fmt: skip

    def fit(self, last: int) -> int:
        """Reach to an epoch, with round ticks, unless zoomed; return the messages sent."""
        ticks = epoch_ticks(last)
        longer, self._ticks = ticks != self._ticks, ticks
        return self._reach() if longer and not self._zoomed else 0

    def _reach(self) -> int:
        with self.scale.hold_sync():
            self.scale.min, self.scale.max = 0.0, self._ticks[-1] * PAST
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
