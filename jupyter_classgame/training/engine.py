"""The training loop: the user's own objects in, the same objects trained."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded, Event, Progress, RunEnded, RunStarted

from .control import RunControl
from .device import choose_device, modes_kept, placed_on
from .history import History, StoppedBy
from .meter import Meter, scores_of, split_batch
from .plan import Plan
from .randomness import random_state_kept, seed_epoch
from .schedule import Stepper
from .snapshot import Snapshot

PROGRESS_SECONDS = 0.2
"""Least time between two progress events: reading the loss waits for the device."""


class NotFiniteError(Exception):
    """The loss became NaN or infinite."""


def train(
    plan: Plan, publish: Callable[[Event], None], control: RunControl | None = None
) -> History:
    """Train a model in place.

    Only numbers change in the user's objects: device, train or eval mode and random state are
    left as found. A stop or an interrupt ends the run after a whole step. After an error, a loss
    that is not finite or a second interrupt everything is as after the last good epoch.

    Parameters
    ----------
    plan
        What to train and how.
    publish
        Is told of the run's events, in this thread.
    control
        May stop the run; interrupts go through it.

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
    return _Run(plan, publish, control or RunControl()).execute()


class _Run:
    def __init__(self, plan: Plan, publish: Callable[[Event], None], control: RunControl) -> None:
        self.plan, self.publish, self.control = plan, publish, control
        self.device = choose_device(plan.devices)
        batches = plan.batches
        self.stepper = Stepper(
            plan.scheduler,
            plan.monitor,
            batches * plan.epochs if batches else None,
            validated=plan.val_loader is not None,
        )
        self.reduction = getattr(plan.criterion, "reduction", "mean")
        self.history = History(
            label=plan.label,
            run=plan.run,
            epochs_requested=plan.epochs,
            monitor=plan.watched,
            seed=plan.seed,
            device=str(self.device),
            ranked=plan.ranked,
            notes=plan.notes,
        )
        self.epoch = 1
        self.batch = 0
        self.val_seconds = 0.0
        self.good: Snapshot
        self.best: Snapshot | None = None

    # -- the whole run ----------------------------------------------------------------------

    def execute(self) -> History:
        plan = self.plan
        self.publish(
            RunStarted(
                plan.run, plan.label, plan.epochs, plan.batches, plan.seed, str(self.device),
                plan.notes, plan.watched,
            )
        )  # fmt: skip
        self.history.stopped_by, self.history.message = "error", "the run did not start"
        try:
            with ExitStack() as stack:
                stack.enter_context(random_state_kept())
                stack.enter_context(modes_kept(plan.model, plan.criterion))
                stack.enter_context(
                    placed_on(self.device, plan.model, plan.criterion, optimizer=plan.optimizer)
                )
                stack.enter_context(self.control.catching_interrupts())
                self.good = Snapshot(plan.model, plan.optimizer, plan.scheduler)
                self._guarded()
        finally:
            history = self.history
            self.publish(RunEnded(plan.run, history, str(history.stopped_by), history.message))
        return self.history

    def _guarded(self) -> None:
        """Train, and whatever happens leave a whole state and say which."""
        try:
            self._end(*self._epochs())
        except NotFiniteError as error:
            self.good.restore()
            self._end("nan", f"{error}; {self._back()}. Try a lower learning rate")
        except KeyboardInterrupt:
            self.good.restore()
            self._end("user", f"interrupted twice in epoch {self.epoch}; {self._back()}")
        except Exception as error:
            where = f"epoch {self.epoch}, batch {self.batch}"
            self.good.restore()
            self._end("error", f"{type(error).__name__} in {where}; {self._back()}")
            raise

    def _end(self, stopped_by: StoppedBy, message: str) -> None:
        history = self.history
        history.epochs_begun = len(history) + (self.batch > 0 and self.epoch > len(history))
        if self.plan.keep == "best" and self.best and history.best_epoch < len(history):
            self.best.restore_weights()
            message += f"; the model has epoch {history.best_epoch}'s weights, the best"
        history.stopped_by = stopped_by
        history.message = message

    def _back(self) -> str:
        done = len(self.history)
        state = f"after epoch {done}" if done else "before the run"
        return f"model and optimizer are as they were {state}"

    # -- epochs -----------------------------------------------------------------------------

    def _epochs(self) -> tuple[StoppedBy, str]:
        plan, history = self.plan, self.history
        for self.epoch in range(1, plan.epochs + 1):
            if not self._epoch():
                where = f"in epoch {self.epoch}, after batch {self.batch}"
                where = where if self.batch else f"after epoch {self.epoch - 1}"
                return "user", f"stopped {where}; model and optimizer are as at that step"
            self.good = Snapshot(plan.model, plan.optimizer, plan.scheduler)
            if history.best_epoch == len(history):
                self.best = self.good
            if plan.patience and len(history) - history.best_epoch >= plan.patience:
                reason = f"no better {history.monitor} for {_count(plan.patience, 'epoch')}"
                return "patience", f"stopped after epoch {self.epoch}: {reason}"
        return "epochs", f"{_count(plan.epochs, 'epoch')} trained"

    def _epoch(self) -> bool:
        """Train and validate one epoch; False when it was stopped in the middle."""
        plan = self.plan
        seed_epoch(plan.seed, plan.first_epoch + self.epoch)
        plan.model.train()
        meter = Meter(self.reduction)
        self.batch = 0
        start = time.perf_counter()
        finished = self._batches(meter, start)
        if meter.images:
            self._check_finite(meter, 0)
        if not finished:
            return False
        if not meter.images:
            raise TrainingError("train_loader gave no batch this time; nothing was trained")
        numbers = {"train_loss": meter.loss(), "train_acc": meter.accuracy()}
        seconds = time.perf_counter() - start
        lr = float(plan.optimizer.param_groups[0]["lr"])
        if plan.val_loader is not None:
            val_start = time.perf_counter()
            validation = validate(plan.model, plan.val_loader, plan.criterion, self.device)
            numbers["val_loss"], numbers["val_acc"] = validation.loss(), validation.accuracy()
            self.val_seconds = time.perf_counter() - val_start
        self._record(numbers, lr, seconds)
        self.stepper.after_epoch(numbers)
        return True

    def _record(self, numbers: dict[str, float], lr: float, seconds: float) -> None:
        history = self.history
        for name, value in numbers.items():
            getattr(history, name).append(value)
        history.lr.append(lr)
        history.seconds.append(seconds)
        value, best = numbers[history.monitor], history.best
        smaller = history.monitor.endswith("loss")
        if best is None or (value < best if smaller else value > best):
            history.best_epoch = len(history)
        left = self.plan.epochs - self.epoch
        self.publish(
            EpochEnded(
                self.plan.run,
                self.epoch,
                self.plan.epochs,
                numbers["train_loss"],
                numbers["train_acc"],
                numbers.get("val_loss"),
                numbers.get("val_acc"),
                lr,
                seconds,
                left * (seconds + self.val_seconds),
            )
        )

    # -- batches ----------------------------------------------------------------------------

    def _batches(self, meter: Meter, start: float) -> bool:
        plan, device, control = self.plan, self.device, self.control
        model, optimizer, criterion = plan.model, plan.optimizer, plan.criterion
        told, checked = start, 0
        iterator = iter(plan.train_loader)
        while True:
            if control.stopping:
                return False
            try:
                batch = next(iterator)
            except StopIteration:
                return True
            except Exception:
                if control.stopping:  # an interrupt reaches the loader's worker processes too
                    return False
                raise
            self.batch += 1
            images, targets = split_batch(send_to_device(batch, device), "train_loader")
            optimizer.zero_grad(set_to_none=True)
            outputs = model(images)
            scores = scores_of(outputs)
            if self.batch == 1 and self.epoch == 1:
                self._check_outputs(scores)
            loss = _scalar(criterion(outputs, targets))
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            self.stepper.after_batch()
            meter.add(loss, scores, targets)
            now = time.perf_counter()
            if now - told >= PROGRESS_SECONDS:
                self._check_finite(meter, checked)
                told, checked = now, self.batch
                self._tell(meter, now - start)

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

    def _check_finite(self, meter: Meter, since: int) -> None:
        if batch := meter.first_not_finite(since):
            lr = self.plan.optimizer.param_groups[0]["lr"]
            raise NotFiniteError(
                f"the loss was not finite in batch {batch} of epoch {self.epoch} "
                f"(learning rate {float(lr):g})"
            )

    def _check_outputs(self, scores: Tensor) -> None:
        classes = self.plan.classes
        if classes is not None and scores.shape[1] < classes:
            raise TrainingError(
                f"the model gives {_count(scores.shape[1], 'score')} an image and there are "
                f"{classes} classes; let its last layer give len(game.classes)"
            )


def validate(model: nn.Module, loader: Any, criterion: Any, device: torch.device) -> Meter:
    """Measure loss and accuracy over a loader, in eval mode and without gradients.

    The model is left in eval mode.
    """
    model.eval()
    meter = Meter(getattr(criterion, "reduction", "mean"))
    with torch.no_grad():
        for batch in loader:
            images, targets = split_batch(send_to_device(batch, device), "val_loader")
            outputs = model(images)
            meter.add(_scalar(criterion(outputs, targets)), scores_of(outputs), targets)
    if not meter.images:
        raise TrainingError("val_loader gave no batch; leave validation out with --val none")
    return meter


def _scalar(loss: Any) -> Tensor:
    if isinstance(loss, Tensor) and loss.numel() == 1:
        return loss.reshape(())
    shape = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
    raise TrainingError(f"criterion gives {shape}; one number, the mean over the batch, is needed")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
