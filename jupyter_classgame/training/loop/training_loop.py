"""The training loop: the user's own objects in, the same objects trained."""

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import (
    Event,
    HandEdited,
    Noticed,
    Progress,
    RunEnded,
    RunPaused,
    RunStarted,
)
from jupyter_classgame.training.device.memory_format import (
    channels_last,
    has_convolutions,
    takes_any_layout,
)
from jupyter_classgame.training.device.placement import choose_device, modes_kept, placed_on
from jupyter_classgame.training.device.precision import choose_precision
from jupyter_classgame.training.history import History, StoppedBy, best_epoch
from jupyter_classgame.training.loop.batch_source import Feeding, Pair
from jupyter_classgame.training.loop.gradient_step import OutOfMemoryError, Steps, scalar
from jupyter_classgame.training.loop.hand_edits import HandEdits, learning_rate
from jupyter_classgame.training.loop.meter import Meter, scores_of
from jupyter_classgame.training.loop.numeric_checks import (
    NotFiniteError,
    check_losses,
    check_weights,
    count,
    is_finite,
)
from jupyter_classgame.training.loop.ranks import ALONE, Ranks
from jupyter_classgame.training.loop.scheduler_stepper import Stepper
from jupyter_classgame.training.loop.snapshot import Snapshot
from jupyter_classgame.training.plan import Plan
from jupyter_classgame.training.random_state import random_state_kept, seed_epoch
from jupyter_classgame.training.run_control import RunControl

PROGRESS_SECONDS = 0.2
"""Least time between two progress events: reading the loss waits for the device."""


PARTS = {
    "train_loader": "train_loader",
    "model": "model",
    "criterion": "criterion",
    "optimizer": "backward pass",
    "step": "optimizer",
    "val": "val_loader, model or criterion",
}
"""What an error may have come from, by the part of a step it happened in."""


def train(
    plan: Plan, publish: Callable[[Event], None], control: RunControl | None = None
) -> History:
    """Train a model in place.

    Only numbers change in the user's objects: device, memory layout, train or eval mode and random
    state are left as found. A stop or an interrupt ends the run after a whole step. After an error,
    a loss that is not finite or a second interrupt everything is as after the last good epoch.

    Parameters
    ----------
    plan
        What to train and how.
    publish
        Is told of the run's events, in this thread.
    control
        May stop or pause the run; interrupts go through it.

    Returns
    -------
    History
        Its ``stopped_by`` says how the run ended.

    Raises
    ------
    TrainingError
        A mistake in what was given, such as too few outputs; the state is as before the run.
    Exception
        Whatever the user's own objects raise.
    """
    return Run(plan, control or RunControl()).execute(publish)


class Run:
    """One run, its device and schedule checked: everything that can be refused beforehand is.

    Attributes
    ----------
    epoch
        The epoch under way, from 1.
    batch
        The batch under way in it, from 1.
    optimizer
        The one that takes the steps; a callback may put the plan's other in its place.
    mixing
        Whether the training loader's ``batch_transform`` is applied.
    finite
        What must stay finite: the parameters, and the buffers that were at the beginning.
    history
        The run's numbers so far.
    where
        Its device or devices, as they are written.
    good, best
        Copies of the objects after the last whole epoch, and after the best where it is kept.

    Raises
    ------
    TrainingError
        There is no such device or precision, or the schedule does not fit.
    """

    def __init__(self, plan: Plan, control: RunControl, ranks: Ranks = ALONE) -> None:
        self.plan, self.control, self.ranks = plan, control, ranks
        self.callbacks = plan.callbacks
        self.publish: Callable[[Event], None] = unheard
        self.device, self.where = self._device()
        self.precision = choose_precision(plan.precision, self.device, plan.model)
        self.optimizer = plan.optimizer
        self.stepper = Stepper(
            plan.scheduler,
            plan.monitor,
            plan.scheduled_steps,
            validated=plan.val_loader is not None,
            optimizers=plan.optimizers,
        )
        gains = has_convolutions(plan.model) and all(map(takes_any_layout, plan.optimizers))
        self.channels_last = gains if plan.channels_last is None else plan.channels_last
        self.feeding = Feeding(
            plan, control, self.device, channels_last=self.channels_last, split=ranks.split
        )
        plan.notes = (*plan.notes, *self.feeding.notes)
        self.edits = HandEdits()
        self.mixing = True
        self.epoch = plan.done + 1
        self.batch = 0
        self.part = "train_loader"
        self.val_seconds = 0.0
        self.rested = 0.0
        self.steps: Steps
        self.finite: list[Tensor]
        self.good: Snapshot
        self.best: Snapshot | None = None
        self.history = plan.history or History()
        self.enter(plan.run, plan.label)

    def _device(self) -> tuple[torch.device, str]:
        """Choose where to train, and say how that is written."""
        device = choose_device(self.plan.devices)
        return device, str(device)

    def enter(self, number: int, label: str) -> None:
        """Give the run its number and its name, in the plan and in its history."""
        self.plan.run, self.plan.label = number, label
        self.history.follow(self.plan, device=self.where, control=self.control)
        self.control.attach(number, lambda: self.optimizer)

    @property
    def life_epoch(self) -> int:
        """The epoch under way in the model's whole life, from 1."""
        return self.plan.first_epoch + self.epoch

    def notice(self, message: str, *, unranked: bool = False) -> None:
        """Tell the player something at once, and keep it with the run's numbers.

        ``unranked`` where it says why the run is not ranked.
        """
        plan, history = self.plan, self.history
        plan.notes = history.notes = (*plan.notes, message)
        if unranked:
            plan.unranked_reasons = (*plan.unranked_reasons, message)
            history.unranked_reasons = plan.unranked_reasons
        self.publish(Noticed(plan.run, message, unranked))

    # -- the whole run ----------------------------------------------------------------------

    def execute(self, publish: Callable[[Event], None]) -> History:
        """Train, telling ``publish`` of the events; see :func:`train`."""
        plan, self.publish = self.plan, publish
        history = self.history
        self.control.begin()
        with self.control.catching_interrupts():  # until all is written down
            try:
                publish(
                    RunStarted(
                        plan.run, plan.label, plan.epochs, plan.batches, plan.seed,
                        self.where, plan.notes, plan.watched,
                        tuple(history.event(epoch) for epoch in range(1, len(history) + 1)),
                        plan.unranked_reasons,
                    )
                )  # fmt: skip
                try:
                    with ExitStack() as stack:
                        self._place(stack)
                        self._guarded()
                finally:
                    self.control.settle()
                    if history.stopped_by is None:
                        history.stopped_by, history.message = "error", "the run did not start"
                    publish(RunEnded(plan.run, history, str(history.stopped_by), history.message))
            except BaseException as error:
                self.control.end(error if plan.background else None)  # for history.wait()
                raise
            finally:
                self.publish = unheard  # who listened knows the run, too
                vars(self).pop("steps", None)  # they refer to each other, and to all objects
                self.control.end()
        return history

    def _place(self, stack: ExitStack) -> None:
        """Bring everything to the run's device and layout, until the stack is closed."""
        plan = self.plan
        if not plan.background:  # there, other cells draw random numbers meanwhile
            stack.enter_context(random_state_kept())
        stack.enter_context(modes_kept(plan.model, plan.criterion))
        stack.enter_context(
            placed_on(self.device, plan.model, plan.criterion, optimizers=plan.optimizers)
        )
        if self.channels_last:
            stack.enter_context(channels_last(plan.model, plan.optimizers))
        self.good = self.snapshot()
        self.finite = [*plan.model.parameters(), *filter(is_finite, plan.model.buffers())]
        self.steps = Steps(self)
        stack.callback(self._callbacks_end)

    def _callbacks_end(self) -> None:
        for callback in self.callbacks:
            callback.on_train_end(self)

    def snapshot(self) -> Snapshot:
        """Copy the run's objects as they are now."""
        plan = self.plan
        return Snapshot(plan.model, plan.optimizers, plan.scheduler, self.callbacks)

    def _guarded(self) -> None:
        """Train, and whatever happens leave a whole state and say which."""
        try:
            self._end(*self._epochs())
        except NotFiniteError as error:
            self._go_back("nan", error.args[0], f"; {error.args[1]}")
        except KeyboardInterrupt:
            self._go_back("user", f"interrupted twice in epoch {self.epoch}")
        except OutOfMemoryError as error:
            self._out_of_memory(error)
            raise
        except Exception as error:
            where = f"in epoch {self.epoch}, batch {self.batch + (self.part == 'train_loader')}"
            where = f"in the validation of epoch {self.epoch}" if self.part == "val" else where
            self._go_back("error", f"{type(error).__name__} {where} ({PARTS[self.part]})")
            raise

    def _go_back(self, stopped_by: StoppedBy, reason: str, advice: str = "") -> None:
        self.good.restore()
        done = len(self.history)
        self.batch = 0  # nothing is left of the epoch that was begun
        state = f"after epoch {done}" if done else "before the run"
        self._end(stopped_by, f"{reason}; model and optimizer are as they were {state}{advice}")

    def _out_of_memory(self, error: OutOfMemoryError) -> None:
        self.batch -= 1
        if not error.whole:
            self._go_back("error", str(error))
        elif self.batch or len(self.history):
            self._end("error", f"{error}; model and optimizer are as at the last whole step")
        else:
            self._end("error", f"{error}; nothing was trained")

    def _end(self, stopped_by: StoppedBy, message: str) -> None:
        history = self.history
        partial = self.batch > 0 and self.epoch > len(history)
        history.epochs_begun = len(history) + partial
        if self.best and (partial or history.best_epoch < len(history)):
            self.best.restore_weights()
            message += f"; the model has epoch {history.best_epoch}'s weights, the best"
        history.stopped_by = stopped_by
        history.message = message

    # -- epochs -----------------------------------------------------------------------------

    def _epochs(self) -> tuple[StoppedBy, str]:
        plan = self.plan
        for callback in self.callbacks:
            callback.on_train_begin(self)
        if plan.restore is not None:
            plan.restore(self)
            if reason := self._reason_to_stop():  # it was cut off just before it would have ended
                return "patience", f"stopped after epoch {plan.done}: {reason}"
        self.edits.remember(self.optimizer)
        for self.epoch in range(plan.done + 1, plan.epochs + 1):
            if not self._epoch():
                where = f"in epoch {self.epoch}, after batch {self.batch}"
                where = where if self.batch else f"after epoch {self.epoch - 1}"
                return "user", f"stopped {where}; model and optimizer are as at that step"
            if reason := self._reason_to_stop():
                return "patience", f"stopped after epoch {self.epoch}: {reason}"
        return "epochs", f"{count(plan.epochs, 'epoch')} trained"

    def _reason_to_stop(self) -> str:
        """Give the first reason of a callback to end the run after this epoch."""
        return next(filter(None, (c.stop_reason(self) for c in self.callbacks)), "")

    def _epoch(self) -> bool:
        """Train and validate one epoch; False when it was stopped in the middle."""
        plan = self.plan
        self.look_for_edits(0.0)
        seed_epoch(plan.seed, self.life_epoch)
        self.ranks.seed(plan.seed, self.life_epoch)
        plan.model.train()
        for callback in self.callbacks:
            callback.on_epoch_begin(self)
        self.edits.remember(self.optimizer)
        meter = Meter(getattr(plan.criterion, "reduction", "mean"), self.ranks.total)
        self.batch, self.part, self.rested = 0, "train_loader", 0.0
        start = time.perf_counter()
        finished = self._batches(meter, start)
        if meter.images:
            self._check_losses(meter, 0)
        if not finished:
            self.batch -= self.steps.drop()
            return False
        if not meter.images:
            raise TrainingError(f"train_loader gave no batch in epoch {self.epoch}; is it used up?")
        numbers = {"train_loss": meter.loss(), "train_acc": meter.accuracy()}
        seconds = time.perf_counter() - start - self.rested
        lr = learning_rate(self.optimizer)
        self.ranks.align(plan.model, plan.criterion)
        check_weights(self.finite, self.epoch)
        if not self._validated(numbers):
            return False
        self.look_for_edits(1.0)
        self.stepper.after_epoch(numbers, self.optimizer)
        for callback in self.callbacks:
            callback.on_epoch_end(self, numbers)
        self.edits.remember(self.optimizer)
        self._record(numbers, lr, seconds)
        return True

    def _validated(self, numbers: dict[str, float]) -> bool:
        """Measure the epoch; False when the run was stopped meanwhile."""
        start, self.part = time.perf_counter(), "val"
        for callback in self.callbacks:
            callback.on_validation_begin(self)
        if self.plan.val_loader is None:
            return True
        validation = self.validate()
        if validation is None:
            return False
        numbers["val_loss"], numbers["val_acc"] = validation.loss(), validation.accuracy()
        self.val_seconds = time.perf_counter() - start
        return True

    def _record(self, numbers: dict[str, float], lr: float, seconds: float) -> None:
        history, good = self.history, self.snapshot()
        for name, value in numbers.items():
            getattr(history, name).append(value)
        history.lr.append(lr)
        history.seconds.append(seconds)
        history.best_epoch = best_epoch(getattr(history, history.monitor), history.monitor)
        self.good = good  # before anybody hears of the epoch
        if self.plan.keep == "best" and history.best_epoch == len(history):
            self.best = self.good
        left = self.plan.epochs - self.epoch
        self.publish(history.event(self.epoch, left * (seconds + self.val_seconds)))

    # -- batches ----------------------------------------------------------------------------

    def _batches(self, meter: Meter, start: float) -> bool:
        batches = self.plan.batches
        told, checked = start, 0
        if self.control.pausing:
            self._rest()
        for images, targets in self.feeding.training(self.life_epoch, mixing=self.mixing):
            self.look_for_edits()
            self.batch += 1
            for callback in self.callbacks:
                images, targets = callback.on_batch_begin(self, images, targets)  # noqa: PLW2901
            if self.callbacks:
                self.edits.remember(self.optimizer)
            loss, scores = self.steps.take(images, targets, last=self.batch == batches)
            meter.add(loss, scores, targets, self.feeding.share)
            self.part = "train_loader"
            now = time.perf_counter()
            if self.control.agreed(now - told >= PROGRESS_SECONDS):
                self._check_losses(meter, checked)
                told, checked = now, self.batch
                self._tell(meter, now - start - self.rested)
            if self.control.pausing and not self.steps.gathered:
                self._rest()
        if not self.control.stopping and self.steps.gathered:  # a loader that knows no length
            self.steps.finish()
        return not self.control.stopping

    def _rest(self) -> None:
        """Wait here while the run is paused; what is edited meanwhile counts from the next step."""

        def told(paused: bool) -> None:
            self.publish(RunPaused(self.plan.run, paused))

        self.rested += self.control.rest(told)

    def look_for_edits(self, share: float | None = None) -> None:
        """Note what somebody else has changed in the optimizer's settings.

        Called before anything of the run's own changes them. ``share`` is how much of the epoch is
        done, by default the batches that were trained.
        """
        if edit := self.edits.found(self.optimizer):
            batches = self.plan.batches
            if share is None:
                share = self.batch / batches if batches else 0.0
            epoch = self.epoch - 1 + share
            self.history.edits.append((epoch, edit))
            self.publish(HandEdited(self.plan.run, epoch, edit))

    def validate(self) -> Meter | None:
        """Measure the model as it is on the validation data; None when the run was stopped."""
        plan = self.plan
        batches = self.feeding.validation(self.life_epoch)
        meter = validate(plan.model, batches, plan.criterion, self.ranks, self.feeding)
        if self.control.stopping:
            return None
        if not meter.images:
            raise TrainingError("val_loader gave no batch; leave validation out with --val none")
        return meter

    def _check_losses(self, meter: Meter, since: int) -> None:
        check_losses(meter, since, epoch=self.epoch, lr=learning_rate(self.optimizer))

    def _tell(self, meter: Meter, seconds: float) -> None:
        plan, batches = self.plan, self.plan.batches
        eta = None
        if batches:
            left = (plan.epochs - self.epoch + 1) * batches - self.batch
            eta = seconds / self.batch * left + self.val_seconds * (plan.epochs - self.epoch + 1)
        self.publish(
            Progress(
                plan.run,
                self.epoch,
                plan.epochs,
                self.batch,
                batches,
                meter.loss(),
                meter.accuracy(),
                seconds,
                eta,
            )
        )


def unheard(_event: Event) -> None:
    """Hear an event of a run that nobody here listens to."""


def validate(
    model: nn.Module,
    batches: Iterable[Pair],
    criterion: Any,
    ranks: Ranks = ALONE,
    feeding: Feeding | None = None,
) -> Meter:
    """Measure loss and accuracy over batches on the model's device, without gradients.

    The model is left in eval mode. Where several processes share each batch, ``feeding`` knows
    the share.
    """
    model.eval()
    meter = Meter(getattr(criterion, "reduction", "mean"), ranks.total)
    with torch.no_grad():
        for images, targets in batches:
            outputs = model(images)
            share, scores = None if feeding is None else feeding.share, scores_of(outputs)
            loss = scalar(criterion(outputs, targets))
            loss = ranks.weighed(loss, scores, criterion, targets, share)
            meter.add(loss, scores, targets, share)
    return meter
