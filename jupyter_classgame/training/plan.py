"""The plan of a run: what it trains and how, checked before anything moves."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import nn
from torch.nn.parameter import UninitializedParameter
from torch.optim import LBFGS, Optimizer
from torch.utils.data import DataLoader, Dataset

from jupyter_classgame.config import MONITORS
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.history import History

Monitor = Literal["train_loss", "train_acc", "val_loss", "val_acc"]


@dataclass(frozen=True)
class Many:
    """How a run on many devices is carried out.

    Attributes
    ----------
    sync_bn
        Batch norm normalises over all devices.
    accelerate_config
        Path of an Accelerate configuration file.
    idle
        Seconds that processes wait for the next run.
    patience
        Seconds without a step after which a process hangs.
    """

    sync_bn: bool = False
    accelerate_config: str | None = None
    idle: float = 600.0
    patience: float = 300.0


@dataclass
class Plan:
    """What a run trains and how.

    Parameters
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
        See :func:`~jupyter_classgame.training.launch.device_choice.choose_devices`; the loop itself
        takes one, see :func:`~jupyter_classgame.training.device.placement.choose_device`.
    many
        How a run on many devices is carried out.
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
    background
        The run is in a thread of its own, while other cells draw random numbers.
    done, history
        Epochs of this run that were trained before, and their numbers: where it is resumed.
    restore
        Puts those epochs into the objects, once all callbacks have heard that the run begins.
    monitor
        The number that decides which epoch is best; None takes ``usual``.
    usual
        What is taken then; of training in its place where nothing is validated.
    keep
        Whether the last or the best epoch's weights are left in the model, or their average.

    Raises
    ------
    TrainingError
        Something is missing or is not what it should be.
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
    many: Many = field(default_factory=Many)
    monitor: Monitor | None = None
    usual: Monitor = "val_acc"
    keep: Literal["last", "best", "ema"] = "last"
    precision: str = "no"
    channels_last: bool | None = False
    accumulate: int = 1
    then: Optimizer | None = None
    at: int | None = None
    callbacks: list[Callback] = field(default_factory=list)
    background: bool = False
    done: int = 0
    history: History | None = None
    restore: Callable[[Any], None] | None = None
    label: str = "run"
    run: int = 0
    ranked: bool = False
    notes: tuple[str, ...] = ()
    unranked_reasons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("optimizer", "criterion", "scheduler"):
            _check_made(getattr(self, name), name)
        check_model(self.model)
        if isinstance(self.scheduler, Optimizer):
            raise TrainingError(f"scheduler: {_a(self.scheduler)} is an optimizer")
        _check_optimizer(self.optimizer)
        check_loader(self.train_loader, "train_loader", once=True)
        if self.val_loader is not None:
            check_loader(self.val_loader, "val_loader")
        if not callable(self.criterion):
            raise TrainingError(f"criterion: {_a(self.criterion)} cannot be called")
        if self.then is not None:
            _check_made(self.then, "--then")
            _check_optimizer(self.then, "--then")
        if self.monitor not in (None, *MONITORS):
            raise TrainingError(f"--monitor {self.monitor}: write one of {', '.join(MONITORS)}")
        if self.val_loader is None and str(self.monitor).startswith("val"):
            raise TrainingError(f"--monitor {self.monitor}: there is no val_loader to measure it")
        for callback in self.callbacks:
            callback.check(self)

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
    def steps(self) -> int | None:
        """Steps an epoch, None where the loader does not know its batches."""
        return -(-self.batches // self.accumulate) if self.batches else None

    @property
    def scheduled_steps(self) -> int | None:
        """Steps to come while the scheduler's optimizer is at work, None where ``steps`` is."""
        if self.steps is None:
            return None
        first, last = self.done + 1, self.epochs
        if self.then is not None and self.at is not None:
            if owner_of(self.scheduler, self.optimizers) is self.then:
                first = max(first, self.at)
            else:
                last = min(last, self.at - 1)
        return self.steps * max(0, last - first + 1)

    @property
    def batches(self) -> int | None:
        """Batches an epoch, None where the loader does not know."""
        return batches_of(self.train_loader)


def owner_of(scheduler: Any | None, optimizers: Sequence[Any]) -> Any | None:
    """Give the one among ``optimizers`` whose rate a scheduler turns, None if it is none."""
    theirs = getattr(scheduler, "optimizer", None)
    return theirs if any(theirs is optimizer for optimizer in optimizers) else None


def batches_of(loader: Iterable[Any]) -> int | None:
    """Give a loader's number of batches, None where it does not know."""
    try:
        return len(loader) if isinstance(loader, Sized) else None
    except TypeError:  # a DataLoader over a dataset without a length
        return None


def check_loader(loader: Any, name: str, *, once: bool = False) -> None:
    """Refuse what cannot be iterated once an epoch.

    Parameters
    ----------
    loader, name
        The loader, and what the user calls it.
    once
        Let pass what can be iterated once only, such as a generator: it lasts for an epoch.

    Raises
    ------
    TrainingError
        It is a dataset, a generator or no iterable, or gives no batch at all.
    """
    if isinstance(loader, Dataset) and not isinstance(loader, DataLoader):
        raise TrainingError(
            f"{name}: {_a(loader)} is a dataset; put it in a DataLoader, or use game.loader(...)"
        )
    if isinstance(loader, Iterator) and not once:
        raise TrainingError(
            f"{name}: {_a(loader)} can be iterated once only; give a DataLoader or a list"
        )
    iterable = hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")
    if not iterable or isinstance(loader, (str, bytes, dict)):
        raise TrainingError(f"{name}: {_a(loader)} gives no batches; use game.loader(...)")
    if batches_of(loader) == 0:
        raise TrainingError(
            f"{name} gives no batch: fewer images than batch_size, with drop_last=True?"
        )


def _check_made(thing: Any, name: str) -> None:
    if isinstance(thing, type):
        called = thing.__name__
        raise TrainingError(f"{name}: {called} is a class; make one with {called}(...)")


def check_model(model: Any) -> None:
    """Refuse what cannot be run as a model.

    Raises
    ------
    TrainingError
        It is no module, or has no values yet.
    """
    _check_made(model, "model")
    if not isinstance(model, nn.Module):
        raise TrainingError(f"model: a torch.nn.Module is needed, not {_a(model)}")
    if any(isinstance(parameter, UninitializedParameter) for parameter in model.parameters()):
        raise TrainingError(
            "model: a lazy layer does not know its size yet; call the model once on a batch, "
            "then build the optimizer"
        )
    if any(parameter.is_meta for parameter in model.parameters()):
        raise TrainingError('model: its weights are on "meta" and have no values; build it anew')


def _check_optimizer(optimizer: Any, name: str = "optimizer") -> None:
    for part in ("step", "zero_grad", "param_groups", "state"):
        if not hasattr(optimizer, part):
            raise TrainingError(
                f"{name}: {_a(optimizer)} has no {part}; give a torch.optim optimizer"
            )
    if isinstance(optimizer, LBFGS):
        raise TrainingError(f"{name}: LBFGS steps by a closure, which %train does not give")


def _a(thing: Any) -> str:
    return f"a {type(thing).__name__}"
