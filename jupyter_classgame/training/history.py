"""The history: a run's numbers, epoch by epoch."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.events import EpochEnded, Kept, StoppedBy
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.wording import counted, loss_text, score_text

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("train_loss", "train_acc", "val_loss", "val_acc", "ema_val_loss", "ema_val_acc")
"""What is measured of an epoch; the last four only where there is something to measure."""

NUMBERS = (*MEASURED, "lr", "seconds")


def best_epoch(values: Sequence[float], monitor: str) -> int:
    """Give the epoch, from 1, with the smallest loss or the largest accuracy; 0 for none.

    The first of equals; a value that is not finite is never the best.
    """
    sign = -1.0 if monitor.endswith("loss") else 1.0
    finite = [(sign * value, -i) for i, value in enumerate(values) if math.isfinite(value)]
    return 1 - max(finite)[1] if finite else 0


class WaitInterrupted(KeyboardInterrupt):
    """A kernel interrupt ended :meth:`History.wait`; the run goes on."""

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self} goes on; history.stop() ends it"]


@dataclass(repr=False)
class History:
    """The numbers of one run: lists with one entry an epoch, losses as the criterion gives them.

    Attributes
    ----------
    train_loss, train_acc, val_loss, val_acc
        Means over the epoch's images; accuracies in [0, 1]. The ``val_*`` lists stay empty
        without validation data.
    lr
        Learning rate of the first parameter group at the end of the epoch.
    seconds
        Time of training alone, without validation.
    ema_val_loss, ema_val_acc
        The same of the moving average of the weights, where there is one.
    edits
        Edits by hand of the optimizer's settings: (epoch, what changed); 2.5 is the middle of the
        third epoch.
    best_epoch
        The best epoch, from 1, by the run's monitor; 0 before the first has ended.
    epochs_begun
        Epochs of which at least one step was taken; the last may not have been finished.
    stopped_by
        What ended the run: "epochs", "patience", "user", "nan" or "error"; None while it runs.
    message
        How it ended, in one line.
    unranked_reasons
        Those of the notes that say why the run is not ranked.
    first_epoch
        Epochs that the model had been trained for before the run.
    kept
        Which weights the run left in the model: those after its "last" whole epoch or its "best",
        the "averaged" ones, those from within an "unfinished" epoch, or "unchanged" ones; empty
        while it runs.
    kept_epoch
        The epoch, from 1, after which these were, or were averaged; 0 for none.
    unused
        What the team owned and the run did not use, a line each.
    audits, failed_audits
        How many steps were audited, and how many audits found what they should not.
    unaudited
        What of a ranked run could not be audited, and why; it costs no rank.
    earlier
        The runs that stand behind its chart; no part of its numbers.
    others
        The game's runs, which its chart can be compared with.
    """

    label: str = "run"
    run: int = 0
    epochs_requested: int = 0
    epochs_begun: int = 0
    monitor: str = "val_acc"
    seed: int = 0
    device: str = "cpu"
    ranked: bool = False
    train_loss: list[float] = field(default_factory=list)
    train_acc: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_acc: list[float] = field(default_factory=list)
    ema_val_loss: list[float] = field(default_factory=list)
    ema_val_acc: list[float] = field(default_factory=list)
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    edits: list[tuple[float, str]] = field(default_factory=list)
    best_epoch: int = 0
    stopped_by: StoppedBy | None = None
    message: str = ""
    notes: tuple[str, ...] = ()
    unranked_reasons: tuple[str, ...] = ()
    first_epoch: int = 0
    kept: Kept = ""
    kept_epoch: int = 0
    unused: tuple[str, ...] = ()
    audits: int = 0
    failed_audits: int = 0
    unaudited: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._control: RunControl | None = None
        self.earlier: tuple[History, ...] = ()
        self.others: Sequence[History] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Give what is pickled and copied: the numbers, and nothing that steers the run."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take the numbers of a run, which is over for all that can be done with these."""
        self.__dict__.update(state)
        self.__post_init__()

    def follow(
        self,
        control: RunControl,
        *,
        epochs: int,
        monitor: str,
        seed: int,
        device: str,
        ranked: bool,
        notes: tuple[str, ...],
        unranked_reasons: tuple[str, ...],
        unused: tuple[str, ...],
        first_epoch: int = 0,
    ) -> None:
        """Become the history of a run that is about to begin, or to be resumed."""
        self.first_epoch, self.kept, self.kept_epoch = first_epoch, "", 0
        self.epochs_requested, self.monitor, self.seed, self.device = epochs, monitor, seed, device
        self.ranked, self.notes, self.unranked_reasons = ranked, notes, unranked_reasons
        self.unused = unused
        self.stopped_by, self.message = None, ""
        self._control = control

    def compare_with(self, earlier: "tuple[History, ...]", others: "Sequence[History]") -> None:
        """Take the runs that stand behind its chart, and those that it can be compared with."""
        self.earlier, self.others = earlier, others

    def note(self, message: str, *, unranked: bool = False) -> None:
        """Keep what a player should know of the run.

        ``unranked`` where it says why the run is not ranked.
        """
        self.notes = (*self.notes, message)
        if unranked:
            self.unranked_reasons = (*self.unranked_reasons, message)

    # -- a run under way --------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the run is under way."""
        return self._control is not None and self._control.under_way

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run is over.

        A kernel interrupt ends the waiting alone; the run goes on.

        Parameters
        ----------
        timeout
            Most seconds to wait; None waits as long as it takes.

        Returns
        -------
        bool
            Whether the run is over.

        Raises
        ------
        Exception
            The run was ended by this error; it is raised again each time.
        ClassGameError
            The run waits for the caller: inside ``paused()``, or in the run's own thread.
        """
        __tracebackhide__ = True  # IPython leaves this frame out
        control = self._control
        if control is None:
            return True
        if control.waits_for_me:
            raise ClassGameError(
                f"{self.label} would wait for this wait(): call it after the with block of "
                "history.paused(), and not in a callback"
            )
        try:
            over = control.wait(timeout)
        except KeyboardInterrupt:
            raise WaitInterrupted(self.label) from None
        if over:
            control.raise_error()
        return over

    def when_over(self, call: Callable[[], None]) -> None:
        """Call a function in the run's thread once the run is over, or at once if it is."""
        if self._control is None:
            call()
        else:
            self._control.when_over(call)

    def stop(self) -> None:
        """End the run after the step it is in."""
        if self._control is not None:
            self._control.stop()

    def pause(self) -> None:
        """Let the run rest after the step it is in, until :meth:`resume` or :meth:`stop`."""
        if self._control is not None:
            self._control.pause()

    def resume(self) -> None:
        """Let a paused run go on."""
        if self._control is not None:
            self._control.resume()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the run rest while weights are changed by hand, and go on afterwards.

        It rests after a whole step, not in the middle of a validation, and neither Resume nor Stop
        ends the rest before the block does. A run that is over is left alone, and one that was
        paused stays so.
        """
        if self._control is None:
            yield
            return
        with self._control.held():
            yield

    # -- its numbers ------------------------------------------------------------------------

    def event(self, epoch: int, eta: float | None = None) -> EpochEnded:
        """Tell of an epoch, from 1, that has ended; ``eta`` is in seconds."""

        def number(name: str) -> float | None:
            values = getattr(self, name)
            return values[epoch - 1] if epoch <= len(values) else None

        return EpochEnded(
            self.run,
            epoch,
            self.epochs_requested,
            self.train_loss[epoch - 1],
            self.train_acc[epoch - 1],
            number("val_loss"),
            number("val_acc"),
            self.lr[epoch - 1],
            self.seconds[epoch - 1],
            eta,
            number("ema_val_loss"),
            number("ema_val_acc"),
        )

    def __len__(self) -> int:
        return len(self.train_loss)

    @property
    def best(self) -> float | None:
        """The monitor's value at the best epoch."""
        values: list[float] = getattr(self, self.monitor)
        return values[self.best_epoch - 1] if self.best_epoch else None

    @property
    def kept_acc(self) -> float | None:
        """Validation accuracy of the weights that the run left; None where it was not measured."""
        values = self.ema_val_acc if self.kept == "averaged" else self.val_acc
        averaged = self.kept == "averaged" and self.epochs_begun == len(self)
        measured = averaged or self.kept in ("last", "best")
        at = self.kept_epoch - 1
        return values[at] if measured and 0 <= at < len(values) else None

    def named(self, epoch: int) -> str:
        """Name an epoch of the run, and which of the model's life it is if that is another."""
        life = f" ({self.first_epoch + epoch} of the model's life)" if self.first_epoch else ""
        return f"epoch {epoch}{life}"

    def scored(self, epoch: int) -> str:
        """Write the accuracy of an epoch, or of training where nothing was validated."""
        validated = len(self.val_acc) >= epoch
        accuracy = self.val_acc[epoch - 1] if validated else self.train_acc[epoch - 1]
        return f"{'val acc' if validated else 'training acc'} {score_text(accuracy)}"

    def other_scores(self) -> list[str]:
        """Tell the scores beside the best epoch's, and which of all are those that the run left.

        Where a run has put other than its last weights into the model, its message says so. The
        model may have been trained on since, so it is not said what it has now.
        """
        last = len(self)
        if not last or not self.best_epoch:
            return []
        held = self.kept == "last" and self.kept_epoch == last
        if self.best_epoch == last:
            told = ["it is the last and was left in the model" if held else "it is the last"]
        else:
            left = ", was left in the model" if held else ""
            told = [f"the last, {self.named(last)}, with {self.scored(last)}{left}"]
        if len(self.ema_val_acc) == last:
            told.append(f"averaged weights with val acc {score_text(self.ema_val_acc[-1])}")
        return told

    def frame(self) -> "pd.DataFrame":
        """Give the numbers as a table: a row an epoch, index ``epoch`` from 1."""
        import pandas as pd  # noqa: PLC0415 - loaded on first use

        columns = {name: getattr(self, name) for name in NUMBERS if getattr(self, name)}
        index = pd.RangeIndex(1, len(self) + 1, name="epoch")
        return pd.DataFrame(
            columns, index=index, columns=pd.Index([n for n in NUMBERS if n in columns])
        )

    def to_csv(self, path: str | Path) -> Path:
        """Write :meth:`frame` to a CSV file.

        Raises
        ------
        ClassGameError
            It cannot be written there.
        """
        path = Path(path)
        try:
            self.frame().to_csv(path)
        except OSError as error:
            raise ClassGameError(
                f"{path}: cannot be written ({error.strerror or error}); "
                "name a file in a folder that is there, such as run.csv"
            ) from error
        return path

    def chart(self) -> "HistoryChart":
        """Give the live chart again, as a notebook displays it."""
        return HistoryChart(self)

    def __repr__(self) -> str:
        if self.running and self.stopped_by is None:
            return (
                f"History({self.label}: under way, {len(self)} of {self.epochs_requested} epochs)"
            )
        if not len(self):
            return f"History({self.label}: no epoch finished)"
        parts = [counted(len(self), "epoch")]
        if self.best is not None:
            parts.append(f"best {self._measured(self.best_epoch)} at epoch {self.best_epoch}")
        if self.best_epoch != len(self):
            parts.append(f"last {self._measured(len(self))}")
        if self.kept:
            parts.append(self._left())
        return f"History({self.label}: {', '.join(parts)}, {sum(self.seconds):.1f} s)"

    def _left(self) -> str:
        """Say which weights the run left in the model, which may have been trained on since."""
        epoch = self.named(self.kept_epoch)
        match self.kept:
            case "unfinished":
                within = self.named(self.kept_epoch + 1)
                return f"left weights from within {within} in the model, not validated"
            case "unchanged":
                return "left the model's weights as they were"
            case "averaged":
                return f"left the average up to {epoch} in the model"
            case _:
                return f"left the weights of {epoch}, the {self.kept}, in the model"

    def _measured(self, epoch: int) -> str:
        values: list[float] = getattr(self, self.monitor)
        text = loss_text if self.monitor.endswith("loss") else score_text
        return f"{self.monitor} {text(values[epoch - 1])}"


@dataclass(frozen=True, repr=False)
class HistoryChart:
    """The chart of a run, which a notebook displays live."""

    history: History

    def __repr__(self) -> str:
        return "charts are shown in a notebook, after %load_ext jupyter_classgame"


# It holds numbers and text alone: torch.load takes it from a file that torch.save has written.
torch.serialization.add_safe_globals([History])
