"""The history of a run as one line of HTML."""

from typing import TYPE_CHECKING

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.chart.curve_points import summary
from jupyter_classgame.widgets.run.run_failure import failure_html, is_told

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History


def history_html(history: "History") -> str:
    """Summarise a run, and name the calls for its chart and numbers.

    How it failed is left out where the picture of the same cell has said it.
    """
    failure = failure_html(history)
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"{markup.text(summary(history, ending=not failure))} "
        f'<span style="color:{palette.MUTED_CSS}">· history.chart() shows its curves, '
        "history.frame() its numbers</span></div>"
        f"{'' if is_told(history) else failure}"
    )
