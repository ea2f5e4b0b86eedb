"""The weights between two steps: nobody but the optimizer changes them."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

Mark = list[tuple[int, int]]

QUIET_STEPS = 20
"""So often weights that were touched are compared; equal each time, they are let be."""


class WeightWatch:
    """Remembers a model's parameters after a step, and says which are others before the next.

    Memory and version of each are compared at every step, and values where they were copied.
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._names: list[str] = []
        self._marks: Mark = []
        self._copies: list[Tensor] | None = None
        self._touched, self._quiet = False, 0

    def keep(self, *, values: bool) -> None:
        """Remember the parameters as they are, their values as well or not."""
        named = list(self.model.named_parameters())
        self._names = [name for name, _ in named]
        self._marks = _marks(p for _, p in named)
        self._copies = [p.detach().clone() for _, p in named] if values else None

    def forget(self) -> None:
        """Remember nothing."""
        self._marks, self._copies = [], None

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
            return ""
        if len(named) != len(self._names):
            return f"the model has {len(named)} parameters, where it had {len(self._names)}"
        others = [
            name
            for name, kept in zip(self._names, self._copies, strict=True)
            if not _same(named.get(name), kept)
        ]
        self._quiet += not others
        if not others:
            return ""
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        return f"{others[0]}{more} of {len(self._names)} parameters changed"


def _marks(parameters: Iterable[Tensor]) -> Mark:
    return [(p.data_ptr(), p._version) for p in parameters]  # noqa: SLF001 - counts changes


def _same(now: Tensor | None, kept: Tensor) -> bool:
    if now is None or now.shape != kept.shape or now.dtype != kept.dtype:
        return False
    now = now.detach()
    if now.device != kept.device:
        return False
    return bool(torch.equal(now, kept)) or bool(
        torch.equal(torch.nan_to_num(now), torch.nan_to_num(kept))
    )
