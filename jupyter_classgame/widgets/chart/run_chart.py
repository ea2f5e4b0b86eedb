"""The live chart of a run."""

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Self
from uuid import uuid4
from weakref import WeakSet

import ipywidgets as w

from jupyter_classgame.events import (
    Bus,
    EpochEnded,
    Event,
    HandEdited,
    Judged,
    Judging,
    Noticed,
    Observing,
    Progress,
    RunEnded,
    RunPaused,
    RunStarted,
)
from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.cards.verdict_card import above_a_run
from jupyter_classgame.widgets.cell_output import (
    ReplaceableOutput,
    message_bundle,
    widget_view,
)
from jupyter_classgame.widgets.chart.curve_points import epochs_of
from jupyter_classgame.widgets.chart.redraw_pace import RedrawPace
from jupyter_classgame.widgets.frontend import in_kernel
from jupyter_classgame.widgets.live_with_twin import close_tree
from jupyter_classgame.widgets.page_states import RUN
from jupyter_classgame.widgets.run.run_controls import RunControls
from jupyter_classgame.widgets.run.run_failure import failure_html, failure_told
from jupyter_classgame.widgets.run.run_status import RunStatus
from jupyter_classgame.widgets.run.shared_looks import SharedLooks
from jupyter_classgame.widgets.run.text_progress import TextProgress
from jupyter_classgame.widgets.shop.verdict_order import verdict_view

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History
    from jupyter_classgame.training.run_control import RunControl
    from jupyter_classgame.widgets.chart.curve_view import CurveView

MESSAGES = 3.6
"""Most messages a second: a background tab queues all that it is sent.

Together with the messages to the labextension, of which there are fewer within an epoch, it is 4 a
second. A redraw within an epoch takes three, so that there is at least one a second.
"""

LONG = 1.0
"""Seconds after which a look of the referee says what it looks at."""

LOOKING = "The referee looks at what this run would use …"
STARTING = "The run is starting …"


_charts: "WeakSet[RunChart]" = WeakSet()
_charts_change = threading.Lock()
"""Runs in the background add charts while others look through them."""


def is_charted(run: int) -> bool:
    """Whether a chart shows the run of this number, or will."""
    with _charts_change:
        charts = list(_charts)
    return any(chart.shows(run) for chart in charts)


class RunChart:
    """Shows a run while it trains, and leaves a static picture when it has ended.

    It appears when the referee begins its observation, below the verdict's card, and follows
    the events of this run alone. In a kernel it is a bqplot chart with a progress line and
    controls; elsewhere it writes text. As a context manager it is closed at the end, also if the
    run never started, unless the run continues in the background.

    Parameters
    ----------
    earlier
        Earlier runs to draw behind; the last few are taken.
    control
        The run's control; without one, the first run that starts is shown.
    max_updates
        Most redraws a second.
    max_messages
        Most messages a second that redraws may take, averaged over a few seconds.
    others
        Further runs that a reader can select to compare.
    live
        Whether to make widgets; by default, whether this is a kernel.
    resumable
        Whether checkpoints of the run are kept, by which a later kernel goes on.
    """

    def __init__(
        self,
        earlier: Sequence["History"] = (),
        control: "RunControl | None" = None,
        max_updates: float = 3.0,
        *,
        max_messages: float = MESSAGES,
        others: Sequence["History"] = (),
        live: bool | None = None,
        resumable: bool = True,
    ) -> None:
        self._earlier, self._others = list(earlier), list(others)
        self._control = control
        self._pace = RedrawPace(max_updates, max_messages)
        self._live = in_kernel() if live is None else live
        self._text = None if self._live else TextProgress(max_updates=max_updates)
        self._output = _new_output()
        self._lock = RLock()
        self._home = threading.get_ident()
        self._shown = False
        self._over = False
        self._fresh = False
        self._since = 0.0
        self._run: int | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self._looks = SharedLooks()
        self.state = RunStatus()
        self.state.resumable = resumable
        self.widget: w.Box = None
        self.curves: CurveView | None = None
        self.controls: RunControls | None = None
        self._status: w.HTML = None

    def follow(self, events: Bus) -> Self:
        """Subscribe to the events of a run, until it ends or the chart is closed."""
        self._unsubscribe = events.subscribe(self.handle)
        with _charts_change:
            _charts.add(self)
        return self

    def shows(self, run: int) -> bool:
        """Whether it shows the run of this number, which is under way."""
        return not self._over and self._control is not None and self._control.number == run

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exception: object) -> None:
        if kind is None and self._control is not None and self._control.under_way:
            self.show()  # while its cell is still running
            failure_told(self._control.number or 0)  # by the picture that takes the chart's place
        else:
            self.close()

    def show(self, reason: str = STARTING) -> None:
        """Display the chart here, with a line of text until the run starts."""
        with self._lock:
            if not self._live or self._shown or self._over:
                return
            self._shown = True
            if self.widget is None:
                self._make(reason)
            bundle = {
                **widget_view(self.widget.model_id),
                "text/plain": "A run is shown here while it goes on, later by history.chart().",
            }
            self._output.publish(bundle)

    def _make(self, reason: str) -> None:
        self._status = w.HTML(
            markup.line(reason), layout=self._looks.growing, style=self._looks.html
        )
        self.widget = w.Box([self._status], layout=self._looks.line, _dom_classes=(RUN,))

    def _arrange(self) -> None:
        """Put all that there is below each other, the controls beside the status."""
        controls = () if self.controls is None else self.controls.widgets
        curves = () if self.curves is None else (self.curves.widget,)
        self.widget.children = (self._status, *controls, *curves)

    def handle(self, event: Event) -> None:
        """Handle one event; those of other runs are ignored."""
        with self._lock:
            if self._over or not self._mine(event):
                return
            if isinstance(event, Judging):
                self.show(LOOKING)
                self._since = time.monotonic()
            elif isinstance(event, Observing):
                self._observing(event)
            elif isinstance(event, Judged):
                self._judged(event)
                self._say(STARTING)
            elif self._text is not None:
                self._text.handle(event)
            else:
                self._take(event)
            if isinstance(event, RunEnded):
                self._end()

    def _mine(self, event: Event) -> bool:
        """Return whether an event belongs to this run, which may have no number yet."""
        if self._run is None:
            if self._control is not None:
                self._run = self._control.number
            elif isinstance(event, RunStarted):
                self._run = event.run
        if isinstance(event, Judging | Observing | Judged):
            return self._run is None
        return self._run is not None and getattr(event, "run", None) == self._run

    def _say(self, reason: str) -> None:
        """Show a line of text in place of the curves."""
        if self.widget is not None:
            self._status.value = markup.line(reason)

    def _observing(self, event: Observing) -> None:
        """Make the axes while the referee looks, and say at what if that takes long."""
        if self.widget is not None and self.curves is None:
            self._make_curves()
            self._arrange()
        if time.monotonic() - self._since > LONG:
            self._say(f"{LOOKING[:-2]}: {', '.join(event.subjects)} …")

    def _judged(self, event: Judged) -> None:
        """Put the verdict's card, if there is one, in the chart's place, and the chart below."""
        verdict = above_a_run(event.verdict)
        if verdict is None:
            return
        card = verdict_view(verdict)
        if self._shown:
            # a page hides what takes a widget's place as a widget, once the first is closed
            self._output.replace(message_bundle("") if card.is_live else card.twin)
        if card.is_live or not self._shown:
            card.show()
        self._output, self._shown = _new_output(), False

    def _take(self, event: Event) -> None:
        self.state.take(event)
        match event:
            case Progress():
                self._redraw()
            case EpochEnded() | HandEdited():
                self._fresh = True
                self._redraw(now=self.state.first and not self.state.trained)
            case RunPaused():
                self._fresh = True
                self._redraw(now=event.paused)  # no other event follows while it lasts
            case Noticed():
                self._redraw(now=True)
            case RunStarted():
                self._start()
            case RunEnded():
                self._finish(event)
            case _:
                pass

    def _start(self) -> None:
        self.show()
        if self._control is not None:
            self.controls = RunControls(self._control, self._looks, self._hint)
            self.controls.refresh()
        if self.curves is None:
            self._make_curves()
        self._arrange()
        self._fresh = True
        self._redraw(now=True)

    def _make_curves(self) -> None:
        from jupyter_classgame.widgets.chart.curve_view import CurveView  # noqa: PLC0415  (bqplot, loaded at the first run's start)

        self.curves = CurveView(self._earlier, self._others, looks=self._looks)

    def _hint(self, hint: str) -> None:
        """Show a message about a wrong entry in place of the notes."""
        with self._lock:
            if not self._over:
                self.state.hint = hint
                self._status.value = self.state.html()

    def _redraw(self, *, now: bool = False) -> None:
        clock = time.monotonic()
        if not (now or self._pace.due(clock, more=self._fresh)) or self.curves is None:
            return
        self._pace.wait(clock)
        state = self.state
        self._status.value = state.html()
        within = state.within
        if not self._fresh and not within:
            return
        if self._fresh and self.controls is not None:
            self.controls.refresh()
        self._fresh = False
        sent = 1 + self.curves.draw(
            {name: state.curve(name) for name in self.curves.names},
            best=state.best,
            within=within,
            edits=state.edits,
            first=state.first_epoch,
        )
        self._pace.sent(sent, time.monotonic())

    def _finish(self, event: RunEnded) -> None:
        history = self.state.finished(event)
        if epochs_of(history):
            from jupyter_classgame.widgets.chart.finished_chart import keep_picture  # noqa: PLC0415  (the same)
            from jupyter_classgame.widgets.chart.static_curves import curves  # noqa: PLC0415  (matplotlib, loaded at the first run's end)

            bundle = curves(history, self._earlier)
            if self._shown:
                place, others = self._output.display_id, self._others
                bundle = keep_picture(place, bundle, history, self._earlier, others)
        else:
            bundle = message_bundle(event.message or "The run ended before its first epoch did.")
            bundle["text/html"] = failure_html(history) or bundle["text/html"]
        if self._shown and threading.get_ident() == self._home:
            failure_told(event.run)
        self._replace(bundle)

    def close(self) -> None:
        """Remove the chart if the run has not ended; a second call does nothing."""
        with self._lock:
            if self._over:
                return
            ended = "The run did not reach its end; nothing is drawn." if self.state.started else ""
            self._replace(message_bundle(ended))
            self._end()

    def _end(self) -> None:
        self._over = True
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _replace(self, bundle: dict[str, str]) -> None:
        """Replace the widgets by a static bundle, then close them, so that nothing flickers."""
        if self._shown and threading.get_ident() == self._home:
            self._output.replace(bundle)
        elif self._shown:
            # A front end finds the output by its id. Headless execution (nbclient) only accepts
            # messages of the running cell, which is the parent in an empty context.
            contextvars.Context().run(self._output.replace, bundle)
        if self.curves is not None:
            self.curves.close()
        if self.widget is not None:
            close_tree(self.widget)


def _new_output() -> ReplaceableOutput:
    return ReplaceableOutput(f"classgame-run-{uuid4().hex[:12]}")
