"""Learning-rate schedulers, each stepped at its own pace."""

import copy
import inspect
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from torch import Tensor
from torch.optim.lr_scheduler import (
    CyclicLR,
    LambdaLR,
    LRScheduler,
    MultiplicativeLR,
    OneCycleLR,
    ReduceLROnPlateau,
)

from jupyter_classgame.errors import TrainingError, one_line
from jupyter_classgame.training.random_state import random_state_kept
from jupyter_classgame.training.run.run_request import owner_of

Pace = Literal["batch", "epoch", "plateau"]


def pace(scheduler: Any) -> Pace:
    """Say when a scheduler is stepped.

    One-cycle and cyclic schedules count batches (Smith 2017, arXiv:1506.01186), plateau schedules
    look at a validation number, all others count epochs.
    """
    if isinstance(scheduler, (OneCycleLR, CyclicLR)):
        return "batch"
    if isinstance(scheduler, ReduceLROnPlateau):
        return "plateau"
    return "epoch"


class Stepper:
    """Steps a scheduler, or none, when it should be.

    Parameters
    ----------
    scheduler
        Any object with ``step()``, or None.
    monitor
        The number a plateau schedule looks at; None takes the one that suits its mode.
    batches
        Batches in the whole run, where known.
    validated
        Whether there is validation data.
    optimizers
        Those of the run: a scheduler that belongs to one of them rests while another is at work.

    Attributes
    ----------
    held
        Whether the scheduler waits for a warm-up to end.

    Raises
    ------
    TrainingError
        The scheduler would run out of steps, or its mode does not suit the monitor.
    """

    def __init__(
        self,
        scheduler: Any | None,
        monitor: str | None,
        batches: int | None,
        *,
        validated: bool,
        optimizers: Sequence[Any] = (),
    ) -> None:
        self.scheduler = scheduler
        self.held = False
        self._owner = owner_of(scheduler, optimizers)
        self.pace = pace(scheduler) if scheduler is not None else None
        if scheduler is not None and not callable(getattr(scheduler, "step", None)):
            raise TrainingError(
                f"scheduler: {type(scheduler).__name__} has no step(); "
                "give a torch.optim.lr_scheduler, or --scheduler none"
            )
        if isinstance(scheduler, OneCycleLR) and batches is not None:
            left = scheduler.total_steps - scheduler.last_epoch
            if batches > left:
                raise TrainingError(
                    f"scheduler: OneCycleLR has {left} steps left and the run takes {batches}; "
                    "build it anew with epochs=... and steps_per_epoch=len(train_loader)"
                )
        self.monitor = _plateau_monitor(scheduler, monitor, validated=validated)
        self._wanted: tuple[str, ...] = ()
        if scheduler is not None and self.pace == "epoch":
            self._wanted = wanted_by(scheduler)
            if not self.monitor:
                self.monitor = monitor or _number_for(scheduler, validated=validated)
            if _is_users(scheduler):
                self._try_one(optimizers)

    def after_batch(self, optimizer: Any) -> None:
        """Step a schedule that counts batches; ``optimizer`` took the step."""
        if self.pace == "batch" and self.scheduler is not None and self._works(optimizer):
            self.scheduler.step()

    def after_epoch(self, numbers: dict[str, float], optimizer: Any, epoch: int) -> None:
        """Step a schedule that counts epochs, or looks at a number of the one that ended.

        ``epoch`` epochs of the model's life are over.
        """
        if self.scheduler is None or not self._works(optimizer):
            return
        if self.pace == "epoch":
            self._step(self.scheduler, numbers[self.monitor], epoch)
        elif self.pace == "plateau":
            self.scheduler.step(numbers[self.monitor])

    def _step(self, scheduler: Any, number: float, epoch: int) -> None:
        """Call a schedule with what its step() wants; an epoch is that of those to come."""
        scheduler.step(**values_for(self._wanted, epoch=epoch, metric=number))

    def _try_one(self, optimizers: Sequence[Any]) -> None:
        """Step a copy of the scheduler, so that its error is found before anything is trained.

        Raises
        ------
        TrainingError
            It fails.
        """
        groups = [group for optimizer in optimizers for group in optimizer.param_groups]
        if any(isinstance(value, Tensor) for group in groups for value in group.values()):
            return
        settings = [dict(group) for group in groups]
        try:
            tried = copy.deepcopy(self.scheduler, {id(each): each for each in optimizers})
        except Exception:  # noqa: BLE001 - a user's object may refuse to be copied
            return
        try:
            with warnings.catch_warnings(), random_state_kept():
                warnings.simplefilter("ignore")
                self._step(tried, 1.0, 1)
        except Exception as error:
            kind = type(self.scheduler).__name__
            raise TrainingError(
                f"scheduler: {kind}.step({', '.join(self._wanted)}) fails with "
                f"{type(error).__name__}: {one_line(error)}",
                "mend it, or write --scheduler none",
            ) from error
        finally:
            for group, before in zip(groups, settings, strict=True):
                group.clear()
                group.update(before)

    def _works(self, optimizer: Any) -> bool:
        return not self.held and (self._owner is None or self._owner is optimizer)


def kind_of(name: str) -> str:
    """Say what a parameter of a step() wants by its name: ``epoch``, ``metric``, or neither."""
    if name in ("epoch", "epochs", "current_epoch", "cur_epoch", "t"):
        return "epoch"
    numbers = ("metric", "loss", "acc", "score", "value", "val")
    return "metric" if any(part in name for part in numbers) else ""


def wanted_by(scheduler: Any) -> tuple[str, ...]:
    """Name the parameters with which a schedule's step() is called.

    Raises
    ------
    TrainingError
        It wants something that a run does not have.
    """
    if isinstance(scheduler, LRScheduler) and type(scheduler).step is LRScheduler.step:
        return ()
    try:
        parameters = inspect.signature(scheduler.step).parameters.values()
    except (TypeError, ValueError):  # one that tells nothing of itself
        return ()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    needed = [p for p in parameters if p.default is p.empty and p.kind in named]
    if unknown := [p.name for p in needed if not kind_of(p.name)]:
        raise TrainingError(
            f"scheduler: {type(scheduler).__name__}.step() wants {', '.join(unknown)}",
            "a run gives it nothing, the epoch or the metric; let it take one of them, or write "
            "--scheduler none",
        )
    asked = [p.name for p in parameters if p not in needed and kind_of(p.name) == "metric"]
    return tuple(p.name for p in needed) + tuple(asked if needed else ())


def values_for(wanted: Iterable[str], *, epoch: int, metric: float) -> dict[str, float]:
    """Give each parameter of a step() that is called with something its value."""
    values = {"epoch": epoch, "metric": metric}
    return {name: values[kind_of(name)] for name in wanted}


def _number_for(scheduler: Any, *, validated: bool) -> str:
    """Name the number that a schedule of another library looks at."""
    kind = "acc" if getattr(scheduler, "mode", "min") == "max" else "loss"
    return f"{'val' if validated else 'train'}_{kind}"


def _is_users(scheduler: Any) -> bool:
    """Say whether code of a user's own, or of another library, says what a step does."""
    torchs = type(scheduler).__module__.startswith("torch.")
    return not torchs or isinstance(scheduler, (LambdaLR, MultiplicativeLR))


def _plateau_monitor(scheduler: Any | None, monitor: str | None, *, validated: bool) -> str:
    if not isinstance(scheduler, ReduceLROnPlateau):
        return ""
    wanted = "loss" if scheduler.mode == "min" else "acc"
    if monitor is None:
        return f"{'val' if validated else 'train'}_{wanted}"
    if not monitor.endswith(wanted):
        raise TrainingError(
            f'scheduler: ReduceLROnPlateau has mode="{scheduler.mode}", which does not suit '
            f'--monitor {monitor}; build it with mode="{"max" if wanted == "loss" else "min"}"'
        )
    return monitor
