"""An optimizer stepped from chosen weights with chosen gradients."""

from collections import defaultdict
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.referee.isolation.optimizer_backup import held_by
from jupyter_classgame.training.run.optimizer_parts import optimizers_in, put_in_mode

BLOCK = 65_537
"""How many random numbers are drawn: a prime, so that the rows of no usual layer are alike."""


class OptimizerProbe:
    """Takes steps with an optimizer from chosen weights, with chosen gradients.

    Changes the weights and the state of the optimizer: use it in isolation.

    Attributes
    ----------
    filled
        Whether steps begin with a state like the one that was there, and not with an empty one:
        some optimizers fill theirs in the constructor, and cannot do without.
    begun_filled
        Whether there was such a state.
    """

    def __init__(self, optimizer: Any) -> None:
        put_in_mode(optimizer, training=True)
        self.optimizer = optimizer
        self.params = [p for p in held_by(optimizer) if p.is_floating_point()]
        self.start = [p.detach().clone() for p in self.params]
        self.noise = _noise(self.params)
        self.filled = False
        self._states = [
            (part, part.state)
            for part in optimizers_in(optimizer).values()
            if "state" in vars(part)
        ]  # others read theirs off their parts
        self.begun_filled = any(any(state.values()) for _, state in self._states)
        self.groups = [
            {k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups
        ]

    def end(self) -> None:
        """Restore the settings of the groups, from which schedules are observed next."""
        for group, kept in zip(self.optimizer.param_groups, self.groups, strict=True):
            group.update(kept)

    def begin(self, weights: list[Tensor] | None, lr: float) -> None:
        """Set the weights (None for zeros) and the learning rate, and clear the state."""
        optimizer = self.optimizer
        self.end()
        for group in optimizer.param_groups:
            old = group.get("lr")
            group["lr"] = torch.full_like(old, lr) if isinstance(old, Tensor) else lr
        with torch.no_grad():
            for number, p in enumerate(self.params):
                if weights is None:
                    p.zero_()
                else:
                    p.copy_(weights[number])
        anew: dict[int, Any] = {}  # what two share they share anew
        for part, state in self._states:
            fresh = self._fresh(state) if self.filled else defaultdict(dict)
            part.state = anew.setdefault(id(state), fresh)

    def step(self, scale: float) -> None:
        """Take a step with `scale` times a fixed random gradient."""
        for p, noise in zip(self.params, self.noise, strict=True):
            p.grad = None
            if p.requires_grad and (p._backward_hooks or p._post_accumulate_grad_hooks):  # noqa: SLF001
                # Hooks on the weights may change gradients, as in training.
                (p * (noise * scale)).sum().backward()  # type: ignore[no-untyped-call]
            else:
                p.grad = noise * scale
        try:
            self.optimizer.step()
        except TypeError:
            self.optimizer.step(lambda: torch.zeros(()))

    def moved(self, since: list[Tensor]) -> list[Tensor]:
        """Return the change of each parameter since `since`."""
        return [p.detach() - s for p, s in zip(self.params, since, strict=True)]

    def now(self) -> list[Tensor]:
        """Return a copy of the weights."""
        return [p.detach().clone() for p in self.params]

    def _fresh(self, state: Any) -> Any:
        """Make a state like another: copies of weights are those of now, all else is zero."""
        begun = {id(p): start for p, start in zip(self.params, self.start, strict=True)}
        fresh: Any = defaultdict(dict)
        for p, entries in state.items():
            for key, value in entries.items() if isinstance(entries, dict) else ():
                if isinstance(value, Tensor):
                    copied = id(p) in begun and _equal(value, begun[id(p)])
                    fresh[p][key] = p.detach().clone() if copied else torch.zeros_like(value)
                else:
                    fresh[p][key] = value
        return fresh


def _noise(params: list[Tensor]) -> list[Tensor]:
    """Return random numbers of the shapes of parameters; each is a piece of a block, repeated."""
    drawn = torch.randn(BLOCK, generator=torch.Generator().manual_seed(5))
    block = torch.cat([drawn, drawn])
    noise = []
    begin = 0
    for p in params:
        piece = block[begin : begin + BLOCK].repeat(-(-p.numel() // BLOCK))[: p.numel()]
        noise.append(piece.reshape(p.shape).to(p.device, p.dtype))
        begin = (begin + p.numel()) % BLOCK
    return noise


def _equal(one: Tensor, two: Tensor) -> bool:
    return one.shape == two.shape and one.device == two.device and torch.equal(one, two)
