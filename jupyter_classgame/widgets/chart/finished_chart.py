"""The chart of a finished run: live where it can be, with its picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import ipywidgets as w

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cell_output import message_bundle
from jupyter_classgame.widgets.chart.curve_points import best_of, epochs_of, summary
from jupyter_classgame.widgets.live_with_twin import Live
from jupyter_classgame.widgets.run.text_progress import duration

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History


def live_chart(
    history: "History", earlier: Sequence["History"] = (), others: Sequence["History"] = ()
) -> Live:
    """Give the live chart of a finished run, with its static twin.

    Parameters
    ----------
    history
        The run.
    earlier
        Runs to stand behind.
    others
        Runs that a reader can tick to stand behind besides.

    Returns
    -------
    Live
        Displayed as a pair of which the reader sees the live one as long as it lives.
    """
    if not epochs_of(history):
        return Live(None, message_bundle(summary(history)))
    from jupyter_classgame.widgets.chart.curve_view import CurveView  # noqa: PLC0415  (bqplot)
    from jupyter_classgame.widgets.static_twins import curves  # noqa: PLC0415  (matplotlib)

    def build() -> w.DOMWidget:
        others_now = [run for run in others if run is not history]
        view = CurveView(epochs_of(history), earlier, others_now, validated=bool(history.val_acc))
        view.draw_history(history)
        title = history.label or "run"
        head = w.HTML(_finished_html(title, history))
        return w.VBox([head, view.widget], layout=w.Layout(width="100%", max_width="1100px"))

    return Live(build, curves(history, earlier))


def show_history(history: "History") -> Live:
    """Give the live chart of a finished run: what ``history.chart()`` returns."""
    return live_chart(history, history.earlier, history.others)


def _finished_html(title: str, history: "History") -> str:
    best, epochs = best_of(history), epochs_of(history)
    if history.running:
        said = f"{epochs} of {history.epochs_requested} epochs so far, as it stood"
    else:
        took = duration(sum(history.seconds))
        said = f"{epochs} epoch{'s' if epochs > 1 else ''} in {took}" + (
            f", best epoch {best}" if best else ""
        )
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"<strong>{markup.text(markup.isolated(title))}</strong> &nbsp;{markup.text(said)}</div>"
    )
