"""Runs that are compared with the one a chart shows: a colour and a dash for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.chart.measures import Measure
from jupyter_classgame.widgets.chart.short_names import short

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

DASHES = {"solid": "", "dashed": "6 4", "dotted": "2 4", "dash_dotted": "7 3 2 3"}
"""bqplot's line styles, and the same in a sample of a line."""


@dataclass(frozen=True)
class Compared:
    """A run that stands behind the one shown, in a colour and a dash of its own."""

    run: "History"
    colour: str
    dash: str

    @classmethod
    def of(cls, run: "History", place: int) -> "Compared":
        """Give the run at a place among those that can be compared."""
        colours, dashes = palette.COMPARED, list(DASHES)
        dash = dashes[(place + place // len(colours)) % len(dashes)]
        return cls(run, colours[place % len(colours)], dash)

    @property
    def name(self) -> str:
        """What the run is called, as a chart has room for it."""
        return short(self.run.label or "run", 28)

    def curve(self, measure: Measure) -> Sequence[float]:
        """Give the numbers that are drawn: of validation where there are any."""
        validated: Sequence[float] = getattr(self.run, measure.val) if measure.val else ()
        trained: Sequence[float] = getattr(self.run, measure.train)
        return validated or trained

    def sample(self) -> str:
        """Draw a piece of its line, as HTML."""
        return (
            '<svg width="26" height="10" aria-hidden="true" style="vertical-align:middle">'
            f'<line x1="1" y1="5" x2="25" y2="5" stroke="{self.colour}" stroke-width="2" '
            f'stroke-dasharray="{DASHES[self.dash]}"/></svg>'
        )
