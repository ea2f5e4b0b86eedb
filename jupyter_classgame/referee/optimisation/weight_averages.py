"""Find averages of the weights: tensors that follow the weights slowly."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.referee.isolation.object_graph import walk
from jupyter_classgame.referee.optimisation.optimizer_probe import OptimizerProbe

ALONG = 0.99
SLOWLY = 0.9
SETTLED = 2
FAR = 10.0


def find_average(probe: OptimizerProbe, holders: Sequence[Any]) -> str:
    """Return the path of an average of the weights; empty where there is none.

    The weights are set to distant values and kept there. An average approaches them step by step, a
    copy of earlier weights at once, and what follows gradients not at all.

    Parameters
    ----------
    probe
        Takes the steps.
    holders
        Hooks and optimizers, among whose references to look.
    """
    found = _candidates(probe, holders)
    if not found:
        return ""
    # So far away that a tensor that only decays does not approach them.
    far = FAR * max(1.0, *(float(t.abs().amax()) for t in found.values() if t.numel()))
    for group in probe.optimizer.param_groups:
        group["lr"] = 0.0 * group["lr"]
    generator = torch.Generator().manual_seed(6)
    with torch.no_grad():
        for p in probe.params:
            p.copy_(far * torch.randn(p.shape, generator=generator))
    for _ in range(SETTLED):
        probe.step(0.0)
    before, weights = _candidates(probe, holders), [p.detach().clone() for p in probe.params]
    probe.step(0.0)
    after = _candidates(probe, holders)
    still = [w for w, p in zip(weights, probe.params, strict=True) if torch.equal(w, p.detach())]
    for path, old in before.items():
        new = after.get(path)
        if new is None or new.shape != old.shape:
            continue
        if any(w.shape == old.shape and _follows(old, new, w) for w in still):
            return path
    return ""


def _candidates(probe: OptimizerProbe, holders: Sequence[Any]) -> dict[str, Tensor]:
    own = {id(p) for p in probe.params}
    shapes = {p.shape for p in probe.params}
    return {
        reference.path: reference.value.detach().clone()
        for holder in holders
        for reference in walk(holder, getattr(holder, "__name__", type(holder).__name__))
        if isinstance(reference.value, Tensor) and id(reference.value) not in own
        and reference.value.shape in shapes and reference.value.is_floating_point()
        and ".param_groups" not in reference.path and ".state" not in reference.path
    }  # fmt: skip


def _follows(old: Tensor, new: Tensor, weight: Tensor) -> bool:
    moved, way = (new - old).double().flatten(), (weight - old).double().flatten()
    far, whole = float(moved.norm()), float(way.norm())
    if not 0 < far < SLOWLY * whole:
        return False
    return float(torch.dot(moved, way)) > ALONG * far * whole
