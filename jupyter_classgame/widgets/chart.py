"""The live chart of a run, and the chart of a finished one."""

import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import ipywidgets as w

from jupyter_classgame.events import EpochEnded, Event, Noticed, Progress, RunEnded, RunStarted
from jupyter_classgame.training.history import best_epoch

from . import markup, palette
from .frontend import answer_while_busy, in_kernel
from .live import Live, close_tree
from .output import publish, replace, widget_view
from .series import best_of, epochs_of
from .states import RUN, RUN_ENDED, RUN_STYLE
from .textline import TextLine, duration, epoch_line, progress_line

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

    from .panels import Panels


class RunChart:
    """Shows a run while it goes on, and leaves a static picture when it is over.

    Hand it the run's events by :meth:`handle`, in any one thread; it appears when the run starts.
    In a kernel it is a bqplot chart with a progress line and a Stop button; elsewhere it writes
    text. As a context manager it is closed at the end, also where the run never began.

    Parameters
    ----------
    earlier
        Earlier runs, to stand grey behind; the last few are taken.
    on_stop
        Called without arguments, maybe in another thread, when Stop is clicked.
    max_updates
        Most redraws a second.
    live
        Whether to make widgets; by default, whether this is a kernel.
    """

    def __init__(
        self,
        earlier: Sequence["History"] = (),
        on_stop: Callable[[], object] | None = None,
        max_updates: float = 3.0,
        *,
        live: bool | None = None,
    ) -> None:
        self._earlier = list(earlier)
        self._on_stop = on_stop
        self._pause = 1.0 / max_updates
        self._live = in_kernel() if live is None else live
        self._text = None if self._live else TextLine(max_updates=max_updates)
        self._display_id = f"classgame-run-{uuid4().hex[:12]}"
        self._lock = RLock()
        self._next = 0.0
        self._shown = False
        self._over = False
        self._started: RunStarted | None = None
        self._progress: Progress | None = None
        self._epochs: list[EpochEnded] = []
        self._noticed: list[str] = []
        self._fresh = False
        self.widget: w.VBox = None
        self.panels: Panels | None = None
        self._status: w.HTML = None
        self.stop_button: w.Button = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _make_stop(self) -> w.Button:
        button = w.Button(
            description="Stop",
            icon="stop",
            tooltip="Stop after this batch; what was trained is kept",
            layout=w.Layout(width="112px", flex="0 0 auto", margin="0 0 0 12px"),
        )
        if self._on_stop is None:
            button.layout.display = "none"
        answer_while_busy(button)
        button.on_click(self._stop_clicked)
        return button

    def show(self) -> None:
        """Display the chart here; it appears with its axes when the run starts."""
        if not self._live or self._shown:
            return
        from . import panels as _panels  # noqa: F401, PLC0415  (bqplot loads before the run begins)

        self._shown = True
        self._status = w.HTML(
            markup.line("The run is starting …"), layout=w.Layout(flex="1 1 auto", margin="0")
        )
        self.stop_button = self._make_stop()
        head = w.HBox(
            [self._status, self.stop_button],
            layout=w.Layout(align_items="flex-start", width="100%"),
        )
        self.widget = w.VBox([head], layout=w.Layout(width="100%", max_width="1100px"))
        self.widget.add_class(RUN)
        bundle = {
            **widget_view(self.widget.model_id),
            "text/plain": "A run was under way; its chart was not finished.",
        }
        publish(bundle, self._display_id)

    def handle(self, event: Event) -> None:
        """Take one event of the run."""
        if self._text is not None:
            self._text.handle(event)
            return
        with self._lock:
            if self._over:
                return
            match event:
                case Progress():
                    self._progress = event
                    self._redraw()
                case EpochEnded():
                    self._epochs.append(event)
                    self._fresh = True
                    self._redraw()
                case RunStarted():
                    self.show()
                    self._start(event)
                case Noticed():
                    self._noticed.append(event.message)
                    self._redraw(now=True)
                case RunEnded():
                    self._finish(event)
                case _:
                    pass

    def _start(self, event: RunStarted) -> None:
        self._started = event
        from .panels import Panels  # noqa: PLC0415  (show() has loaded it)

        self.panels = Panels(event.epochs, self._earlier)
        if self.widget is None:
            self.show()
        self.widget.children = (*self.widget.children[:1], self.panels.widget)
        self._redraw(now=True)

    def _redraw(self, *, now: bool = False) -> None:
        clock = time.monotonic()
        if (clock < self._next and not now) or self.panels is None:
            return
        self._next = clock + self._pause
        self._status.value = self._status_html()
        tip = self._tip()
        if not self._fresh and tip is None:
            return
        self._fresh = False
        ended = self._epochs
        best = self._best()
        self.panels.loss.draw(
            [e.train_loss for e in ended],
            [e.val_loss for e in ended if e.val_loss is not None],
            best,
            tip and (tip[0], tip[1]),
        )
        self.panels.accuracy.draw(
            [e.train_acc for e in ended],
            [e.val_acc for e in ended if e.val_acc is not None],
            best,
            tip and (tip[0], tip[2]),
        )

    def _tip(self) -> tuple[float, float, float] | None:
        """Where the running means of the epoch under way stand: fraction of epochs, loss, acc."""
        now = self._progress
        if now is None or not now.batches or now.epoch <= len(self._epochs):
            return None
        return now.epoch - 1 + now.batch / now.batches, now.loss, now.acc

    def _best(self) -> int | None:
        """Give the epoch that is best so far, by the run's monitor."""
        if not self._epochs or self._started is None:
            return None
        monitor = self._started.monitor
        return best_epoch([getattr(epoch, monitor) for epoch in self._epochs], monitor) or None

    def _status_html(self) -> str:
        started, now = self._started, self._progress
        label = f"{started.label} on {started.device}" if started else ""
        said, share = "the first batch is under way …", 0.0
        last = self._epochs[-1] if self._epochs else None
        if now is not None and (last is None or now.epoch > last.epoch):
            said = progress_line(now, last.val_acc if last else None)
            share = (now.epoch - 1 + now.batch / (now.batches or now.batch + 1)) / now.epochs
        elif last is not None:
            said, share = epoch_line(last), last.epoch / last.epochs
        notes = "; ".join([*(started.notes if started else ()), *self._noticed])
        return (
            f'{RUN_STYLE}<div class="cg-dead" style="display:none">{markup.line(RUN_ENDED)}</div>'
            f'<div class="cg-alive" style="font-family:{palette.FONT_CSS};font-size:13px;'
            f'line-height:1.5;color:{palette.TEXT_CSS};font-variant-numeric:tabular-nums">'
            f"<strong>{markup.text(label)}</strong> &nbsp;{markup.text(said)}"
            f"{markup.meter(share, said)}{markup.line(notes) if notes else ''}</div>"
        )

    def _stop_clicked(self, button: w.Button) -> None:
        button.disabled = True
        button.description = "Stopping"
        button.icon = "hourglass-half"
        if self._on_stop is not None:
            self._on_stop()

    def _finish(self, event: RunEnded) -> None:
        self._redraw(now=True)
        self._over = True
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
            if self._over or not self._live:
                return
            self._over = True
            ended = "The run did not reach its end; nothing is drawn." if self._started else ""
            self._replace(message_bundle(ended))

    def _replace(self, bundle: dict[str, str]) -> None:
        """Put a static picture where the widgets were, then close them: nothing flickers."""
        if self._shown:
            replace(bundle, self._display_id)
            close_tree(self.widget)


def message_bundle(message: str) -> dict[str, str]:
    """Show one line where a chart would have been."""
    return {"text/html": markup.line(message) if message else "", "text/plain": message}


def live_chart(history: "History", earlier: Sequence["History"] = ()) -> Live:
    """Give the live chart of a finished run, with its static twin.

    Parameters
    ----------
    history
        The run.
    earlier
        Runs to stand grey behind.

    Returns
    -------
    Live
        Displayed as a pair of which the reader sees the live one as long as it lives.
    """
    from .panels import Panels  # noqa: PLC0415  (bqplot)
    from .twins import curves  # noqa: PLC0415  (matplotlib)

    def build() -> w.DOMWidget:
        panels = Panels(epochs_of(history), earlier, validated=bool(history.val_acc))
        panels.draw_history(history)
        title = history.label or "run"
        head = w.HTML(_finished_html(title, history))
        return w.VBox([head, panels.widget], layout=w.Layout(width="100%", max_width="1100px"))

    return Live(build, curves(history, earlier))


def show_history(history: "History") -> Live:
    """Give the live chart of a finished run: what ``history.chart()`` returns."""
    return live_chart(history)


def _finished_html(title: str, history: "History") -> str:
    best = best_of(history)
    took = duration(sum(history.seconds))
    said = f"{epochs_of(history)} epochs in {took}" + (f", best epoch {best}" if best else "")
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:13px;color:{palette.TEXT_CSS}">'
        f"<strong>{markup.text(title)}</strong> &nbsp;{markup.text(said)}</div>"
    )
