"""The request of a run: what it trains and how, checked before anything moves."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn
from torch.optim import Optimizer

from jupyter_classgame.config import MONITORS
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.run.checks.hidden_methods import check_methods
from jupyter_classgame.training.run.checks.object_checks import (
    batches_of,
    check_instance,
    check_loader,
    check_model,
    check_optimizer,
    described,
)

Monitor = Literal["train_loss", "train_acc", "val_loss", "val_acc"]


@dataclass(frozen=True)
class RunRequest:
    """What a run trains and how; what becomes known later is replaced in a copy.

    Attributes
    ----------
    model, optimizer, criterion, scheduler
        The user's own objects; they are trained in place.
    train_loader, val_loader
        Iterables of (images, targets) batches, iterated once an epoch.
    epochs
        How many to train.
    seed
        Addresses every random draw, together with the epoch of the model's life.
    first_epoch
        Epochs the model has been trained for already.
    classes
        How many scores an image the model must give at least; None does not check.
    devices
        See :func:`~jupyter_classgame.training.launch.device_choice.choose_devices`.
    sync_bn
        Batch norm normalises over all devices.
    accelerate_config
        Path of an Accelerate configuration file.
    devices_idle
        Seconds that processes on several devices wait for the next run.
    devices_patience
        Seconds without a step after which such a process is taken to hang.
    precision
        See :func:`~jupyter_classgame.training.device.precision.choose_precision`.
    channels_last
        Whether convolutions' weights are laid out with channels last during the run; None decides
        by whether there are any, and the optimizers are torch's own.
    accumulate
        Batches whose gradients make one step.
    then, at
        An optimizer that takes the first one's place at the beginning of epoch ``at``.
    callbacks
        What else happens in the loop; see :class:`~jupyter_classgame.training.callback.Callback`.
    threads
        Threads that torch computes with on the CPU, in each process; None takes as many as it has
        and the process may use.
    measure_threads
        Whether fewer are taken where steps are faster with them, which rounds sums differently.
    background
        The run is in a thread of its own, while other cells draw random numbers.
    monitor
        The number that decides which epoch is best; None takes ``usual``.
    usual
        What is taken then; of training in its place where nothing is validated.
    keep
        Whether the last or the best epoch's weights are left in the model, or their average.

    """

    model: nn.Module
    optimizer: Optimizer
    train_loader: Iterable[Any]
    criterion: Any
    val_loader: Iterable[Any] | None = None
    scheduler: Any | None = None
    epochs: int = 10
    seed: int = 0
    first_epoch: int = 0
    classes: int | None = None
    devices: str | None = None
    sync_bn: bool = False
    accelerate_config: str | None = None
    devices_idle: float = 600.0
    devices_patience: float = 300.0
    monitor: Monitor | None = None
    usual: Monitor = "val_acc"
    keep: Literal["last", "best", "ema"] = "last"
    precision: str = "no"
    channels_last: bool | None = False
    accumulate: int = 1
    then: Optimizer | None = None
    at: int | None = None
    callbacks: tuple[Callback, ...] = ()
    threads: int | None = None
    measure_threads: bool = False
    background: bool = False

    def checked(self) -> "RunRequest":
        """Give the request itself, once everything in it can be used.

        Raises
        ------
        TrainingError
            Something is missing or is not what it should be.
        """
        for name in ("optimizer", "criterion", "scheduler"):
            check_instance(getattr(self, name), name)
        check_model(self.model)
        check_methods(self.criterion, "criterion")
        if isinstance(self.scheduler, Optimizer):
            raise TrainingError(f"scheduler: {described(self.scheduler)} is an optimizer")
        check_optimizer(self.optimizer)
        check_loader(self.train_loader, "train_loader", once=True)
        if self.val_loader is not None:
            check_loader(self.val_loader, "val_loader")
        if not callable(self.criterion):
            raise TrainingError(f"criterion: {described(self.criterion)} cannot be called")
        if self.then is not None:
            check_instance(self.then, "--then")
            check_optimizer(self.then, "--then")
        if self.monitor not in (None, *MONITORS):
            raise TrainingError(f"--monitor {self.monitor}: write one of {', '.join(MONITORS)}")
        if self.val_loader is None and str(self.monitor).startswith("val"):
            raise TrainingError(f"--monitor {self.monitor}: there is no val_loader to measure it")
        for callback in self.callbacks:
            callback.check(self)
        return self

    @property
    def watched(self) -> Monitor:
        """The number that decides which epoch is best."""
        if self.monitor is not None:
            return self.monitor
        if self.val_loader is not None:
            return self.usual
        return "train_loss" if self.usual.endswith("loss") else "train_acc"

    @property
    def optimizers(self) -> tuple[Optimizer, ...]:
        """The optimizer, and the one that takes its place where there is one."""
        return (self.optimizer,) if self.then is None else (self.optimizer, self.then)

    @property
    def batches(self) -> int | None:
        """Batches an epoch, None where the loader does not know."""
        return batches_of(self.train_loader)

    @property
    def steps(self) -> int | None:
        """Steps an epoch, None where the loader does not know its batches."""
        return -(-self.batches // self.accumulate) if self.batches else None

    def scheduled_steps(self, done: int = 0) -> int | None:
        """Count the steps after ``done`` epochs in which the scheduler's optimizer is at work.

        None where the loader does not know its batches.
        """
        if self.steps is None:
            return None
        first, last = done + 1, self.epochs
        if self.then is not None and self.at is not None:
            if owner_of(self.scheduler, self.optimizers) is self.then:
                first = max(first, self.at)
            else:
                last = min(last, self.at - 1)
        return self.steps * max(0, last - first + 1)


def owner_of(scheduler: Any | None, optimizers: Sequence[Any]) -> Any | None:
    """Give the one among ``optimizers`` whose rate a scheduler turns, None if it is none."""
    theirs = getattr(scheduler, "optimizer", None)
    return theirs if any(theirs is optimizer for optimizer in optimizers) else None
