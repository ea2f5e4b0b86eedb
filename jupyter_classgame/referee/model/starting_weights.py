"""Observe the starting weights of a model: whether they were trained before."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.referee.facts import StartingWeightsFacts
from jupyter_classgame.referee.model.learnt_layers import learnt_layers
from jupyter_classgame.referee.model.replay import eagerly, find_scores
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

UNLIKELY = 1e-9
KERNEL = 3
LAYERS = 4
SMOOTH = 8.0
FLAT = 1e-20
"""Variance of weights that are all the same, but for rounding."""


def observe_start(model: Any, batches: list[tuple[Tensor, Tensor]]) -> StartingWeightsFacts:
    """Measure the accuracy of a model on a few images, and the smoothness of its filters.

    Parameters
    ----------
    model
        Is switched to evaluation mode.
    batches
        Images (n, ...) and targets: class numbers (n,) or probabilities (n, classes).
    """
    network = unwrapped(model)
    network.eval()
    facts = StartingWeightsFacts()
    right = total = 0
    counts: dict[int, int] = {}
    with torch.no_grad(), eagerly():
        for images, targets in batches:
            guesses = find_scores(network(images)).argmax(1).cpu()
            labels = targets.argmax(1) if targets.ndim == 2 else targets
            right += int((guesses == labels.cpu()).sum())
            total += len(labels)
            for label in labels.tolist():
                counts[int(label)] = counts.get(int(label), 0) + 1
    if total:
        facts.images = total
        facts.accuracy = right / total
        # A model that always names one class is right as often as that class occurs.
        facts.chance = max(counts.values()) / total
        facts.above_chance = _tail(right, total, facts.chance) < UNLIKELY
    facts.smooth_filters = _smooth_filters(network)
    facts.learnt = learnt_layers(network)
    return facts


def _tail(right: int, total: int, chance: float) -> float:
    """Return the binomial probability of at least `right` of `total` by chance."""
    if chance >= 1:
        return 1.0
    return sum(
        math.exp(
            math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
            + k * math.log(chance) + (total - k) * math.log1p(-chance)
        )
        for k in range(right, total + 1)
    )  # fmt: skip


def _smooth_filters(model: nn.Module) -> str:
    """Describe how many filters are smooth; empty for few.

    Neighbouring weights are independent in a new filter, and correlated in a trained one.
    """
    smooth = layers = 0
    for module in model.modules():
        if not isinstance(module, nn.Conv2d) or min(module.kernel_size) < KERNEL:
            continue
        w = module.weight.detach().double()
        # New weights may all be positive, and larger in some filters: still they are independent.
        w = w - (w.mean((1, 2, 3), keepdim=True) if w.shape[1] > 1 else w.mean())
        scale = float(w.pow(2).mean())
        if scale < FLAT or w.numel() < 1000:
            continue
        layers += 1
        products = (w[..., 1:] * w[..., :-1]).flatten() / scale
        score = float(products.mean()) * math.sqrt(products.numel())
        smooth += score > SMOOTH
    if layers >= LAYERS and smooth * 4 >= layers * 3:
        return f"the filters of {smooth} of {layers} convolutions are smooth, as after training"
    return ""
