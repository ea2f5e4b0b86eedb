"""The weights between two steps: nobody but the optimizer changes them."""

import math
import random
from collections.abc import Iterable

import torch
from torch import Tensor, nn

Mark = list[tuple[int, int]]

SAMPLED = 4
"""Of so many parameters one number each is remembered where values are not copied."""

QUIET_STEPS = 20
"""So often weights that were touched are compared; equal each time, they are let be."""


class WeightWatch:
    """Remembers a model's parameters after a step, and says which are others before the next.

    Memory and version of each are compared at every step, and values where they were copied, else
    a few of them that the system draws.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._names: list[str] = []
        self._marks: Mark = []
        self._copies: list[Tensor] | None = None
        self._touched, self._quiet = False, 0
        self._draw = random.SystemRandom()
        self._samples: list[tuple[str, Tensor, int, float]] = []

    def keep(self, *, values: bool) -> None:
        """Remember the parameters as they are, their values as well or not."""
        named = list(self.model.named_parameters())
        self._names = [name for name, _ in named]
        self._marks = _marks(p for _, p in named)
        self._copies = [p.detach().clone() for _, p in named] if values else None
        self._samples = [] if values else self._sample(named)

    def _sample(
        self, named: list[tuple[str, nn.Parameter]]
    ) -> list[tuple[str, Tensor, int, float]]:
        """Remember a few numbers; none of parameters on a device, which would have to wait."""
        found: list[tuple[str, Tensor, int, float]] = []
        for name, p in self._draw.choices(named, k=SAMPLED) if named else ():
            if p.device.type == "cpu" and p.numel() and p.is_floating_point():
                place = self._draw.randrange(p.numel())
                found.append((name, p, place, _number(p, place)))
        return found

    def forget(self) -> None:
        """Remember nothing."""
        self._marks, self._copies, self._samples = [], None, []

    def _changed_samples(self, named: dict[str, nn.Parameter]) -> str:
        for name, p, place, value in self._samples:
            now = named.get(name)
            if now is not p:
                continue  # its place is another; what is in it is copied from now on
            if (found := _number(p, place)) != value and not math.isnan(found):
                return f"a number of {name} changed"
        return ""

    @property
    def suspicious(self) -> bool:
        """Whether they were touched lately, so that their values are worth a copy."""
        return self._touched and self._quiet < QUIET_STEPS

    @property
    def copies(self) -> dict[str, Tensor]:
        """The values that were remembered, by name; empty where none were."""
        if self._copies is None:
            return {}
        return dict(zip(self._names, self._copies, strict=True))

    def changed(self) -> str:
        """Describe what has changed in value since :meth:`keep`; nothing where nothing has."""
        if not self._marks:
            return ""
        named = dict(self.model.named_parameters())
        now = _marks(named.values())
        touched = now != self._marks
        self._touched = self._touched or touched
        if self._copies is None:
            return self._changed_samples(named)
        if len(named) != len(self._names):
            return f"the model has {len(named)} parameters, where it had {len(self._names)}"
        others = [
            name
            for name, kept in zip(self._names, self._copies, strict=True)
            if not same_values(named.get(name), kept)
        ]
        self._quiet += not others
        if not others:
            return ""
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        return f"{others[0]}{more} of {len(self._names)} parameters changed"


def _number(p: Tensor, place: int) -> float:
    """Return a number by its place in memory, in whatever order of dimensions."""
    if not p.is_contiguous() and p.untyped_storage().nbytes() != p.numel() * p.itemsize:
        return float(p.detach().reshape(-1)[place])  # a view, beside numbers that are not its own
    return float(p.detach().as_strided((1,), (1,), p.storage_offset() + place))


def _marks(parameters: Iterable[Tensor]) -> Mark:
    return [(p.data_ptr(), p._version) for p in parameters]  # noqa: SLF001 - counts changes


def same_values(now: Tensor | None, kept: Tensor) -> bool:
    """Say whether a tensor is as it was kept; what is not a number in both is the same."""
    if now is None or now.shape != kept.shape or now.dtype != kept.dtype:
        return False
    now = now.detach()
    if now.device != kept.device:
        return False
    return bool(torch.equal(now, kept)) or bool(
        torch.equal(torch.nan_to_num(now), torch.nan_to_num(kept))
    )
