"""A schedule that counts in another unit than the one in which it is stepped."""

from functools import partial
from itertools import pairwise
from types import FunctionType
from typing import Any

from torch.optim.lr_scheduler import CyclicLR, OneCycleLR

from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.scheduler_stepper import pace

LENGTHS = ("T_max", "total_iters", "T_0", "step_size")
"""What torch's schedules call their length, or that of one of their stages."""

FEWEST_STEPS = 4
"""With fewer steps an epoch, the two units cannot be told apart."""

MOST_CALLS = 10_000
"""Steps of a run up to which a schedule's own function is looked at."""

ALMOST = 1e-6
"""Of a function's largest value: what counts as nothing."""


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
    for part, name, length in _lengths(scheduler):
        if length >= 2 * request.epochs and any(unit and length % unit == 0 for unit in units):
            kind = type(part).__name__
            return (
                f"{kind} is {length} epochs long, the run {request.epochs}: {name} counts epochs",
                f"write {_written(part, name, length, steps)}, or the rate hardly changes",
            )
    for function in getattr(scheduler, "lr_lambdas", None) or ():
        end = _end(function, request.epochs * steps)
        if end >= 2 * request.epochs and end % steps == 0:
            kind = type(scheduler).__name__
            what = f"{kind} comes to its end after {end} epochs, the run after {request.epochs}"
            return (
                f"{what}: its function is called with the number of epochs",
                f"let it count {end // steps}, not {end}, or the rate hardly changes",
            )
    return None


def _written(part: Any, name: str, length: int, steps: int) -> str:
    """Write a setting of a schedule as it would be in epochs."""
    if name != "milestones":
        return f"{name}={max(1, length // steps)}"
    return f"milestones={[max(1, value // steps) for value in _milestones(part)]}"


def _end(function: Any, most: int) -> int:
    """Give the number, up to ``most``, from which a function is zero or constant; 0 for none."""
    known = isinstance(function, FunctionType) and "print" not in function.__code__.co_names
    if not known or most > MOST_CALLS:
        return 0
    try:
        values = [float(function(number)) for number in range(most + 3)]
    except Exception:  # noqa: BLE001 - a user's function; the run itself will tell
        return 0
    nothing = ALMOST * max(map(abs, values))
    ends = (number for number, value in enumerate(values) if number and abs(value) <= nothing)
    changes = [n for n, (one, next_) in enumerate(pairwise(values), 1) if one != next_]
    last = changes[-1] if changes and changes[-1] <= most else 0
    return next(ends, last) if changes else 0


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


def _lengths(scheduler: Any) -> list[tuple[Any, str, int]]:
    """List the lengths of a schedule and of those that it is made of, as far as they are known.

    Each is the schedule, the name of its setting, and the length.
    """
    found = [(name, getattr(scheduler, name, None)) for name in LENGTHS]
    found += [("milestones", value) for value in _milestones(scheduler)]
    for function in getattr(scheduler, "lr_lambdas", None) or ():
        if isinstance(function, partial):
            found.append(("num_training_steps", function.keywords.get("num_training_steps")))
    lengths = [
        (scheduler, name, value) for name, value in found if isinstance(value, int) and value > 0
    ]
    for inner in getattr(scheduler, "_schedulers", None) or ():
        lengths += _lengths(inner)
    return lengths


def _milestones(scheduler: Any) -> list[Any]:
    found = getattr(scheduler, "milestones", None) or getattr(scheduler, "_milestones", None)
    return list(found or ())
