"""Observe learning-rate schedulers: step them and record the rate."""

import gc
import itertools
from typing import Any

from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from jupyter_classgame.referee.facts import ScheduleFacts, ScheduleKind
from jupyter_classgame.training.run.scheduler_stepper import kind_of, values_for, wanted_by

STEPS = 400
NOTHING = 1e-9
SAME = 1e-7


def observe_schedule(
    optimizer: Any, scheduler: Any | None, then: Any | None = None
) -> ScheduleFacts:
    """Simulate the scheduler of a run, and any other that was stepped by hand.

    Steps them: run it in isolation, or within `isolation.optimizer_backup.preserve_optimizer`.

    Parameters
    ----------
    optimizer, then
        The optimizer, and the one that takes over during the run, if any.
    scheduler
        The scheduler that the run steps, if any.
    """
    facts = ScheduleFacts()
    stepped = _stepped(optimizer, scheduler) + _stepped(then, scheduler)
    if scheduler is not None:
        theirs = getattr(scheduler, "optimizer", optimizer)
        turned = then if theirs is then and then is not None else optimizer
        facts.other_optimizer = theirs is not turned and hasattr(theirs, "param_groups")
        kind, how = simulate(turned, scheduler)
        facts.kind = kind
        facts.text = f"{type(scheduler).__name__}: {how}" if kind else ""
    found = []
    for other in stepped:
        times = max(int(getattr(other, "_step_count", 1)) - 1, int(getattr(other, "last_epoch", 0)))
        kind, how = simulate(other.optimizer, other)
        if kind:
            found.append((kind, f"{type(other).__name__}, stepped {times} times by hand: {how}"))
    facts.stepped = tuple(found)
    return facts


def _stepped(optimizer: Any | None, passed: Any | None) -> list[Any]:
    """Return the schedulers of an optimizer that were stepped before and are not the run's."""
    passed = _with_inner(passed)
    return [
        s
        for s in (schedulers_of(optimizer) if optimizer is not None else ())
        if _was_stepped(s) and not any(s is one for one in passed)
    ]


def schedulers_of(optimizer: Any) -> list[Any]:
    """Return the live scheduler objects that refer to an optimizer."""
    # Each search goes through all objects of the process, so that there is a second one only for
    # the attributes of what may be a scheduler.
    found, attributes = [], []
    for referrer in gc.get_referrers(optimizer):
        if isinstance(referrer, LRScheduler):
            found.append(referrer)
        elif isinstance(referrer, dict) and "last_epoch" in referrer:
            attributes.append(referrer)
    if attributes:
        found += [o for o in gc.get_referrers(*attributes) if isinstance(o, LRScheduler)]
    unique = {id(s): s for s in found if getattr(s, "optimizer", None) is optimizer}
    return list(unique.values())


def _was_stepped(scheduler: Any) -> bool:
    if isinstance(scheduler, ReduceLROnPlateau):
        return scheduler.last_epoch > 0
    return getattr(scheduler, "_step_count", 1) > 1


def _with_inner(scheduler: Any) -> list[Any]:
    inner = list(getattr(scheduler, "_schedulers", ()))
    return [scheduler, *inner] if scheduler is not None else []


def simulate(optimizer: Any, scheduler: Any) -> tuple[ScheduleKind, str]:
    """Step a scheduler many times; return the kind of schedule and the rates in words."""
    rates = [_rates(optimizer)]
    wanted = ("metrics",) if isinstance(scheduler, ReduceLROnPlateau) else wanted_by(scheduler)
    kinds = {kind_of(name) for name in wanted}
    on_plateau = kinds == {"metric"}
    for number in range(STEPS):
        try:
            scheduler.step(**values_for(wanted, epoch=number + 1, metric=1.0))
        except (ValueError, IndexError, StopIteration, ZeroDivisionError):
            break  # a schedule of a fixed length has ended
        rates.append(_rates(optimizer))
    for series in zip(*rates, strict=True):
        kind = _kind(list(series), on_plateau=on_plateau)
        if kind:
            return kind, f"learning rate {_shown(list(series))}"
    return "", ""


def _rates(optimizer: Any) -> tuple[float, ...]:
    return tuple(float(group["lr"]) for group in optimizer.param_groups)


def _kind(rates: list[float], *, on_plateau: bool) -> ScheduleKind:
    base = max(abs(r) for r in rates)
    # Ratios of vanishingly small rates are rounding errors.
    rates = list(itertools.takewhile(lambda rate: abs(rate) > NOTHING * base, rates))
    if base == 0 or max(rates) - min(rates) <= SAME * base:
        return ""
    if on_plateau:
        return "schedule"
    ratios = [b / a if a else 1.0 for a, b in itertools.pairwise(rates)]
    changes = [k for k, r in enumerate(ratios) if abs(r - 1) > SAME]
    if any(ratios[k] > 1 for k in changes):
        return "schedule"
    for first, second in itertools.pairwise(changes):
        alike = abs(ratios[first] - ratios[second]) < 1e-4 * ratios[first]
        if second == first + 1 and not alike:
            return "schedule"
    return "decay"


def _shown(rates: list[float]) -> str:
    distinct = [rates[0]]
    for rate in rates[1:]:
        if abs(rate - distinct[-1]) > SAME * max(abs(distinct[-1]), 1e-12):
            distinct.append(rate)
    text = ", ".join(f"{rate:.3g}" for rate in distinct[:4])
    return text + (", ..." if len(distinct) > 4 else "")
