"""The history of a run as one line of HTML."""

import contextvars
from typing import TYPE_CHECKING
from uuid import uuid4

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cell_output import ReplaceableOutput
from jupyter_classgame.widgets.chart.curve_points import summary
from jupyter_classgame.widgets.frontend import in_kernel
from jupyter_classgame.widgets.run.run_failure import failure_html, is_told

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History


def history_html(history: "History", *, told: bool | None = None) -> str:
    """Summarise a run, and name the calls for its chart and numbers.

    How it failed is left out where the picture of the same cell has ``told`` it; None finds out.
    """
    failure = failure_html(history)
    told = is_told(history) if told is None else told
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"{markup.text(summary(history, ending=not failure))} "
        f'<span style="color:{palette.MUTED_CSS}">· history.chart() shows its curves, '
        "history.frame() its numbers</span></div>"
        f"{'' if told else failure}"
    )


def history_bundle(history: "History", *, told: bool | None = None) -> dict[str, str]:
    """Summarise a run as HTML and as text."""
    return {"text/html": history_html(history, told=told), "text/plain": summary(history)}


def follow_to_the_end(history: "History") -> None:
    """Display a run under way, and what came of it in the same place once it is over.

    Raises
    ------
    NotImplementedError
        It is over, or this is no kernel: it is displayed as any object is.
    """
    if not (history.running and in_kernel()):
        raise NotImplementedError
    told = is_told(history)
    output = ReplaceableOutput(f"classgame-history-{uuid4().hex[:12]}")
    output.publish(history_bundle(history, told=told))

    def end() -> None:
        # In an empty context, as headless execution takes messages of the running cell alone.
        contextvars.Context().run(output.replace, history_bundle(history, told=told))

    history.when_over(end)
