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
from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.page_states import RUN_ENDED, RUN_STYLE
from jupyter_classgame.widgets.run.text_progress import edit_line, epoch_line, progress_line

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
    """

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.progress: Progress | None = None
        self.epochs: list[EpochEnded] = []
        self.edits: list[tuple[float, str]] = []
        self.paused = False
        self._noticed: list[str] = []
        self._unranked: list[str] = []

    def take(self, event: Event) -> None:
        """Handle one event of the run."""
        match event:
            case Progress():
                self.progress = event
            case EpochEnded():
                self.epochs.append(event)
            case RunStarted():
                self.started = event
                self.epochs = list(event.earlier)
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
    def tip(self) -> tuple[float, float, float] | None:
        """Running means of the current epoch: fraction of epochs done, loss, accuracy."""
        now = self.progress
        if now is None or not now.batches or now.epoch <= len(self.epochs):
            return None
        return now.epoch - 1 + now.batch / now.batches, now.loss, now.acc

    @property
    def best(self) -> int | None:
        """The best epoch so far, by the run's monitor."""
        if not self.epochs or self.started is None:
            return None
        monitor = self.started.monitor
        return best_epoch([getattr(epoch, monitor) for epoch in self.epochs], monitor) or None

    def finished(self, event: RunEnded) -> History:
        """Return the run as its history has it at the end, which was taken before."""
        started = self.started
        history = History(run=event.run, edits=self.edits)
        history.stopped_by, history.message = event.stopped_by, event.message
        for name in NUMBERS:
            setattr(history, name, self.curve(name))
        if started is not None:
            history.label, history.epochs_requested = started.label, started.epochs
            history.monitor, history.seed = started.monitor, started.seed
            history.device = started.device
            history.unranked_reasons = (*started.unranked_reasons, *self._unranked)
        history.best_epoch = self.best or 0
        return history

    def html(self) -> str:
        """Format the status as a line with a progress bar, and notes below."""
        started = self.started
        label = f"{started.label} on {started.device}" if started else ""
        said, share = self._said()
        said = f"paused · {said}" if self.paused else said
        notes = [*(started.notes if started else ()), *self._noticed]
        notes += [edit_line(*edit) for edit in self.edits[-1:]]
        return (
            f'{RUN_STYLE}<div class="cg-dead" style="display:none">{markup.line(RUN_ENDED)}</div>'
            f'<div class="cg-alive" style="font-family:{palette.FONT_CSS};font-size:13px;'
            f'line-height:1.5;color:{palette.TEXT_CSS};font-variant-numeric:tabular-nums">'
            f'<div style="min-height:3em"><strong>{markup.text(markup.isolated(label))}</strong> '
            f"&nbsp;{markup.text(said)}</div>"
            f"{markup.meter(share, said)}{self._lost_rank()}"
            f"{markup.line('; '.join(notes) or NO_NOTE)}</div>"
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
            return progress_line(now, last.val_acc if last else None), share
        if last is not None:
            return epoch_line(last), last.epoch / last.epochs
        return "the first batch is under way …", 0.0
