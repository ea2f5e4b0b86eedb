"""A run's progress as text: in a terminal one rewritten line, in a log a line per epoch."""

import sys
import time
from typing import TextIO

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
from jupyter_classgame.training.history import MEASURED, History, best_epoch
from jupyter_classgame.training.wording import loss_text, score_text


def duration(seconds: float) -> str:
    """Format a duration: ``12 s``, ``2 min 05 s``, ``1 h 03 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def progress_line(progress: Progress, val_acc: float | None, best: str = "") -> str:
    """Format ``epoch 3/10 · batch 40/113 · loss 0.3107 · acc 0.9012 · 12 s left``.

    The ``best`` epoch so far, in words, stands before what matters least.
    """
    batches = f"/{progress.batches}" if progress.batches else ""
    parts = [
        f"epoch {progress.epoch}/{progress.epochs}",
        f"batch {progress.batch}{batches}",
        f"loss {loss_text(progress.loss)}",
        f"acc {score_text(progress.acc)}",
    ]
    if val_acc is not None:
        parts.append(f"val acc {score_text(val_acc)}")
    if progress.eta is not None:
        parts.append(f"{duration(progress.eta)} left")
    if best:
        parts.append(best)
    if progress.threads < progress.most_threads:
        parts.append(f"{progress.threads} of {progress.most_threads} threads, fastest now")
    return " · ".join(parts)


def epoch_line(epoch: EpochEnded) -> str:
    """Format the values of one epoch."""
    parts = [
        f"epoch {epoch.epoch}/{epoch.epochs}",
        f"loss {loss_text(epoch.train_loss)}",
        f"acc {score_text(epoch.train_acc)}",
    ]
    if epoch.val_loss is not None:
        parts.append(f"val loss {loss_text(epoch.val_loss)}")
    if epoch.val_acc is not None:
        parts.append(f"val acc {score_text(epoch.val_acc)}")
    if epoch.eta:
        parts.append(f"{duration(epoch.eta)} left")
    return " · ".join(parts)


def scores_line(monitor: str, ended: RunEnded) -> str:
    """Tell the best and the last epoch's scores; empty where no epoch was finished."""
    history = History(monitor=monitor, kept=ended.kept, kept_epoch=ended.kept_epoch)
    for name in MEASURED:
        values = (getattr(each, name) for each in ended.epochs)
        setattr(history, name, [value for value in values if value is not None])
    history.best_epoch = best = best_epoch(getattr(history, monitor), monitor)
    if not best:
        return ""
    return "; ".join([f"best epoch {best} with {history.scored(best)}", *history.other_scores()])


def edit_line(epoch: float, what: str) -> str:
    """Describe an edit by hand, and after how many epochs it was made."""
    return f"edited by hand after {epoch:.2f} epochs: {what}"


class TextProgress:
    """Writes a run's events as text: a line per epoch, in a terminal also the batches between.

    Parameters
    ----------
    stream
        Where to write; by default the current ``sys.stdout``.
    max_updates
        Most times a second that the line is rewritten.
    """

    def __init__(self, stream: TextIO | None = None, max_updates: float = 3.0) -> None:
        self._stream = stream
        self._pause = 1.0 / max_updates
        self._next = 0.0
        self._val_acc: float | None = None
        self._monitor = "val_acc"
        self._width = 0

    def handle(self, event: Event) -> None:
        """Handle one event of the run."""
        match event:
            case RunStarted():
                self._monitor = event.monitor
                self._write(f"{event.label} on {event.device}", end="\n")
                for note in (*event.notes, *event.unused):
                    self._write(note, end="\n")
            case Progress():
                self._progress(event)
            case EpochEnded():
                self._val_acc = event.val_acc
                self._write(epoch_line(event), end="\n")
            case RunEnded():
                told = [event.message, scores_line(self._monitor, event)]
                self._write("; ".join(filter(None, told)), end="\n")
            case Noticed():
                self._write(event.message, end="\n")
            case RunPaused():
                self._write("paused" if event.paused else "resumed", end="\n")
            case HandEdited():
                self._write(edit_line(event.epoch, event.text), end="\n")
            case _:
                pass

    def _progress(self, event: Progress) -> None:
        now = time.monotonic()
        if now < self._next or not self._target().isatty():
            return
        self._next = now + self._pause
        self._write(progress_line(event, self._val_acc), end="")

    def _target(self) -> TextIO:
        return self._stream or sys.stdout

    def _write(self, content: str, end: str) -> None:
        if not content:
            return
        stream = self._target()
        start = "\r" if stream.isatty() else ""
        stream.write(f"{start}{content:<{self._width}}{end}")
        stream.flush()
        self._width = 0 if end else len(content)
