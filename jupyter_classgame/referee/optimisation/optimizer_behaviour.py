"""Observe an optimizer: the parameters it holds, and its steps for chosen gradients."""

import math
from collections.abc import Mapping
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.referee.facts import OptimizerFacts
from jupyter_classgame.referee.isolation.object_graph import walk
from jupyter_classgame.referee.isolation.optimizer_backup import held_by
from jupyter_classgame.referee.isolation.time_budget import TimeBudget
from jupyter_classgame.referee.optimisation.optimizer_probe import OptimizerProbe
from jupyter_classgame.referee.optimisation.weight_averages import find_average
from jupyter_classgame.training.optimizer_class import HOOKS, is_torchs_own
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

SMALL, LARGE = 1e-6, 1e4
MOVES = 0.02
DECAYS = 0.98
HOOK_SECONDS = 0.15
HOOK_STEPS = 50
BACK = 0.2


def observe_optimizer(
    model: Any, optimizer: Any, names: Mapping[str, Any] | None = None
) -> OptimizerFacts:
    """Read the parameter groups, then take steps with random gradients.

    Changes the weights and the state: run it in isolation, or within
    `isolation.optimizer_backup.preserve_optimizer`.

    Parameters
    ----------
    model, optimizer
        The objects of the run.
    names
        The user's variables, among which to find the owner of parameters that are not the model's.
    """
    kind = type(optimizer)
    own = hasattr(torch.optim, kind.__name__) and kind.__module__.startswith("torch.")
    maker = f"torch.optim.{kind.__name__}" if own else kind.__name__
    facts = OptimizerFacts(kind=kind.__name__, maker=maker)
    facts.lr = float(optimizer.param_groups[0].get("lr", 0.0))
    facts.unfused = own and gpu_here() and _unfused(optimizer)
    _holding(facts, unwrapped(model), optimizer, names or {})
    if facts.held:
        probe = OptimizerProbe(optimizer)
        try:
            _steps(facts, probe, unwrapped(model))
        except (KeyError, IndexError, AttributeError, RuntimeError):
            if not probe.begun_filled:
                raise
            probe.filled = True  # what its constructor made
            _steps(facts, probe, unwrapped(model))
        probe.end()
    return facts


def _steps(facts: OptimizerFacts, probe: OptimizerProbe, model: nn.Module) -> None:
    _decay(facts, probe)
    _momentum(facts, probe)
    _scaling(facts, probe)
    _hooks(facts, probe, model)


def gpu_here() -> bool:
    """Return whether runs take place on a GPU of the CUDA interface."""
    return torch.cuda.is_available()


def _unfused(optimizer: Any) -> bool:
    """Return whether a group supports torch's fused step and does not use it."""
    return any("fused" in group and not group["fused"] for group in optimizer.param_groups)


def _holding(
    facts: OptimizerFacts, model: nn.Module, optimizer: Any, names: Mapping[str, Any]
) -> None:
    held = {id(p) for p in held_by(optimizer)}
    own = dict(model.named_parameters())
    trainable = {name: p for name, p in own.items() if p.requires_grad}
    facts.held = len(held)
    facts.of_model = sum(id(p) in held for p in own.values())
    facts.missing = tuple(name for name, p in trainable.items() if id(p) not in held)
    mine = {id(p) for p in own.values()}
    strangers = [p for p in held_by(optimizer) if id(p) not in mine]
    facts.foreign = len(strangers)
    if strangers and not facts.of_model:
        shapes = [tuple(p.shape) for p in strangers]
        facts.stale = shapes == [tuple(p.shape) for p in trainable.values()] or shapes == [
            tuple(p.shape) for p in own.values()
        ]
        wanted = {id(p) for p in strangers}
        for name, value in names.items():
            if isinstance(value, nn.Module) and not name.startswith("_"):
                theirs = {id(p) for p in unwrapped(value).parameters()}
                if theirs & wanted:
                    facts.owner = name
                    break


def _decay(facts: OptimizerFacts, probe: OptimizerProbe) -> None:
    """Find weight decay: without gradients only decay changes weights."""
    probe.begin(probe.start, 1.0)
    probe.step(0.0)
    moves = probe.moved(probe.start)
    shrunk = []
    for number, (w, move) in enumerate(zip(probe.start, moves, strict=True)):
        size = float(move.norm())
        if w.numel() == 0 or float(w.abs().max()) == 0 or size == 0 or size != size:  # noqa: PLR0124
            continue
        plain = -float((move * w).sum()) / (size * float(w.norm()))
        signs = -float((move * w.sign()).sum()) / (size * float(w.sign().norm()))
        if max(plain, signs) > DECAYS and size / float(w.norm()) > 1e-7:
            shrunk.append(number)
    if not shrunk:
        return
    values = {
        float(group["weight_decay"]) for group in probe.optimizer.param_groups
        if isinstance(group.get("weight_decay"), (int, float, Tensor)) and group["weight_decay"]
    }  # fmt: skip
    how = (
        f"weight_decay={'/'.join(f'{v:g}' for v in sorted(values))}"
        if values
        else ("a step without gradients shrinks weights")
    )
    part = (
        ""
        if len(shrunk) == len(probe.params)
        else f", on {len(shrunk)} of {len(probe.params)} tensors"
    )
    silent = " (its default)" if facts.kind == "AdamW" and values == {0.01} else ""
    facts.decay = f"{facts.kind}: {how}{silent}{part}"


def _norm(tensors: list[Tensor]) -> float:
    return math.hypot(*(_length(t) for t in tensors))


def _length(tensor: Tensor) -> float:
    return float(torch.linalg.vector_norm(tensor.float()))


def _momentum(facts: OptimizerFacts, probe: OptimizerProbe) -> None:
    """Find momentum: weights continue to move without a gradient."""
    probe.begin(None, 0.01)
    begin = probe.now()
    probe.step(0.01)
    first = probe.moved(begin)
    after = probe.now()
    probe.step(0.0)
    second = probe.moved(after)
    along = [
        float(torch.dot(a.flatten().float(), b.flatten().float())) / _length(a) ** 2
        for a, b in zip(first, second, strict=True) if a.numel() and bool(a.any())
    ]  # fmt: skip
    if max(along, default=0.0) > MOVES:
        facts.momentum = f"{facts.kind}: {_momentum_text(probe.optimizer)}"


def _momentum_text(optimizer: Any) -> str:
    for group in optimizer.param_groups:
        if group.get("momentum"):
            nesterov = ", Nesterov" if group.get("nesterov") else ""
            return f"momentum={group['momentum']:g}{nesterov}"
        if group.get("betas"):
            return f"betas={tuple(float(b) for b in group['betas'])}"
    return "weights go on moving when the gradient is gone"


def _scaling(facts: OptimizerFacts, probe: OptimizerProbe) -> None:
    """Find adaptive steps, which do not grow with the gradient, and clipping, which bounds them."""
    # An adaptive optimizer does not scale gradients below its eps: begin well above it.
    small = max([SMALL, *(100 * float(g["eps"]) for g in probe.optimizer.param_groups if _eps(g))])
    sizes = []
    for scale in (small, 10 * small, LARGE):
        probe.begin(None, 0.01)
        begin = probe.now()
        probe.step(scale)
        sizes.append(_norm(probe.moved(begin)))
    if not sizes[0] > 0 or not all(s == s and s != float("inf") for s in sizes):  # noqa: PLR0124
        return
    if sizes[1] / sizes[0] < 5:
        facts.adaptive = f"{facts.kind}: steps do not grow with the gradient"
    elif sizes[2] / sizes[0] >= 0.1 * LARGE / small:
        return
    elif _remembers(probe, small):
        facts.adaptive = f"{facts.kind}: large gradients make later steps small"
    else:
        facts.clipping = f"a gradient {LARGE / small:.0e} times as large makes a step only "
        facts.clipping += f"{sizes[2] / sizes[0]:.2g} times as large"


def _remembers(probe: OptimizerProbe, small: float) -> bool:
    """Return whether a gradient makes the next step smaller, as clipping does not."""
    moves = []
    for before, scale in ((0.0, small), (1e3 * small, small), (1e3 * small, 0.0)):
        probe.begin(None, 0.01)
        if before:
            probe.step(before)
        begin = probe.now()
        probe.step(scale)
        moves.append(probe.moved(begin))
    fresh, later, carried = moves
    own = [a - b for a, b in zip(later, carried, strict=True)]
    return _norm(own) < 0.5 * _norm(fresh)


def _eps(group: dict[str, Any]) -> bool:
    eps = group.get("eps")
    return isinstance(eps, (int, float)) and 0 < eps < 1


def _hooks(facts: OptimizerFacts, probe: OptimizerProbe, model: nn.Module) -> None:
    """Find averages of weights and changes of the rate by hooks, in many small steps."""
    optimizer = probe.optimizer
    hooks = [hook for name in HOOKS for hook in getattr(optimizer, name, {}).values()]
    if (
        is_torchs_own(optimizer)
        and not hooks
        and not hasattr(vars(optimizer).get("step"), "__code__")
    ):
        return
    others = [
        r.value for hook in hooks for r in walk(hook, "hook")
        if isinstance(r.value, nn.Module) and r.value is not model
    ]  # fmt: skip
    inside = {id(m) for m in model.modules()}
    others = [m for m in others if id(m) not in inside]
    probe.begin(probe.start, 0.01)
    sums = [_sum(m) for m in others]
    budget = TimeBudget(HOOK_SECONDS)
    seen = [0.01]
    forwards = []
    for _ in range(HOOK_STEPS):
        before = probe.now()
        probe.step(1e-3)
        moves = zip(probe.moved(before), probe.noise, strict=True)
        forwards.append(-float(sum((move * noise).sum() for move, noise in moves)))
        lr = float(optimizer.param_groups[0]["lr"])
        if abs(lr - seen[-1]) > 1e-12:
            seen.append(lr)
        if budget.over:
            break
    if len(seen) > 1:
        facts.moved_lr = " -> ".join(f"{100 * v:.3g}" for v in seen[:4])
    if any(abs(_sum(m) - s) > 0 for m, s in zip(others, sums, strict=True)):
        facts.ema = "a hook on the optimizer keeps a second, averaged model"
    elif len(forwards) > 2 and min(forwards[1:]) < -BACK * median(forwards):
        facts.ema = "every few steps weights are pulled back to where they were before"
    elif path := find_average(probe, [*hooks, optimizer]):
        facts.ema = f"{path} follows the weights slowly"


def _sum(module: nn.Module) -> float:
    return float(sum(float(p.detach().double().sum()) for p in module.parameters()))
