"""The training loop: the user's own objects in, the same objects trained."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded, Event, Progress, RunEnded, RunStarted

from .control import RunControl
from .device import choose_device, modes_kept, placed_on
from .history import History, StoppedBy, best_epoch
from .meter import Meter, scores_of, split_batch
from .plan import Plan
from .randomness import random_state_kept, seed_epoch
from .schedule import Stepper
from .snapshot import Snapshot

PROGRESS_SECONDS = 0.2
"""Least time between two progress events: reading the loss waits for the device."""


PARTS = {
    "train_loader": "train_loader",
    "model": "model",
    "criterion": "criterion",
    "optimizer": "backward pass or optimizer",
    "val": "val_loader, model or criterion",
}
"""What an error may have come from, by the part of a step it happened in."""


class NotFiniteError(Exception):
    """The loss or the weights became NaN or infinite: what happened, and what to do."""


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
    return Run(plan, control or RunControl()).execute(publish)


class Run:
    """One run, its device and schedule checked: everything that can be refused beforehand is.

    Raises
    ------
    TrainingError
        There is no such device, or the schedule does not fit.
    """

    def __init__(self, plan: Plan, control: RunControl) -> None:
        self.plan, self.control = plan, control
        self.publish: Callable[[Event], None] = lambda _event: None
        self.device = choose_device(plan.devices)
        batches = plan.batches
        self.stepper = Stepper(
            plan.scheduler,
            plan.monitor,
            batches * plan.epochs if batches else None,
            validated=plan.val_loader is not None,
        )
        self.reduction = getattr(plan.criterion, "reduction", "mean")
        self.epoch = 1
        self.batch = 0
        self.part = "train_loader"
        self.val_seconds = 0.0
        self.good: Snapshot
        self.best: Snapshot | None = None

    # -- the whole run ----------------------------------------------------------------------

    def execute(self, publish: Callable[[Event], None]) -> History:
        """Train, telling ``publish`` of the events; see :func:`train`."""
        plan, self.publish = self.plan, publish
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
        self.history.stopped_by, self.history.message = "error", "the run did not start"
        with self.control.catching_interrupts():
            publish(
                RunStarted(
                    plan.run, plan.label, plan.epochs, plan.batches, plan.seed, str(self.device),
                    plan.notes, plan.watched,
                )
            )  # fmt: skip
            try:
                with ExitStack() as stack:
                    stack.enter_context(random_state_kept())
                    stack.enter_context(modes_kept(plan.model, plan.criterion))
                    stack.enter_context(
                        placed_on(self.device, plan.model, plan.criterion, optimizer=plan.optimizer)
                    )
                    self.good = Snapshot(plan.model, plan.optimizer, plan.scheduler)
                    self._guarded()
            finally:
                history = self.history
                publish(RunEnded(plan.run, history, str(history.stopped_by), history.message))
        return self.history

    def _guarded(self) -> None:
        """Train, and whatever happens leave a whole state and say which."""
        try:
            self._end(*self._epochs())
        except NotFiniteError as error:
            self._go_back("nan", error.args[0], f"; {error.args[1]}")
        except KeyboardInterrupt:
            self._go_back("user", f"interrupted twice in epoch {self.epoch}")
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
        plan, history = self.plan, self.history
        for self.epoch in range(1, plan.epochs + 1):
            if not self._epoch():
                where = f"in epoch {self.epoch}, after batch {self.batch}"
                where = where if self.batch else f"after epoch {self.epoch - 1}"
                return "user", f"stopped {where}; model and optimizer are as at that step"
            self.good = Snapshot(plan.model, plan.optimizer, plan.scheduler)
            if plan.keep == "best" and history.best_epoch == len(history):
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
        self.batch, self.part = 0, "train_loader"
        start = time.perf_counter()
        finished = self._batches(meter, start)
        if meter.images:
            self._check_finite(meter, 0)
        if not finished:
            return False
        if not meter.images:
            raise TrainingError(f"train_loader gave no batch in epoch {self.epoch}; is it used up?")
        numbers = {"train_loss": meter.loss(), "train_acc": meter.accuracy()}
        seconds = time.perf_counter() - start
        lr = float(plan.optimizer.param_groups[0]["lr"])
        self._check_weights()
        if plan.val_loader is not None:
            val_start, self.part = time.perf_counter(), "val"
            validation = self._validate()
            if validation is None:
                return False
            numbers["val_loss"], numbers["val_acc"] = validation.loss(), validation.accuracy()
            self.val_seconds = time.perf_counter() - val_start
        self.stepper.after_epoch(numbers)
        self._record(numbers, lr, seconds)
        return True

    def _record(self, numbers: dict[str, float], lr: float, seconds: float) -> None:
        history = self.history
        for name, value in numbers.items():
            getattr(history, name).append(value)
        history.lr.append(lr)
        history.seconds.append(seconds)
        history.best_epoch = best_epoch(getattr(history, history.monitor), history.monitor)
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
        for batch in self._until_stopped(plan.train_loader):
            self.batch += 1
            images, targets = split_batch(send_to_device(batch, device), "train_loader")
            optimizer.zero_grad()
            self.part = "model"
            outputs = model(images)
            scores = scores_of(outputs)
            if self.batch == 1 and self.epoch == 1:
                self._check_outputs(scores)
            self.part = "criterion"
            loss = _scalar(criterion(outputs, targets))
            self._check_gradient(loss)
            self.part = "optimizer"
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            self.stepper.after_batch()
            meter.add(loss, scores, targets)
            self.part = "train_loader"
            now = time.perf_counter()
            if now - told >= PROGRESS_SECONDS:
                self._check_finite(meter, checked)
                told, checked = now, self.batch
                self._tell(meter, now - start)
        return not control.stopping

    def _until_stopped(self, loader: Any) -> Iterator[Any]:
        """Give a loader's batches up to its end, or to where the run is stopped."""
        iterator = iter(loader)
        while not self.control.stopping:
            try:
                batch = next(iterator)
            except StopIteration:
                return
            except Exception:
                if self.control.stopping:  # an interrupt reaches the loader's workers too
                    return
                raise
            yield batch

    def _validate(self) -> Meter | None:
        """Measure the epoch; None when the run was stopped meanwhile."""
        plan = self.plan
        batches = self._until_stopped(plan.val_loader)
        meter = validate(plan.model, batches, plan.criterion, self.device)
        if self.control.stopping:
            return None
        if not meter.images:
            raise TrainingError("val_loader gave no batch; leave validation out with --val none")
        return meter

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
            lr = float(self.plan.optimizer.param_groups[0]["lr"])
            first = batch == 1 and self.epoch == 1
            raise NotFiniteError(
                f"the loss was not finite in batch {batch} of epoch {self.epoch} "
                f"(learning rate {lr:g})",
                "the images, the model or the criterion give it before the first step: look at "
                "next(iter(train_loader))"
                if first
                else "try a lower learning rate",
            )

    def _check_gradient(self, loss: Tensor) -> None:
        if not loss.requires_grad:
            raise TrainingError(
                "the loss has no gradient, so nothing can be learnt: is every parameter frozen, "
                "does forward() use no_grad() or detach(), or the criterion argmax()?"
            )

    def _check_weights(self) -> None:
        """Refuse weights that the last step made NaN or infinite, before anything is kept."""
        model = self.plan.model
        tensors = [*model.parameters(), *model.buffers()]
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors):
            message = f"the weights were not finite at the end of epoch {self.epoch}"
            raise NotFiniteError(message, "try a lower learning rate")

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
    return meter


def _scalar(loss: Any) -> Tensor:
    if isinstance(loss, Tensor) and loss.numel() == 1:
        return loss.reshape(())
    shape = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
    raise TrainingError(f"criterion gives {shape}; one number, the mean over the batch, is needed")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
