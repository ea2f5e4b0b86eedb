"""Marks of single weight tensors, by which they are known again in another model.

The digest of a tensor does not depend on the order or the signs of its numbers, so permuted rows or
channels are known too. The sketch is linear: that of a mean of tensors is the mean of theirs.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from jupyter_classgame.shop.storage.records import TensorMark
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

FEWEST, MOST = 256, 300_000
"""Numbers in a tensor that is marked; where all are larger, the smallest one is."""

VARIED, LOOKED_AT = 0.5, 64
"""The share of different numbers, as a constant tensor or a fixed pattern is no mark."""

SKETCHES, PLACES = 4, 64
"""So many of the largest tensors get a sketch, which adds up their numbers in so many places."""

MOVED = 0.01
"""The change of direction from which a sketch tells a trained tensor from a new one."""

EXACT = 2e-5
"""The relative error of a mean of float32 numbers, and more."""

RUNS = PLACES // 4
"""Of so many runs a mean is looked for: far fewer than a sketch has places."""

MULTIPLIER, OTHER, SHIFT = -7046029254386353131, -4658895280553007687, 29
"""As in splitmix64 (Steele et al. 2014, "Fast splittable pseudorandom number generators")."""


def tensor_marks(model: nn.Module) -> dict[str, TensorMark]:
    """Mark a model's larger parameters, by their names."""
    named = {n: p.detach() for n, p in unwrapped(model).named_parameters() if _may_be_marked(p)}
    chosen = {name: p for name, p in named.items() if p.numel() <= MOST}
    if not chosen and named:
        least = min(named, key=lambda name: named[name].numel())
        chosen = {least: named[least]}
    chosen = {name: p.float().cpu() for name, p in chosen.items()}
    largest = sorted(chosen, key=lambda name: -chosen[name].numel())[:SKETCHES]
    return {
        name: TensorMark(_digest(p), p.numel(), _sketch(p) if name in largest else ())
        for name, p in chosen.items()
        if _is_varied(p)
    }


def trained_marks(
    before: Mapping[str, TensorMark], after: Mapping[str, TensorMark]
) -> list[TensorMark]:
    """Return the marks of tensors that a run has changed, with a sketch where it did visibly."""
    found = []
    for name, mark in after.items():
        old = before.get(name)
        if old is not None and old.digest == mark.digest:
            continue
        moved = old is not None and _distance(old, mark) > MOVED
        found.append(mark if moved else TensorMark(mark.digest, mark.size))
    return found


def is_mean(mark: TensorMark, others: list[TensorMark]) -> bool:
    """Say whether a tensor is a mean of others, or a multiple of one, judged by their sketches."""
    ones = {o.sketch: o for o in others if o.size == mark.size and o.sketch}
    if not mark.sketch or not ones:
        return False
    columns = torch.tensor([*ones], dtype=torch.float64).T
    wanted = torch.tensor(mark.sketch, dtype=torch.float64)[:, None]
    shares = torch.linalg.lstsq(columns, wanted, driver="gelsd").solution
    rest = float((columns @ shares - wanted).norm() / wanted.norm().clamp_min(1e-12))
    # Differences of runs from one beginning may lead back to it: only a mean is a proof.
    return rest < EXACT and bool((shares > -EXACT).all())


def _may_be_marked(p: Tensor) -> bool:
    if not p.is_floating_point() or p.is_sparse or isinstance(p, nn.UninitializedParameter):
        return False
    return p.ndim > 1 and p.numel() >= FEWEST


def _is_varied(p: Tensor) -> bool:
    some = p.reshape(-1)[:: max(1, p.numel() // LOOKED_AT)][:LOOKED_AT]
    return bool(p.isfinite().all()) and len(some.unique()) >= VARIED * len(some)  # type: ignore[no-untyped-call]


def _digest(p: Tensor) -> str:
    """Add up a hash of each number's bits but that of its sign, modulo 2 ** 64."""
    bits = p.reshape(-1).contiguous().view(torch.int32).to(torch.int64) & 0x7FFFFFFF
    mixed = (bits + 1) * MULTIPLIER
    mixed = (mixed ^ (mixed >> SHIFT)) * OTHER
    mixed ^= mixed >> SHIFT
    return f"{int(mixed.sum()) % 2**64:016x}"


def _sketch(p: Tensor) -> tuple[float, ...]:
    """Add up the numbers in drawn places with drawn signs: Charikar et al. 2002, "count sketch"."""
    index = torch.arange(p.numel(), dtype=torch.int64)
    mixed = (index + 1) * MULTIPLIER
    mixed = (mixed ^ (mixed >> SHIFT)) * OTHER
    places, signs = (mixed >> 20) % PLACES, ((mixed >> 40) & 1) * 2 - 1
    sums = torch.zeros(PLACES, dtype=torch.float64)
    sums.index_add_(0, places, p.reshape(-1).double() * signs)
    return tuple(float(f"{value:.9g}") for value in sums.tolist())


def _distance(one: TensorMark, two: TensorMark) -> float:
    if not one.sketch or not two.sketch:
        return 0.0
    a, b = (functional.normalize(torch.tensor([mark.sketch]).double()) for mark in (one, two))
    return float((a - b).norm())  # what only shrinks, as by weight decay, has not been trained
