"""Take the first steps on a copy: how the loss goes, and who else turns the learning rate."""

import math
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.training.fingerprint import unwrapped

from .facts import StepsFacts
from .optimizer import held_by
from .watched import eagerly, scores_of

STEPS = 6
TOO_LITTLE = 5e-5
ENOUGH = 5e-3
FACTORS = (100.0, 10_000.0)


def observe_steps(
    model: Any, optimizer: Any, criterion: Any, images: Tensor, targets: Tensor, *, scheduled: bool
) -> StepsFacts:
    """Train a few steps on one small batch, as the engine would.

    Changes everything: run it apart.

    Parameters
    ----------
    scheduled
        A scheduler will move the rate, so that a small one to begin with means nothing.
    """
    network = unwrapped(model)
    network.train()
    begin = [p.detach().clone() for p in held_by(optimizer)]
    lrs = [float(group["lr"]) for group in optimizer.param_groups]
    facts = StepsFacts(lr=lrs[0])
    losses = _train(network, optimizer, criterion, images, targets)
    facts.losses = tuple(losses)
    facts.detached = len(losses) == 1 and math.isfinite(losses[0])
    if facts.detached:
        return facts
    after = [float(group["lr"]) for group in optimizer.param_groups]
    if after != lrs:
        facts.lr_changed = f"{lrs[0]:.3g} became {after[0]:.3g} within {STEPS} steps"
    facts.verdict = _too_high(losses, images.shape[0], network, images)
    if not facts.verdict and not scheduled and _hardly(losses):
        for factor in FACTORS:
            with torch.no_grad():
                for p, before in zip(held_by(optimizer), begin, strict=True):
                    p.copy_(before)
            getattr(optimizer, "state", {}).clear()
            for group, lr in zip(optimizer.param_groups, lrs, strict=True):
                group["lr"] = lr * factor
            faster = _train(network, optimizer, criterion, images, targets)
            if faster and faster[-1] < faster[0] * (1 - ENOUGH):
                facts.verdict, facts.factor = "low", factor
                break
    return facts


def _train(
    model: Any, optimizer: Any, criterion: Any, images: Tensor, targets: Tensor
) -> list[float]:
    losses = []
    for _ in range(STEPS):
        torch.manual_seed(0)  # the same masks every time, so that the loss shows the weights alone
        optimizer.zero_grad(set_to_none=True)
        with eagerly():
            loss = criterion(model(images), targets)
        losses.append(float(loss.detach()))
        if not math.isfinite(losses[-1]) or not loss.requires_grad:
            break
        loss.backward()
        optimizer.step()
    return losses


def _too_high(losses: list[float], batch: int, model: Any, images: Tensor) -> str:
    if not losses or not math.isfinite(losses[0]):
        return ""
    if not math.isfinite(losses[-1]):
        return "diverges"
    with torch.no_grad():
        classes = scores_of(model(images)).shape[-1]
    limit = max(5 * losses[0], 4 * math.log(max(classes, 2)))
    del batch
    return "high" if losses[-1] > limit and losses[-2] > limit else ""


def _hardly(losses: list[float]) -> bool:
    return len(losses) == STEPS and abs(losses[-1] - losses[0]) < TOO_LITTLE * abs(losses[0])
