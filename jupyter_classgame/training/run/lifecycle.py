"""The life of a run, the same wherever its epochs are trained.

It is announced, its objects are placed, its epochs are trained and recorded, its objects are left
in a whole state, and an event says how it ended. Where they are trained, an
:class:`Executor` knows.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import torch

from jupyter_classgame.events import EpochEnded, Event, HandEdited, Noticed, RunEnded, RunStarted
from jupyter_classgame.training.device.precision import choose_precision
from jupyter_classgame.training.history import History, best_epoch
from jupyter_classgame.training.run.auditor import UNAUDITED, Auditor
from jupyter_classgame.training.run.hand_edits import HandEdits
from jupyter_classgame.training.run.optimizer_parts import put_in_mode
from jupyter_classgame.training.run.outcome import Ending, Failure
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import FRESH_START, RunStart
from jupyter_classgame.training.run.scheduler_stepper import Stepper
from jupyter_classgame.training.run.snapshot import Beginning, Snapshot
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.wording import unvalidated


class Executor(ABC):
    """Trains the epochs of a run: in this process, in others, or brings them from elsewhere.

    Attributes
    ----------
    device
        The device of the model's first step, on which a precision must run.
    where
        Its device or devices, as they are written.
    notes
        What a player should know of it, a line each; known after :meth:`prepare`.
    begins_callbacks
        Whether the callbacks take part in the run.
    """

    device: torch.device
    where: str
    notes: tuple[str, ...] = ()
    begins_callbacks = True

    @abstractmethod
    def prepare(self, request: RunRequest, start: RunStart, control: RunControl) -> None:
        """Refuse what cannot be trained here, by a TrainingError; nothing moves yet."""

    @abstractmethod
    def open(self, run: "Run", stack: ExitStack) -> None:
        """Bring the run's objects to where they are trained, until the stack is closed."""

    @abstractmethod
    def train(self, run: "Run") -> Ending:
        """Train the epochs that are left, and record each by :meth:`Run.record`."""

    @abstractmethod
    def failure(self, run: "Run", error: BaseException) -> Failure:
        """Say what an error of :meth:`train`, or its interrupt, means for the run."""


class Run:
    """One run, its precision and schedule checked: everything that can be refused beforehand is.

    Parameters
    ----------
    request
        What to train and how.
    executor
        Where.
    control
        May stop or pause the run; interrupts go through it.
    start
        Where it begins.

    Attributes
    ----------
    number, label
        Its number, 0 as long as it has none, and its name.
    ranked
        Whether it is ranked; the history shows it, and decides nothing.
    history
        The run's notes and numbers so far, for the player.
    epoch
        The epoch under way, from 1.
    batch
        The batch under way in it, from 1.
    optimizer
        The one that takes the steps; :meth:`switch_to` puts another in its place.
    precision, scaler
        How the forward pass computes, and what scales the loss then, if anything does.
    mixing
        Whether the training loader's ``batch_transform`` is applied.
    val_seconds
        Time of the last validation.
    auditor
        Hears of each part of a step.
    failed
        What went wrong, and where; empty if nothing did.
    begun
        What it found in the objects.
    good, best
        Copies of the objects after the last whole epoch, and after the best where it is kept.

    Raises
    ------
    TrainingError
        There is no such precision, the schedule does not fit, or the executor refuses.
    """

    def __init__(
        self,
        request: RunRequest,
        executor: Executor,
        control: RunControl,
        start: RunStart = FRESH_START,
    ) -> None:
        self.request, self.executor, self.control = request, executor, control
        self.start = start
        self.callbacks = request.callbacks
        self.publish: Callable[[Event], None] = unheard
        self.precision = choose_precision(request.precision, executor.device, request.model)
        self.scaler = self.precision.scaler()
        self.optimizer = request.optimizer
        self.stepper = Stepper(
            request.scheduler,
            request.monitor,
            request.scheduled_steps(start.done),
            validated=request.val_loader is not None,
            optimizers=request.optimizers,
        )
        self.edits = HandEdits()
        self.auditor: Auditor = UNAUDITED
        self.mixing = True
        self.epoch = start.done + 1
        self.batch = 0
        self.val_seconds = 0.0
        self.failed = ""
        self.begun: Beginning
        self.good: Snapshot
        self.best: Snapshot | None = None
        self._ended_elsewhere = False
        self._good_epoch = 0
        executor.prepare(request, start, control)
        self.ranked = start.ranked
        self.history = start.history or History()
        self.history.follow(
            control,
            epochs=request.epochs,
            monitor=request.watched,
            seed=request.seed,
            device=executor.where,
            ranked=self.ranked,
            notes=(*start.notes, *executor.notes),
            unranked_reasons=start.unranked_reasons,
            first_epoch=request.first_epoch,
            unused=start.unused,
        )
        self._take_name(start.number, start.label)

    @property
    def life_epoch(self) -> int:
        """The epoch under way in the model's whole life, from 1."""
        return self.request.first_epoch + self.epoch

    # -- what others may tell a run ---------------------------------------------------------

    def enter(self, number: int, label: str) -> None:
        """Give the run its number and its name; from now on its control has the number."""
        self._take_name(number, label)
        self.control.attach(number, lambda: self.optimizer)

    def _take_name(self, number: int, label: str) -> None:
        self.number, self.label = self.history.run, self.history.label = number, label

    def notice(self, message: str, *, unranked: bool = False) -> None:
        """Tell the player something at once, and keep it with the run's numbers.

        ``unranked`` where it says why the run is not ranked.
        """
        self.history.note(message, unranked=unranked)
        self.publish(Noticed(self.number, message, unranked))

    def disqualify(self, reason: str) -> None:
        """Take the run's rank, and say why."""
        self.ranked = self.history.ranked = False
        self.notice(reason, unranked=True)

    def confirm_rank(self, *, ranked: bool) -> None:
        """Set the final rank, as the ledger has recorded it."""
        self.ranked = self.history.ranked = ranked

    # -- the whole run ----------------------------------------------------------------------

    def execute(self, publish: Callable[[Event], None]) -> History:
        """Train in place; see :func:`~jupyter_classgame.training.launch.launcher.train`.

        ``publish`` gets the run's events, in this thread.
        """
        self.publish = publish
        history = self.history
        self.control.attach(self.number, lambda: self.optimizer)
        self.control.begin()
        with self.control.catching_interrupts():  # until all is written down
            try:
                publish(self._started())
                try:
                    with ExitStack() as stack:
                        self.executor.open(self, stack)
                        self.good = self.snapshot()
                        self.begun = Beginning(self.request.model, self.request.criterion)
                        stack.callback(self._end_callbacks)
                        self._train()
                finally:
                    self.control.settle()
                    if history.stopped_by is None:
                        self.failed = "the run did not start"
                        history.stopped_by, history.message = "error", self.failed
                    publish(self._ended())
            except BaseException as error:
                # for history.wait()
                self.control.end(error if self.request.background else None)
                raise
            finally:
                self.publish = unheard  # who listened knows the run, too
                self.control.end()
        return history

    def _started(self) -> RunStarted:
        request, history = self.request, self.history
        return RunStarted(
            self.number,
            self.label,
            request.epochs,
            request.batches,
            request.seed,
            history.device,
            history.notes,
            history.monitor,
            self._epochs(),
            history.unranked_reasons,
            history.first_epoch,
            history.unused,
        )

    def _ended(self) -> RunEnded:
        history = self.history
        return RunEnded(
            self.number,
            history.stopped_by or "error",
            history.message,
            self._epochs(),
            tuple(history.edits),
            history.epochs_begun,
            history.kept,
            history.kept_epoch,
        )

    def _epochs(self) -> tuple[EpochEnded, ...]:
        return tuple(self._event(epoch) for epoch in range(1, len(self.history) + 1))

    def _event(self, epoch: int, eta: float | None = None) -> EpochEnded:
        return replace(self.history.event(epoch, eta), run=self.number)

    def _train(self) -> None:
        """Train, and whatever happens leave a whole state and say which."""
        try:
            self._end(self.executor.train(self))
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - raised below, or said
            failure = self.executor.failure(self, error)
            try:
                self._fail(failure)
                if failure.raised is error:
                    raise
                if failure.raised is not None:
                    raise failure.raised from None
            finally:
                del failure  # it holds the error, whose traceback holds this frame and the run

    def _end_callbacks(self) -> None:
        if self._ended_elsewhere or not self.executor.begins_callbacks:
            return
        for callback in self.callbacks:
            callback.on_train_end(self)

    def _fail(self, failure: Failure) -> None:
        self.failed = message = failure.message
        if failure.goes_back:
            self.good.restore()
            self.batch = 0  # nothing is left of the epoch that was begun
            good = self._good_epoch
            state = f"after epoch {good}" if good else "before the run"
            message += f"; model and optimizer are as they were {state}"
        message += f"; {failure.advice}" if failure.advice else ""
        self._end(Ending(failure.stopped_by, message), restored=failure.goes_back)

    def _end(self, ending: Ending, *, restored: bool = False) -> None:
        history, message = self.history, ending.message
        self._ended_elsewhere = ending.epochs_begun is not None
        if ending.epochs_begun is None:
            if not restored:  # else it is in the mode that goes with the weights
                put_in_mode(self.optimizer, training=False)
            partial = self.batch > 0 and self.epoch > len(history)
            history.epochs_begun = len(history) + partial
            if self.best and (partial or history.best_epoch < len(history)):
                self.best.restore_weights()
                best = history.named(history.best_epoch)
                message += f"; the weights of {best}, the best, were left in the model"
                message += unvalidated(history.monitor)
        else:
            history.epochs_begun = ending.epochs_begun
        history.stopped_by, history.message = ending.stopped_by, message
        self._say_what_is_kept(restored=restored)

    def _say_what_is_kept(self, *, restored: bool) -> None:
        """Write down which weights the model has now, before a callback leaves others in it."""
        history = self.history
        partial = history.epochs_begun > len(history) and not restored
        last = self._good_epoch if restored else len(history)
        keep = self.request.keep
        if keep == "best" and history.best_epoch and (partial or history.best_epoch < last):
            history.kept, history.kept_epoch = "best", history.best_epoch
        elif keep == "ema" and self._ended_elsewhere and history.epochs_begun:
            history.kept, history.kept_epoch = "averaged", last
        elif partial:
            history.kept, history.kept_epoch = "unfinished", last
        else:
            history.kept, history.kept_epoch = "last" if last else "unchanged", last

    # -- for the executor, the callbacks and what restores a run ----------------------------

    def snapshot(self) -> Snapshot:
        """Copy the run's objects as they are now."""
        request = self.request
        return Snapshot(
            request.model,
            request.optimizers,
            request.scheduler,
            self.callbacks,
            request.criterion,
        )

    def record(self, numbers: dict[str, float], lr: float, seconds: float) -> None:
        """Write down an epoch that is trained and validated, and publish it.

        Parameters
        ----------
        numbers
            By the names of :data:`~jupyter_classgame.training.history.MEASURED`.
        lr
            Learning rate at its end.
        seconds
            Time of its training.
        """
        history, good = self.history, self.snapshot()
        history.lr.append(lr)
        history.seconds.append(seconds)
        for name in reversed(numbers):  # the training loss last, by which epochs are counted
            getattr(history, name).append(numbers[name])
        history.best_epoch = best_epoch(getattr(history, history.monitor), history.monitor)
        self.mark_good(good)  # before anybody gets to know of the epoch
        left = self.request.epochs - self.epoch
        self.publish(self._event(self.epoch, left * (seconds + self.val_seconds)))

    def mark_good(self, snapshot: Snapshot | None = None) -> None:
        """Take the objects, as they are now or in a snapshot, for those of the last whole epoch."""
        history = self.history
        self.good, self._good_epoch = snapshot or self.snapshot(), len(history)
        if self.request.keep == "best" and len(history) and history.best_epoch == len(history):
            self.best = self.good

    def mark_best(self) -> None:
        """Take the objects as they are now for those of the best epoch."""
        self.best = self.snapshot()

    def switch_to(self, optimizer: "torch.optim.Optimizer") -> None:
        """Let another optimizer of the request take the steps from here on."""
        self.optimizer = optimizer
        self.edits.remember(optimizer)

    @contextmanager
    def own_changes(self, share: float | None = None) -> Iterator[None]:
        """Let the run itself change the optimizer's settings; any other change is an edit.

        As short as can be: what somebody else changes meanwhile cannot be told from it.
        """
        self.look_for_edits(share)
        yield
        self.edits.remember(self.optimizer)

    def look_for_edits(self, share: float | None = None) -> None:
        """Note what somebody else has changed in the optimizer's settings.

        ``share`` is how much of the epoch is done, by default the batches that were trained.
        """
        if edit := self.edits.found(self.optimizer):
            batches = self.request.batches
            if share is None:
                share = self.batch / batches if batches else 0.0
            epoch = self.epoch - 1 + share
            self.history.edits.append((epoch, edit))
            self.publish(HandEdited(self.number, epoch, edit, self.edits.names))

    def reason_to_stop(self) -> str:
        """Give the first reason of a callback to end the run after this epoch."""
        return next(filter(None, (c.stop_reason(self) for c in self.callbacks)), "")


def unheard(_event: Event) -> None:
    """Leave an event of a run alone, where nobody here listens."""
