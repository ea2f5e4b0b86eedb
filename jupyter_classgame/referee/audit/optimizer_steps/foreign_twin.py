"""A step of an optimizer of any class, tried beforehand on copies of all that it holds."""

from collections import OrderedDict, defaultdict
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from jupyter_classgame.referee.audit.breach import UnauditableError
from jupyter_classgame.referee.audit.optimizer_steps.step_difference import described
from jupyter_classgame.referee.audit.weights import same_values
from jupyter_classgame.referee.isolation.rng import RandomSources
from jupyter_classgame.training.optimizer_class import bare_step

MOST = 128 * 2**20
"""So many bytes of parameters, gradients and state are copied at most."""

TIMES = 20
"""So many times the difference between two equal tries is noise."""

PLAIN = (
    bool, int, float, complex, str, bytes, type, type(None), torch.dtype, torch.device,
)  # fmt: skip


class ForeignTwin:
    """What an optimizer's class makes of a step, tried twice on copies right before it.

    Twice, since nothing is known of the class: what differs between two equal tries is its own
    chance. Random generators are put back, and so are parameters that a step reaches in other ways
    than by the optimizer's groups.

    Raises
    ------
    UnauditableError
        The step cannot be tried: it holds what cannot be copied, or takes too much memory.
    """

    def __init__(self, optimizer: Optimizer) -> None:
        self._parameters = _parameters_of(optimizer)
        self._before = [p.detach().clone() for p in self._parameters]
        sources = RandomSources()
        state = sources.state()
        try:
            self._tries = []
            for _ in range(2):
                self._tries.append(_tried(optimizer, self._parameters))
                sources.restore(state)
        finally:
            sources.restore(state)
            reached = [
                (p, before)
                for p, before in zip(self._parameters, self._before, strict=True)
                if not same_values(p, before)
            ]
            for p, before in reached:
                p.data.copy_(before)
        if reached:
            raise UnauditableError("its step reaches the model in ways of its own")

    def difference(self) -> str:
        """Describe what differs from the step that was taken since, if anything does."""
        steps = zip(self._parameters, self._before, *self._tries, strict=True)
        return described(
            (
                min(_norm(p - one), _norm(p - two)),
                _norm(one - before),
                1e-5 * _norm(before) + 1e-7 + TIMES * _norm(one - two),
            )
            for p, before, one, two in steps
        )


def _tried(optimizer: Optimizer, parameters: list[Tensor]) -> list[Tensor]:
    """Step a copy of an optimizer on copies of its parameters; give these."""
    copier = _Copier(MOST - sum(p.numel() * p.itemsize for p in parameters))
    copies = []
    for p in parameters:
        copy = p.detach().clone().requires_grad_(p.requires_grad)
        copy.grad = None if p.grad is None else copier.copy_of(p.grad)
        copier.known[id(p)] = copy
        copies.append(copy)
    twin = copier.copy(optimizer)
    try:
        bare_step(twin)(twin)
    except Exception as error:
        raise UnauditableError(f"its step cannot be tried: {type(error).__name__}") from error
    return [copy.detach() for copy in copies]


class _Copier:
    """Copies an optimizer with all that it holds, up to so many bytes."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.known: dict[int, Any] = {}

    def copy(self, thing: Any) -> Any:
        """Copy a thing once, however often it is met."""
        if isinstance(thing, PLAIN):
            return thing
        if id(thing) not in self.known:
            self.known[id(thing)] = self.copy_of(thing)
        return self.known[id(thing)]

    def copy_of(self, thing: Any) -> Any:
        """Copy a thing that is met for the first time."""
        kind = type(thing)
        if isinstance(thing, Tensor):
            self.left -= thing.numel() * thing.itemsize
            if self.left < 0:
                raise UnauditableError("what it holds is too large to be copied")
            return thing.detach().clone()
        if kind in (list, tuple, set):
            return kind(self.copy(each) for each in thing)
        if kind in (dict, OrderedDict, defaultdict):
            copy: Any = defaultdict(thing.default_factory) if kind is defaultdict else kind()
            self.known[id(thing)] = copy
            copy.update((self.copy(key), self.copy(value)) for key, value in thing.items())
            return copy
        if isinstance(thing, Optimizer):
            twin = object.__new__(kind)
            self.known[id(thing)] = twin
            for name, value in vars(thing).items():
                # hooks are not the class's, and a step of the object's own may be a scheduler's
                if name.startswith("_optimizer_"):
                    vars(twin)[name] = OrderedDict()
                elif name != "step":
                    vars(twin)[name] = self.copy(value)
            return twin
        raise UnauditableError(f"it holds what cannot be copied, a {kind.__name__}")


def _parameters_of(optimizer: Optimizer) -> list[Tensor]:
    found = {id(p): p for group in optimizer.param_groups for p in group["params"]}
    return list(found.values())


def _norm(tensor: Tensor) -> float:
    return float(tensor.detach().float().norm())
