"""Learning-rate schedulers, each stepped at its own pace."""

from collections.abc import Sequence
from typing import Any, Literal

from torch.optim.lr_scheduler import CyclicLR, OneCycleLR, ReduceLROnPlateau

from jupyter_classgame.errors import TrainingError
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

    def after_batch(self, optimizer: Any) -> None:
        """Step a schedule that counts batches; ``optimizer`` took the step."""
        if self.pace == "batch" and self.scheduler is not None and self._works(optimizer):
            self.scheduler.step()

    def after_epoch(self, numbers: dict[str, float], optimizer: Any) -> None:
        """Step a schedule that counts epochs, or looks at a number of the one that ended."""
        if self.scheduler is None or not self._works(optimizer):
            return
        if self.pace == "epoch":
            self.scheduler.step()
        elif self.pace == "plateau":
            self.scheduler.step(numbers[self.monitor])

    def _works(self, optimizer: Any) -> bool:
        return not self.held and (self._owner is None or self._owner is optimizer)


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
