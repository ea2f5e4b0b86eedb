"""Runs to compare with the run of a chart, each with its colour and dash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.chart.chart_metrics import ChartMetric
from jupyter_classgame.widgets.short_names import short

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

DASHES = {"solid": "", "dashed": "6 4", "dotted": "2 4", "dash_dotted": "7 3 2 3"}
"""bqplot's line styles, and the same as SVG dash arrays."""


@dataclass(frozen=True)
class ComparedRun:
    """A run drawn behind the run of a chart, in its own colour and dash."""

    run: "History"
    colour: str
    dash: str

    @classmethod
    def of(cls, run: "History", place: int) -> "ComparedRun":
        """Style a run by its place among those that can be compared."""
        colours, dashes = palette.COMPARED, list(DASHES)
        dash = dashes[(place + place // len(colours)) % len(dashes)]
        return cls(run, colours[place % len(colours)], dash)

    @property
    def name(self) -> str:
        """The run's label, shortened."""
        return short(self.run.label or "run", 28)

    def curve(self, measure: ChartMetric) -> Sequence[float]:
        """Return the values to draw: those of validation, if there are any."""
        validated: Sequence[float] = getattr(self.run, measure.val) if measure.val else ()
        trained: Sequence[float] = getattr(self.run, measure.train)
        return validated or trained

    def sample(self) -> str:
        """Draw a sample of its line, as HTML."""
        return (
            '<svg width="26" height="10" aria-hidden="true" style="vertical-align:middle">'
            f'<line x1="1" y1="5" x2="25" y2="5" stroke="{self.colour}" stroke-width="2" '
            f'stroke-dasharray="{DASHES[self.dash]}"/></svg>'
        )
