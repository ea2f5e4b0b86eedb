"""Observe what a criterion does to the same scores later on, by the numbers that it counts."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.referee.facts import CriterionFacts
from jupyter_classgame.referee.isolation.counters import Counters
from jupyter_classgame.referee.isolation.object_graph import walk
from jupyter_classgame.referee.isolation.rng import RandomSources
from jupyter_classgame.referee.optimisation.criterion_reach import is_plain

PARTS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""The parts of a run after which the criterion is asked again."""

OTHER = 0.01
"""The relative difference of gradients that is noticed."""


def observe_later_losses(
    criterion: Any,
    scores: Tensor,
    targets: Tensor,
    facts: CriterionFacts,
    again: Callable[[], CriterionFacts],
    steps: int,
) -> None:
    """Ask a criterion for the gradient of a batch again, as if many steps had passed.

    Parameters
    ----------
    criterion
        Callable of (outputs, targets).
    scores, targets
        A batch: (n, classes), and what the loader yields.
    facts
        What was observed in the beginning; what is seen later on is added.
    again
        Observes the criterion as it is at that moment.
    steps
        How many steps a model may be trained for.
    """
    if criterion is None or is_plain(criterion) or not facts.takes_targets:
        return
    random = RandomSources()

    def gradient() -> Tensor:
        random.seed(0)
        leaf = scores.detach().clone().requires_grad_()
        loss = criterion(leaf, targets.to(leaf.device))
        found: Tensor = torch.autograd.grad(loss, leaf)[0]
        return found

    counters = Counters(walk(criterion, "criterion"))
    with torch.enable_grad():
        first = gradient()
        counters.find()
        gains = counters.gains()
        if not counters.places or _differ(first, gradient()):
            return
        for number, part in enumerate(PARTS):
            passed = round(part * steps) + number % 2
            counters.forward([gain * passed for gain in gains])
            if _differ(first, gradient()):
                _add(facts, again())
                return


def _add(facts: CriterionFacts, later: CriterionFacts) -> None:
    known = bool(facts.smoothing or facts.weights or facts.penalty)
    facts.smoothing = facts.smoothing or later.smoothing
    facts.weights = facts.weights or (later.weights and f"later on, {later.weights}")
    facts.penalty = facts.penalty or (later.penalty and f"later on, {later.penalty}")
    if not (known or facts.smoothing or facts.weights or facts.penalty):
        facts.beside = "the criterion says something else of the same scores later in a run"


def _differ(one: Tensor, two: Tensor) -> bool:
    return bool((one - two).norm() > OTHER * one.norm())
