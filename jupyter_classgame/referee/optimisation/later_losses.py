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

MOST_CLASSES = 200
OTHER = 0.01
"""The relative difference of gradients that is noticed."""


def observe_later_losses(
    criterion: Any,
    scores: Tensor,
    targets: Tensor,
    facts: CriterionFacts,
    look: Callable[[], CriterionFacts],
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
    look
        Observes the criterion as it is at that moment.
    steps
        How many steps a model may be trained for.
    """
    if criterion is None or is_plain(criterion) or not facts.takes_targets:
        return
    random = RandomSources()
    scores, targets = _of_all_classes(scores.detach(), targets)

    def asked() -> tuple[Tensor, Tensor]:
        random.seed(0)
        leaf = scores.clone().requires_grad_()
        loss = criterion(leaf, targets.to(leaf.device))
        return loss.detach(), torch.autograd.grad(loss, leaf)[0]

    counters = Counters(walk(criterion, "criterion"))
    with torch.enable_grad():
        first = asked()
        counters.find()
        gains = counters.gains()
        again = asked()
        if not counters.places or _differ(first[0], again[0]) or _differ(first[1], again[1]):
            return
        for number, part in enumerate(PARTS):
            passed = round(part * steps) + number % 2
            counters.forward([gain * passed for gain in gains])
            loss, gradient = asked()
            other = _differ(first[1], gradient)
            if other or _differ(first[0], loss):
                _add(facts, look(), certain=other)
                return


def _of_all_classes(scores: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Give each class a row, where targets are classes."""
    classes = scores.shape[-1]
    if targets.ndim != 1 or targets.is_floating_point() or classes > MOST_CLASSES:
        return scores, targets
    rows = torch.arange(max(classes, len(scores)))
    return scores[rows % len(scores)], (rows % classes).to(targets.dtype)


def _add(facts: CriterionFacts, later: CriterionFacts, *, certain: bool) -> None:
    """Add what was seen later on; what is ``certain`` and has no name is no less seen."""
    known = bool(facts.smoothing or facts.weights or facts.penalty)
    facts.smoothing = facts.smoothing or later.smoothing
    facts.weights = facts.weights or (later.weights and f"later on, {later.weights}")
    facts.penalty = facts.penalty or (later.penalty and f"later on, {later.penalty}")
    named = facts.smoothing or facts.weights or facts.penalty
    if certain and not (known or named):
        facts.beside = "the criterion says something else of the same scores later in a run"


def _differ(one: Tensor, two: Tensor) -> bool:
    return bool((one - two).norm() > OTHER * one.norm())
