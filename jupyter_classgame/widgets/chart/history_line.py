"""The history of a run as one line of HTML."""

from typing import TYPE_CHECKING

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.chart.curve_points import summary

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History


def history_html(history: "History") -> str:
    """Summarise a run, and name the calls for its chart and numbers."""
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"{markup.text(summary(history))} "
        f'<span style="color:{palette.MUTED_CSS}">· history.chart() shows its curves, '
        "history.frame() its numbers</span></div>"
    )
