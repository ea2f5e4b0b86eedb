"""Observe whether layers were trained together, whatever their weights are drawn from.

Training changes a layer's outputs and the next layer's inputs along the same directions: the sum
of both changes is even conserved in linear networks (Saxe et al. 2014, "Exact solutions to the
nonlinear dynamics of learning in deep linear neural networks"). New layers are drawn without regard
to one another, be it from a uniform, normal or orthogonal distribution, constant or computed: with
the outputs of one permuted they agree as well as before. So where layers agree far better than with
any of many permutations, they were trained.
"""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

CHANNELS = 8, 768
COLUMNS = 1024
PAIRS = 8
GLANCE, GLANCED = 60, 2.5
DRAWS, NUMBERS = (200, 4000), 4_000_000
SURE, LIKELY = 6.0, 3.5
"""Standard deviations by which layers agree better than permuted ones: alone, and with a spike."""
SPIKE, SHUFFLES = 8.0, 8
"""The same for the largest singular value of a layer, and of its shuffled weights."""
TWINS = 0.99
RARE = 1e-3


def learnt_layers(model: nn.Module) -> str:
    """Name two layers of a model that were trained together; empty for new weights."""
    generator = torch.Generator().manual_seed(13)
    pairs = 0
    for (name, first), (later, second) in pairwise(_weights(model)):
        inputs = _of_inputs(second, len(first))
        if first.shape == second.shape and torch.equal(first, second):
            continue  # a layer that was copied depends on the other one
        if inputs is None or not CHANNELS[0] <= len(first) <= CHANNELS[1]:
            continue
        outputs = _of_outputs(first)
        if not bool(outputs.isfinite().all() and inputs.isfinite().all()):
            continue
        pairs += 1
        agreement = _agreement(outputs @ outputs.T, inputs @ inputs.T, generator)
        if agreement > SURE or (
            agreement > LIKELY
            and max(_spike(one, generator) for one in (outputs, _of_outputs(second))) > SPIKE
        ):
            return (
                f"the weights of {name} and {later} suit each other {agreement:.1f} standard "
                "deviations better than weights that are drawn, as after training"
            )
        if pairs == PAIRS:
            break
    return ""


def _weights(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the weights of plain layers, (outputs, inputs, ...), each tensor once."""
    seen: set[int] = set()
    for name, module in model.named_modules():
        if not isinstance(module, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            continue
        # A weight that is computed from others, by a parametrization, is none of the parameters.
        weight = dict(module.named_parameters(recurse=False)).get("weight")
        if weight is not None and getattr(module, "groups", 1) == 1 and id(weight) not in seen:
            seen.add(id(weight))
            yield name or type(module).__name__, weight.detach()


def _of_outputs(weight: Tensor) -> Tensor:
    """Return a row of weights for each output, of at most `COLUMNS` inputs."""
    return _sample(weight.flatten(1))


def _of_inputs(weight: Tensor, channels: int) -> Tensor | None:
    """Return a row of weights for each channel that a layer takes; None where it takes others.

    A linear layer may take several pixels of each channel, one channel after the other.
    """
    if weight.shape[1] % channels or (weight.ndim > 2 and weight.shape[1] != channels):
        return None
    step = max(1, len(weight) * (weight.numel() // len(weight) // channels) // COLUMNS)
    some = weight[::step] if step < len(weight) else weight[:1]
    return _sample(some.reshape(len(some), channels, -1).transpose(0, 1).flatten(1))


def _sample(rows: Tensor) -> Tensor:
    return rows[:, :: -(-rows.shape[1] // COLUMNS)].float().cpu()


def _agreement(one: Tensor, two: Tensor, generator: torch.Generator) -> float:
    """Return by how many standard deviations matrices agree better than permuted ones; 0 if less.

    Both are of shape (channels, channels). Where any permutation agrees as well, it is 0.
    """
    if _has_twins(one) or _has_twins(two):
        return 0.0
    agreed = float((one * two).sum())
    most = min(max(NUMBERS // one.numel(), DRAWS[0]), DRAWS[1])
    drawn: list[float] = []
    for count in (GLANCE, most - GLANCE):
        for _ in range(count):
            order = torch.randperm(len(one), generator=generator)
            drawn.append(float((one[order][:, order] * two).sum()))
        values = torch.tensor(drawn, dtype=torch.float64)
        spread = float(values.std())
        if spread <= 1e-5 * abs(agreed):
            return 0.0  # as of constant or orthogonal weights
        better = (agreed - float(values.mean())) / spread
        if better < GLANCED:
            return 0.0
    rare = float((values >= agreed).double().mean())
    return better if rare <= RARE else 0.0


def _has_twins(gram: Tensor) -> bool:
    """Return whether channels are the same but for their sign, or whether all are zero."""
    size = gram.diagonal().clamp_min(0).sqrt()
    if not bool(size.any()):
        return True
    cosine = gram / (size[:, None] * size).clamp_min(1e-20)
    return bool((cosine.fill_diagonal_(0).abs() > TWINS).any())


def _spike(rows: Tensor, generator: torch.Generator) -> float:
    """Return how far the largest singular value lies above those of shuffled weights.

    Shuffled within rows and within columns, as these may differ in scale; in standard deviations.
    """
    centred = rows - rows.mean()
    found = _largest(centred)
    least = float("inf")
    for axis in (0, 1):
        values = torch.tensor(
            [
                _largest(centred.gather(axis, _order(centred.shape, axis, generator)))
                for _ in range(SHUFFLES)
            ]
        )
        spread = max(float(values.std()), 1e-3 * float(values.mean()))
        least = min(least, (found - float(values.mean())) / max(spread, 1e-20))
    return least


def _order(shape: torch.Size, axis: int, generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator).argsort(axis)


def _largest(rows: Tensor) -> float:
    gram = rows @ rows.T if len(rows) <= rows.shape[1] else rows.T @ rows
    vector = torch.ones(len(gram), 1) + torch.arange(len(gram))[:, None] / len(gram)
    for _ in range(30):
        vector = gram @ vector
        vector = vector / vector.norm().clamp_min(1e-20)
    return float((gram @ vector).norm().sqrt())
