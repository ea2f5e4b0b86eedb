"""The live chart of a run, and the chart of a finished one."""

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import ipywidgets as w

from jupyter_classgame.events import (
    Bus,
    EpochEnded,
    Event,
    HandEdited,
    Noticed,
    Progress,
    RunEnded,
    RunPaused,
    RunStarted,
)

from . import markup, palette
from .frontend import in_kernel
from .live import Live, close_tree
from .output import publish, replace, widget_view
from .pace import Pace
from .run_controls import RunControls
from .run_status import RunStatus
from .series import best_of, epochs_of, summary
from .states import RUN
from .textline import TextLine, duration

if TYPE_CHECKING:
    from jupyter_classgame.training.control import RunControl
    from jupyter_classgame.training.history import History

    from .curve_view import CurveView

MESSAGES = 3.0
"""Most messages a second: a browser's tab in the background keeps all it is sent.

With what the labextension is told of a run meanwhile it is 4 a second.
"""


class RunChart:
    """Shows a run while it goes on, and leaves a static picture when it is over.

    It appears when the run starts, and takes the events of this run alone. In a kernel it is a
    bqplot chart with a progress line and controls; elsewhere it writes text. As a context manager
    it is closed at the end, also where the run never began, unless the run goes on in the
    background.

    Parameters
    ----------
    earlier
        Earlier runs, to stand behind; the last few are taken.
    control
        Of the run: tells which it is, and steers it. Without, the first run heard of is shown.
    max_updates
        Most redraws a second.
    max_messages
        Most messages a second that these may take, in any few seconds.
    others
        Runs that a reader can tick to stand behind besides.
    live
        Whether to make widgets; by default, whether this is a kernel.
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
    ) -> None:
        self._earlier, self._others = list(earlier), list(others)
        self._control = control
        self._pace = Pace(max_updates, max_messages)
        self._live = in_kernel() if live is None else live
        self._text = None if self._live else TextLine(max_updates=max_updates)
        self._display_id = f"classgame-run-{uuid4().hex[:12]}"
        self._lock = RLock()
        self._home = threading.get_ident()
        self._shown = False
        self._over = False
        self._fresh = False
        self._run: int | None = None
        self._unsubscribe: Callable[[], None] | None = None
        self.state = RunStatus()
        self.widget: w.VBox = None
        self.curves: CurveView | None = None
        self.controls: RunControls | None = None
        self._status: w.HTML = None

    def follow(self, events: Bus) -> Self:
        """Hear of the run by a bus, until it is over or the chart is closed."""
        self._unsubscribe = events.subscribe(self.handle)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exception: object) -> None:
        if kind is None and self._control is not None and self._control.under_way:
            self.show()  # while the cell is there to be shown in
        else:
            self.close()

    def show(self) -> None:
        """Display the chart here; it appears with its axes when the run starts."""
        with self._lock:
            if not self._live or self._shown or self._over:
                return
            from . import curve_view as _view  # noqa: F401, PLC0415  (bqplot, before the run begins)

            self._shown = True
            self._status = w.HTML(
                markup.line("The run is starting …"), layout=w.Layout(flex="1 1 360px", margin="0")
            )
            head = [self._status]
            if self._control is not None:
                self.controls = RunControls(self._control)
                head.append(self.controls.widget)
            flow = w.Layout(flex_flow="row wrap", align_items="flex-start", width="100%")
            self.widget = w.VBox(
                [w.HBox(head, layout=flow)], layout=w.Layout(width="100%", max_width="1100px")
            )
            self.widget.add_class(RUN)
            bundle = {
                **widget_view(self.widget.model_id),
                "text/plain": "A run was under way; history.chart() shows it when it is over.",
            }
            publish(bundle, self._display_id)

    def handle(self, event: Event) -> None:
        """Take one event; those of other runs are passed over."""
        with self._lock:
            if self._over or not self._mine(event):
                return
            if self._text is not None:
                self._text.handle(event)
            else:
                self._take(event)
            if isinstance(event, RunEnded):
                self._end()

    def _mine(self, event: Event) -> bool:
        """Say whether an event is of this chart's run."""
        if self._run is None:
            if self._control is not None:
                self._run = self._control.number
            elif isinstance(event, RunStarted):
                self._run = event.run
        return self._run is not None and getattr(event, "run", None) == self._run

    def _take(self, event: Event) -> None:
        self.state.take(event)
        match event:
            case Progress():
                self._redraw()
            case EpochEnded() | HandEdited():
                self._fresh = True
                self._redraw()
            case RunPaused():
                self._fresh = True
                self._redraw(now=event.paused)  # nothing else would tell of it while it lasts
            case Noticed():
                self._redraw(now=True)
            case RunStarted():
                self._start(event)
            case RunEnded():
                self._finish(event)
            case _:
                pass

    def _start(self, event: RunStarted) -> None:
        from .curve_view import CurveView  # noqa: PLC0415  (show() has loaded it)

        self.show()
        self.curves = CurveView(event.epochs, self._earlier, self._others)
        self.widget.children = (*self.widget.children[:1], self.curves.widget)
        self._fresh = True
        self._redraw(now=True)

    def _redraw(self, *, now: bool = False) -> None:
        clock = time.monotonic()
        if not (now or self._pace.due(clock)) or self.curves is None:
            return
        self._pace.wait(clock)
        state = self.state
        self._status.value = state.html()
        tip = state.tip
        if not self._fresh and tip is None:
            return
        if self._fresh and self.controls is not None:
            self.controls.refresh()
        self._fresh = False
        sent = 1 + self.curves.draw(
            {name: state.curve(name) for name in self.curves.names},
            best=state.best,
            tip=tip,
            edits=state.edits,
        )
        self._pace.sent(sent, time.monotonic())

    def _finish(self, event: RunEnded) -> None:
        history: History | None = event.history
        if history is not None and epochs_of(history):
            from .twins import curves  # noqa: PLC0415  (matplotlib, loaded at the first run's end)

            bundle = curves(history, self._earlier)
        else:
            bundle = message_bundle(event.message or "The run ended before its first epoch did.")
        self._replace(bundle)

    def close(self) -> None:
        """Take the chart down if the run has not ended by itself; a second call does nothing."""
        with self._lock:
            if self._over:
                return
            ended = "The run did not reach its end; nothing is drawn." if self.state.started else ""
            if self._live:
                self._replace(message_bundle(ended))
            self._end()

    def _end(self) -> None:
        self._over = True
        if self._unsubscribe is not None:
            self._unsubscribe()

    def _replace(self, bundle: dict[str, str]) -> None:
        """Put a static picture where the widgets were, then close them: nothing flickers."""
        if not self._shown:
            return
        if threading.get_ident() == self._home:
            replace(bundle, self._display_id)
        else:
            # A front end finds the place by its id. Who plays a notebook without one takes messages
            # of the cell being played alone, and that is the cell of a context that knows no other.
            contextvars.Context().run(replace, bundle, self._display_id)
        if self.curves is not None:
            self.curves.close()
        close_tree(self.widget)


def message_bundle(message: str) -> dict[str, str]:
    """Show one line where a chart would have been."""
    return {"text/html": markup.line(message) if message else "", "text/plain": message}


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
    from .curve_view import CurveView  # noqa: PLC0415  (bqplot)
    from .twins import curves  # noqa: PLC0415  (matplotlib)

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
