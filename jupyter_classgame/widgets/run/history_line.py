"""A finished run's history as one line."""

from typing import TYPE_CHECKING

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.chart.curve_points import summary

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History


def history_html(history: "History") -> str:
    """Say what a run came to, and how to see its chart."""
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"{markup.text(summary(history))} "
        f'<span style="color:{palette.MUTED_CSS}">· history.chart() shows its curves, '
        "history.frame() its numbers</span></div>"
    )
