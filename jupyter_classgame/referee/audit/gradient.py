"""The gradient that the optimizer gets, held against that of the loss through the outputs alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

EXACT = 1e-3
"""Relative difference up to which two computations of one gradient are alike."""

TIMES = 20
"""So many times the difference between two equal computations is still noise."""

ALONG = 0.999
"""Cosine from which a difference is a penalty: along the weights or their signs."""

NOTHING = 1e-12

ON_GRADIENTS = ("_backward_hooks", "_backward_pre_hooks", "_post_accumulate_grad_hooks")
"""Where parameters and modules keep hooks that may change gradients."""

Mean = Callable[[Tensor], Tensor]
Gradients = dict[str, Tensor | None]


@dataclass
class OutputGradient:
    """The gradient of a batch's loss to the outputs of the model.

    Attributes
    ----------
    outputs
        The model's tensors that have gradients.
    of_loss, of_step
        The gradients to them of the loss, and of the multiple of it that was differentiated.
    """

    outputs: list[Tensor]
    of_loss: list[Tensor]
    of_step: list[Tensor]


def output_gradient(outputs: Any, loss: Tensor, scaled: Tensor) -> OutputGradient | None:
    """Differentiate a loss to a model's outputs; None where they have no part in it."""
    leaves = [t for t in tensors_in(outputs) if t.requires_grad and t.grad_fn is not None]
    if not leaves:
        return None
    given = torch.autograd.grad(loss, leaves, retain_graph=True, allow_unused=True)
    pairs = [(t, g) for t, g in zip(leaves, given, strict=True) if g is not None]
    if not pairs:
        return None
    factor: Tensor | None = torch.ones((), device=loss.device)
    if scaled is not loss:
        (factor,) = torch.autograd.grad(scaled, loss, retain_graph=True, allow_unused=True)
    if factor is None:  # a share of a batch that has no image
        return None
    found = [g for _, g in pairs]
    return OutputGradient([t for t, _ in pairs], found, [g * factor.to(g.dtype) for g in found])


def tensors_in(outputs: Any) -> list[Tensor]:
    """Give the tensors in what a model returned, each once: also those of an object of its own."""
    leaves = tree_leaves(outputs)
    leaves += [part for leaf in leaves if not isinstance(leaf, Tensor)
               for part in getattr(leaf, "__dict__", {}).values()]  # fmt: skip
    return list({id(t): t for t in leaves if isinstance(t, Tensor)}.values())


class GradientWatch:
    """Compares a model's gradients with those that its outputs explain.

    Hooks on parameters and modules rest while these are computed, so that what they change shows.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._before: dict[str, Tensor] = {}

    def before(self, *, fresh: bool) -> None:
        """Remember the gradients gathered so far; those of a ``fresh`` step are none."""
        self._before = {}
        if not fresh:
            for name, p in self.model.named_parameters():
                if p.grad is not None:
                    self._before[name] = p.grad.detach().clone()

    def expected(self, given: OutputGradient | None) -> Gradients:
        """Compute the gradients that the outputs explain; those of no outputs are none.

        The graph must still be there.
        """
        named = self._named()
        if given is None:
            return dict.fromkeys(named)
        with _without_hooks(self.model):
            grads = torch.autograd.grad(
                given.outputs,
                list(named.values()),
                given.of_step,
                retain_graph=True,
                allow_unused=True,
            )
        return dict(zip(named, grads, strict=True))

    def difference(
        self, expected: Gradients, given: OutputGradient | None, mean: Mean | None = None
    ) -> str:
        """Describe what came in between, right after the backward pass; nothing where nothing did.

        Not everything that differs is said: what points along the weights is a penalty, which was
        looked at before the run. ``expected`` is computed once more where it differs. Where the
        gradients are by now those of several processes, ``mean`` gives the mean over all of them.
        """
        named, first = self._named(), self._together(expected, mean)
        found: Gradients = {}
        for name, p in named.items():
            grad = None if p.grad is None else p.grad.detach()
            old = None if mean else self._before.get(name)
            found[name] = grad if grad is None or old is None else grad - old
        off = {name: d for name in named if (d := _off(found[name], first[name])) > EXACT}
        off = {n: d for n, d in off.items() if not _penalty(found[n], first[n], named[n])}
        if not off:
            return ""
        again = self._together(self.expected(given), mean)
        off = {n: d for n, d in off.items() if d > TIMES * _off(again[n], first[n])}
        if not off:
            return ""
        worst = max(off, key=lambda n: off[n])
        many = f"in {len(off)} of {len(named)} parameters, such as {worst}"
        return f"the gradients differ by {min(off[worst], 10):.0%} {many}"

    def _named(self) -> dict[str, nn.Parameter]:
        return {n: p for n, p in self.model.named_parameters() if p.requires_grad}

    def _together(self, grads: Gradients, mean: Mean | None) -> Gradients:
        """Give the mean over all processes, with what was gathered before; one's own for none."""
        if mean is None:
            return grads
        together: Gradients = {}
        for name, p in self._named().items():
            parts = [g for g in (self._before.get(name), grads[name]) if g is not None]
            together[name] = mean(sum(parts, torch.zeros_like(p)))
        return together


def _off(found: Tensor | None, expected: Tensor | None) -> float:
    """Return a relative difference; infinite parts, as a scaled loss may have, tell nothing."""
    if found is None and expected is None:
        return 0.0
    one = torch.zeros(()) if found is None else found.float()
    two = torch.zeros_like(one) if expected is None else expected.float()
    one = torch.zeros_like(two) if found is None else one
    size, apart = float(two.norm()), float((one - two).norm())
    if apart == 0 or apart != apart or size != size or apart == float("inf"):  # noqa: PLR0124
        return 0.0
    # what cancels out is rounding: a bias before a batch norm, say
    if max(size, float(one.norm())) < 1e-6:
        return 0.0
    return apart / max(size, NOTHING)


def _penalty(found: Tensor | None, expected: Tensor | None, weights: Tensor) -> bool:
    if found is None:
        return False
    rest = found.float() if expected is None else found.float() - expected.float()
    w = weights.detach().float()
    for direction in (w, w.sign()):
        size = float(rest.norm() * direction.norm())
        if size and float((rest * direction).sum()) / size > ALONG:
            return True
    return False


@contextmanager
def _without_hooks(model: nn.Module) -> Iterator[None]:
    """Let the hooks on gradients rest: those of parameters, and those of modules."""
    held: list[tuple[Any, list[Any]]] = []
    for owner in (*model.parameters(), *model.modules()):
        for name in ("_backward_hooks", "_backward_pre_hooks"):
            hooks = getattr(owner, name, None)
            if hooks:
                held.append((hooks, list(hooks.items())))
    try:
        for hooks, _ in held:
            hooks.clear()
        yield
    finally:
        for hooks, items in held:
            hooks.update(items)


def has_gradient_hooks(model: nn.Module) -> bool:
    """Say whether parameters or modules have hooks that may change gradients."""
    owners = (*model.parameters(), *model.modules())
    return any(getattr(owner, name, None) for owner in owners for name in ON_GRADIENTS)
