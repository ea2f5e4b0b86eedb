"""Observe the first training steps: whether the learning rate suits, and what else changes it."""

import contextlib
import math
from itertools import pairwise
from typing import Any, Literal

import torch
from torch import Tensor
from torch.utils._pytree import tree_map_only

from jupyter_classgame.referee.facts import FirstStepsFacts
from jupyter_classgame.referee.isolation.optimizer_backup import held_by
from jupyter_classgame.referee.isolation.rng import seed_torch
from jupyter_classgame.referee.model.replay import eagerly, find_scores
from jupyter_classgame.training.optimizer_class import is_hooked, is_torchs_own
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

STEPS = 6
FEWEST = 4
"""Steps after which a loss that has fallen in each of them is known to fall."""

FALLEN = 1e-3
TOO_LITTLE = 5e-5
ENOUGH = 5e-3
UP, DOWN = 100.0, 10.0
LARGEST, SMALLEST = 10.0, 1e-7
JUMP = 1.05
LEAP = 10.0
ALMOST = 1e-3


def observe_steps(
    model: Any, optimizer: Any, criterion: Any, images: Tensor, targets: Tensor, *,
    scheduled: bool, batch: int = 0,
) -> FirstStepsFacts:  # fmt: skip
    """Train a few steps on one small batch, and search for a better rate if the loss does not fall.

    Changes the model and the optimizer: run it in isolation.

    Parameters
    ----------
    model, optimizer, criterion
        The objects of the run.
    images, targets
        A small batch, (n, channels, height, width) and (n, ...).
    scheduled
        A scheduler will change the rate, so that a small one is not reported.
    batch
        The batch size of the run, by which a loss that is a sum over the batch is scaled.
    """
    network = unwrapped(model)
    network.train()
    trial = _FirstSteps(network, optimizer, criterion, images, targets, batch)
    lrs = trial.lrs
    facts = FirstStepsFacts(lr=lrs[0])
    losses = trial.run()
    facts.summed = trial.summed
    facts.losses = tuple(losses)
    facts.detached = len(losses) == 1 and math.isfinite(losses[0])
    if facts.detached:
        return facts
    after = [float(group["lr"]) for group in optimizer.param_groups]
    if after != lrs:
        facts.lr_changed = f"{lrs[0]:.3g} became {after[0]:.3g} within {len(losses)} steps"
    facts.verdict = trial.too_high(losses)
    if facts.verdict:
        facts.factor = trial.lower()
    elif scheduled or facts.lr_changed:
        return facts
    elif not any(lrs):
        facts.verdict = "zero"
    elif _hardly(losses) and (factor := trial.higher()):
        facts.verdict, facts.factor = "low", factor
    return facts


class _FirstSteps:
    """The first steps from the same weights, repeated at different learning rates."""

    def __init__(
        self, model: Any, optimizer: Any, criterion: Any, images: Tensor, targets: Tensor,
        batch: int,
    ) -> None:  # fmt: skip
        self.model, self.optimizer, self.criterion = model, optimizer, criterion
        self.images, self.targets, self.batch = images, targets, batch
        # What nothing hooks into does the same in each step.
        self.plain = is_torchs_own(optimizer) and not is_hooked(optimizer)
        self.summed = False
        self.times = self.scale = 1.0
        self.classes = 0
        self.held = held_by(optimizer)
        self.begin = [p.detach().clone() for p in self.held]
        self.lrs = [float(group["lr"]) for group in optimizer.param_groups]

    def outputs(self) -> Any:
        """Return the model's outputs for the batch, with the same random masks each time."""
        seed_torch(0)
        with eagerly():
            return self.model(self.images)

    def look(self, outputs: Any, loss: Tensor) -> None:
        """Learn from the first outputs how many classes there are, and whether the loss is a sum.

        The loss of a batch that is repeated is twice as large then.
        """
        self.classes = max(find_scores(outputs).shape[-1], 2)
        one = float(loss.detach())
        with torch.no_grad(), contextlib.suppress(Exception):  # outputs that are not a row an image
            twice = tree_map_only(Tensor, lambda each: torch.cat([each, each]), outputs)
            two = float(self.criterion(twice, torch.cat([self.targets, self.targets])))
            self.summed = one != 0 and abs(two / one - 2) < ALMOST
        if self.summed:
            self.times = max(1.0, self.batch / len(self.images))
            self.scale = self.times * len(self.images)

    def run(self) -> list[float]:
        """Take the steps; return the loss before each."""
        losses: list[float] = []
        for _ in range(STEPS):
            self.optimizer.zero_grad(set_to_none=True)
            outputs = self.outputs()
            with eagerly():
                loss = self.criterion(outputs, self.targets)
            if not self.classes:
                self.look(outputs, loss)
            losses.append(self.times * float(loss.detach()))
            if not math.isfinite(losses[-1]) or not loss.requires_grad:
                break
            if self.plain and _falls(losses):
                break
            (self.times * loss if self.times > 1 else loss).backward()
            self.optimizer.step()
        return losses

    def at(self, factor: float) -> list[float]:
        """Take the steps from the starting weights, at the learning rates times a factor."""
        with torch.no_grad():
            for p, before in zip(self.held, self.begin, strict=True):
                p.copy_(before)
        getattr(self.optimizer, "state", {}).clear()
        for group, lr in zip(self.optimizer.param_groups, self.lrs, strict=True):
            group["lr"] = lr * factor
        return self.run()

    def higher(self) -> float:
        """Return the factor above 1 on the rate with which the loss falls; 0 if there is none."""
        factor = UP
        while factor * max(self.lrs) <= LARGEST:
            losses = self.at(factor)
            if losses and losses[-1] < losses[0] * (1 - ENOUGH):
                return factor
            factor *= UP
        return 0.0

    def lower(self) -> float:
        """Return the factor below 1 on the rate with which the loss falls; 0 if there is none."""
        factor = 1 / DOWN
        while factor * max(self.lrs) >= SMALLEST:
            losses = self.at(factor)
            steady = (
                len(losses) >= FEWEST
                and math.isfinite(sum(losses))
                and max(losses) <= JUMP * losses[0]
            )
            if steady and losses[-1] < losses[0]:
                return factor
            factor /= DOWN
        return 0.0

    def too_high(self, losses: list[float]) -> Literal["", "diverges", "high"]:
        """Return ``"diverges"`` or ``"high"`` where the losses grow, else nothing."""
        if not losses or not math.isfinite(losses[0]):
            return ""
        if not math.isfinite(losses[-1]):
            return "diverges"
        chance = self.scale * math.log(self.classes)
        limit = max(5 * losses[0], 4 * chance)
        stays = losses[-1] > limit and losses[-2] > limit
        # A network whose units a leap has killed may end near chance: the leap proves it.
        leaps = max(losses) > LEAP * max(losses[0], chance)
        return "high" if stays or leaps else ""


def _falls(losses: list[float]) -> bool:
    """Return whether the loss has fallen in each of several steps, and by more than hardly."""
    falls = all(after < before for before, after in pairwise(losses))
    return falls and len(losses) >= FEWEST and losses[-1] < losses[0] - FALLEN * abs(losses[0])


def _hardly(losses: list[float]) -> bool:
    return len(losses) == STEPS and abs(losses[-1] - losses[0]) < TOO_LITTLE * abs(losses[0])
