"""The state of a run, collected from its events, and the status line above its chart."""

from jupyter_classgame.events import (
    EpochEnded,
    Event,
    HandEdited,
    Noticed,
    Progress,
    RunEnded,
    RunPaused,
    RunStarted,
)
from jupyter_classgame.training.history import NUMBERS, History, best_epoch
from jupyter_classgame.training.wording import loss_text, score_text
from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.page_states import RUN_ENDED, RUN_STYLE
from jupyter_classgame.widgets.run.epoch_means import EpochMeans, Means
from jupyter_classgame.widgets.run.text_progress import edit_line, epoch_line, progress_line

TWO_LINES = "height:3em;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;"
TWO_LINES += "-webkit-line-clamp:2"
"""Two lines, whatever the width; the pointer brings up what has no room, the least important."""

NAME = (
    "display:inline-block;max-width:60%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;"
    "vertical-align:bottom"
)
"""A long name leaves room for the numbers in them."""

NO_NOTE = "\N{NO-BREAK SPACE}"
"""Keeps the place of the notes, so that nothing below moves when one comes."""


class RunStatus:
    """Collects a run's events.

    Attributes
    ----------
    epochs
        The epochs that have ended.
    edits
        Edits by hand, in the form of :class:`History`.
    paused
        Whether the run is paused.
    resumable
        Whether checkpoints of it are kept, by which a later kernel goes on.
    hint
        What is wrong with an entry beside the chart, as HTML.
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.progress: Progress | None = None
        self.epochs: list[EpochEnded] = []
        self.edits: list[tuple[float, str]] = []
        self.paused = False
        self.resumable = True
        self.hint = ""
        self._means = EpochMeans()
        self._noticed: list[str] = []
        self._unranked: list[str] = []

    def take(self, event: Event) -> None:
        """Handle one event of the run."""
        match event:
            case Progress():
                self.progress = event
                self._means.take(event)
            case EpochEnded():
                self.epochs.append(event)
                self._means.take(event)
            case RunStarted():
                self.started = event
                self.epochs = list(event.earlier)
                for epoch in event.earlier[-1:]:
                    self._means.take(epoch)
            case RunEnded():  # what was undone does not stand in the end
                self.epochs, self.edits = list(event.epochs), list(event.edits)
            case RunPaused():
                self.paused = event.paused
            case HandEdited():
                self.edits.append((event.epoch, event.text))
            case Noticed():
                (self._unranked if event.unranked else self._noticed).append(event.message)
            case _:
                pass

    def curve(self, name: str) -> list[float]:
        """Return one field of all epochs that have it."""
        values = (getattr(epoch, name) for epoch in self.epochs)
        return [value for value in values if value is not None]

    @property
    def within(self) -> list[Means]:
        """Means within epochs that a chart draws beside those of whole epochs.

        Of the first epoch that is trained they are drawn from batch to batch, until there is a
        second one to draw a line to; later the newest alone, at the end of the line.
        """
        now, epochs = self._means.points(), len(self.epochs)
        if not now or now[-1].at <= epochs:
            now = []
        if epochs > 1:
            return now[-1:]
        return [*self._means.begun(), *now] if epochs else now

    @property
    def first(self) -> bool:
        """Whether one epoch has been trained so far."""
        before = len(self.started.earlier) if self.started else 0
        return len(self.epochs) == before + 1

    @property
    def trained(self) -> bool:
        """Whether the last epoch has ended: what is drawn next is the whole run's picture."""
        last = self.epochs[-1] if self.epochs else None
        return last is not None and last.epoch >= last.epochs

    @property
    def best(self) -> int | None:
        """The best epoch so far, by the run's monitor."""
        if not self.epochs or self.started is None:
            return None
        monitor = self.started.monitor
        return best_epoch([getattr(epoch, monitor) for epoch in self.epochs], monitor) or None

    @property
    def first_epoch(self) -> int:
        """Epochs that the model had been trained for before the run."""
        return self.started.first_epoch if self.started else 0

    def finished(self, event: RunEnded) -> History:
        """Return the run as its history has it at the end, which was taken before."""
        started = self.started
        history = History(run=event.run, edits=self.edits, first_epoch=self.first_epoch)
        history.epochs_begun = event.epochs_begun
        history.kept, history.kept_epoch = event.kept, event.kept_epoch
        history.stopped_by, history.message = event.stopped_by, event.message
        for name in NUMBERS:
            setattr(history, name, self.curve(name))
        if started is not None:
            history.label, history.epochs_requested = started.label, started.epochs
            history.monitor, history.seed = started.monitor, started.seed
            history.device = started.device
            history.unranked_reasons = (*started.unranked_reasons, *self._unranked)
            history.unused = started.unused
        history.best_epoch = self.best or 0
        return history

    def html(self) -> str:
        """Format the status as a line with a progress bar, and notes below."""
        started = self.started
        label = f"{started.label} on {started.device}" if started else ""
        said, share = self._said()
        said = f"paused · {said}" if self.paused else said
        notes = [*((*started.notes, *started.unused) if started else ()), *self._noticed]
        notes += [edit_line(*edit) for edit in self.edits[-1:]]
        return (
            f'{RUN_STYLE}<div class="cg-dead" style="display:none">'
            f"{markup.line(self._if_dead())}</div>"
            f'<div class="cg-alive" style="font-family:{palette.FONT_CSS};font-size:13px;'
            f'line-height:1.5;color:{palette.TEXT_CSS};font-variant-numeric:tabular-nums">'
            f'<div style="{TWO_LINES}" title="{markup.text(f"{label} {said}")}">'
            f'<strong style="{NAME}">{markup.text(markup.isolated(label))}</strong> '
            f"&nbsp;{markup.text(said)}</div>"
            f"{markup.meter(share, said)}{self._lost_rank()}"
            f"{self.hint or markup.line('; '.join(notes) or NO_NOTE)}</div>"
        )

    def _best_said(self) -> str:
        """Name the best epoch so far and its value, where there is a choice; else nothing."""
        if self.best is None or self.started is None or len(self.epochs) == 1:
            return ""
        monitor = self.started.monitor
        text = loss_text if monitor.endswith("loss") else score_text
        value = text(getattr(self.epochs[self.best - 1], monitor))
        words = monitor.replace("train", "training").replace("_", " ")
        return f"best {words} {value} (epoch {self.best})"

    def _if_dead(self) -> str:
        """Say what to do once the kernel is gone; the page shows it then."""
        if not (self.epochs and self.resumable):
            return f"{RUN_ENDED}; run the cell again."
        return (
            f"{RUN_ENDED}, after epoch {self.epochs[-1].epoch}: run the cells that make its "
            "objects, then %train --resume goes on from there."
        )

    def _lost_rank(self) -> str:
        """Say in red why the run has no rank although it was to have one."""
        said = markup.text("; ".join(self._unranked))
        return f'<div style="color:{palette.BAD_CSS};margin-top:6px">{said}</div>' if said else ""

    def _said(self) -> tuple[str, float]:
        now = self.progress
        last = self.epochs[-1] if self.epochs else None
        if now is not None and (last is None or now.epoch > last.epoch):
            share = (now.epoch - 1 + now.batch / (now.batches or now.batch + 1)) / now.epochs
            val_acc = last.val_acc if last else None
            return progress_line(now, val_acc, self._best_said()), share
        if last is not None:
            line = " · ".join(filter(None, [epoch_line(last), self._best_said()]))
            return line, last.epoch / last.epochs
        return "the first batch is under way …", 0.0
