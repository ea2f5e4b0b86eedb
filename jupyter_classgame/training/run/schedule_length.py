"""A schedule that counts in another unit than the one in which it is stepped."""

from functools import partial
from typing import Any

from torch.optim.lr_scheduler import CyclicLR, OneCycleLR

from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.scheduler_stepper import pace

LENGTHS = ("T_max", "total_iters", "T_0", "step_size")
"""What torch's schedules call their length, or that of one of their stages."""

FEWEST_STEPS = 4
"""With fewer steps an epoch, the two units cannot be told apart."""


def wrong_unit(request: RunRequest) -> tuple[str, str] | None:
    """Say of a scheduler that it counts steps where epochs count, or epochs where steps do.

    Returns
    -------
    tuple or None
        What is the matter, and what to do; None where the units fit, or nobody can tell.
    """
    scheduler, steps = request.scheduler, request.steps
    if scheduler is None or steps is None or steps < FEWEST_STEPS:
        return None
    if pace(scheduler) == "batch":
        return _steps_that_do_not_fit(scheduler, request.epochs, steps)
    units = {steps, request.batches}
    for name, length in _lengths(scheduler):
        if length >= 2 * request.epochs and any(unit and length % unit == 0 for unit in units):
            kind = type(scheduler).__name__
            return (
                f"{kind} is {length} epochs long, the run {request.epochs}: {name} counts epochs",
                f"write {name}={max(1, length // steps)}, or the rate hardly changes",
            )
    return None


def _steps_that_do_not_fit(scheduler: Any, epochs: int, steps: int) -> tuple[str, str] | None:
    run = epochs * steps
    if isinstance(scheduler, OneCycleLR):
        left = scheduler.total_steps - scheduler.last_epoch
        if left >= FEWEST_STEPS * run:
            return (
                f"OneCycleLR has {left} steps left and the run takes {run}: it would not come down",
                f"build it with epochs={epochs} and steps_per_epoch={steps}",
            )
    if isinstance(scheduler, CyclicLR):
        up = int(scheduler.total_size * scheduler.step_ratio)
        if up >= FEWEST_STEPS * run or (epochs > 1 and up == epochs):
            return (
                f"CyclicLR rises for {up} steps and the run takes {run}: step_size_up counts steps",
                f"write step_size_up={max(1, run // 2)} for one rise and fall",
            )
    return None


def _lengths(scheduler: Any) -> list[tuple[str, int]]:
    """List the lengths of a schedule and of those that it is made of, as far as they are known."""
    found = [(name, getattr(scheduler, name, None)) for name in LENGTHS]
    milestones = getattr(scheduler, "milestones", None) or getattr(scheduler, "_milestones", None)
    found += [("milestones", value) for value in milestones or ()]
    for function in getattr(scheduler, "lr_lambdas", None) or ():
        if isinstance(function, partial):
            found.append(("num_training_steps", function.keywords.get("num_training_steps")))
    lengths = [(name, value) for name, value in found if isinstance(value, int) and value > 0]
    for inner in getattr(scheduler, "_schedulers", None) or ():
        lengths += _lengths(inner)
    return lengths
