"""The chart of a finished run: live in a kernel, with its static twin."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import ipywidgets as w

from jupyter_classgame.training.wording import counted, unvalidated
from jupyter_classgame.widgets import markup, matplotlib_figures, palette
from jupyter_classgame.widgets.cell_output import message_bundle
from jupyter_classgame.widgets.chart.curve_points import best_of, epochs_of, summary
from jupyter_classgame.widgets.live_with_twin import LiveWithTwin
from jupyter_classgame.widgets.run.run_failure import failure_html
from jupyter_classgame.widgets.run.text_progress import duration

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History
    from jupyter_classgame.widgets.matplotlib_figures import Bundle

MOST = 30
"""Most pictures of runs, the newest, that a click makes live again."""

_pictures = OrderedDict[str, LiveWithTwin]()
"""By the display id of their outputs."""


def live_chart(
    history: "History", earlier: Sequence["History"] = (), others: Sequence["History"] = ()
) -> LiveWithTwin:
    """Make the live chart of a finished run, with its static twin.

    Parameters
    ----------
    history
        The run.
    earlier
        Runs to draw behind.
    others
        Further runs that a reader can select to compare.

    Returns
    -------
    LiveWithTwin
        The pair; a reader sees the chart while its kernel is alive, and the twin after.
    """
    if not epochs_of(history):
        told = message_bundle(summary(history))
        return LiveWithTwin(None, {**told, "text/html": failure_html(history) or told["text/html"]})
    from jupyter_classgame.widgets.chart.static_curves import curves  # noqa: PLC0415  (matplotlib)

    return LiveWithTwin(_builder(history, earlier, others), curves(history, earlier))


def keep_picture(
    place: str,
    picture: "Bundle",
    history: "History",
    earlier: Sequence["History"],
    others: Sequence["History"],
) -> "Bundle":
    """Keep what the picture of a finished run shows, for :func:`open_picture`.

    Returns
    -------
    Bundle
        The picture, which names its place to the labextension.
    """
    _pictures[place] = LiveWithTwin(_builder(history, earlier, others), picture)
    while len(_pictures) > MOST:
        _pictures.popitem(last=False)
    return {**picture, "text/html": matplotlib_figures.in_hand(picture["text/html"], place)}


def open_picture(place: str) -> str:
    """Make the live chart of the run whose picture was shown at a place.

    Returns
    -------
    str
        The id of its model; empty if the picture is not known, as after a restart.
    """
    kept = _pictures.get(place)
    return "" if kept is None else kept.open()


def _builder(
    history: "History", earlier: Sequence["History"], others: Sequence["History"]
) -> Callable[[], w.DOMWidget]:
    def build() -> w.DOMWidget:
        from jupyter_classgame.widgets.chart.curve_view import CurveView  # noqa: PLC0415 - bqplot

        others_now = [run for run in others if run is not history]
        view = CurveView(earlier, others_now, validated=bool(history.val_acc))
        view.draw_history(history)
        title = history.label or "run"
        head = w.HTML(_finished_html(title, history))
        return w.VBox([head, view.widget], layout=w.Layout(width="100%", max_width="1100px"))

    return build


def show_history(history: "History") -> LiveWithTwin:
    """Make the live chart of a finished run: what a notebook shows of ``history.chart()``."""
    return live_chart(history, history.earlier, history.others)


def _finished_html(title: str, history: "History") -> str:
    best, epochs = best_of(history), epochs_of(history)
    if history.running:
        said = f"{epochs} of {history.epochs_requested} epochs so far, as it stood"
    else:
        took = duration(sum(history.seconds))
        measured = unvalidated(history.monitor)
        scores = [f"best {history.named(best)}{measured}: {history.scored(best)}"] if best else []
        scores += history.other_scores()
        said = "; ".join([f"{counted(epochs, 'epoch')} in {took}", *scores])
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"<strong>{markup.text(markup.isolated(title))}</strong> &nbsp;{markup.text(said)}</div>"
        f"{'' if history.running else failure_html(history)}"
    )
