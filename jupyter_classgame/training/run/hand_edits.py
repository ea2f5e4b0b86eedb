"""Edits by hand of an optimizer's settings while a run is under way, noticed between steps."""

from typing import Any

from torch import Tensor
from torch.optim import Optimizer

Settings = list[dict[str, Any]]

STANDARD = frozenset(("lr", "momentum", "betas", "weight_decay"))
"""What every optimizer calls by the same name, also one that wraps another."""


class HandEdits:
    """Remembers the settings of parameter groups, and says what somebody else changed.

    Attributes
    ----------
    names
        The settings that were changed when a change was last found.
    """

    def __init__(self) -> None:
        self._optimizer: Optimizer | None = None
        self._settings: Settings = []
        self.names: tuple[str, ...] = ()

    def remember(self, optimizer: Optimizer) -> None:
        """Take the settings as they are now for the run's own."""
        self._optimizer, self._settings = optimizer, settings_of(optimizer)

    def found(self, optimizer: Optimizer) -> str:
        """Say what changed since :meth:`remember`, such as ``lr 0.1 → 0.01``; nothing if nothing.

        A change is told once.
        """
        if optimizer is not self._optimizer:
            return ""
        before, self._settings = self._settings, settings_of(optimizer)
        if before == self._settings or len(before) != len(self._settings):
            return ""
        changes = {
            f"{name} {_shown(old.get(name))} → {_shown(new[name])}": name
            for old, new in zip(before, self._settings, strict=True)
            for name in new
            if old.get(name) != new[name]
        }
        self.names = tuple(dict.fromkeys(changes.values()))
        return ", ".join(changes)


def learning_rate(optimizer: Optimizer) -> float:
    """Give the learning rate of the first parameter group."""
    return float(optimizer.param_groups[0]["lr"])


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Set the learning rate of the first parameter group to ``rate``, at least 0.

    The other groups keep their ratio to it; where it is 0, all are set to ``rate``.
    """
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    for group, before in zip(optimizer.param_groups, rates, strict=True):
        after = rate * (before / rates[0]) if rates[0] else rate
        if isinstance(group["lr"], Tensor):
            group["lr"].fill_(after)  # compiled steps and captured graphs hold on to the tensor
        else:
            group["lr"] = after


def settings_of(optimizer: Optimizer) -> Settings:
    """Read what an optimizer was made with; what its steps count up in its groups is no setting."""
    names = _constructor_names(type(optimizer)) | STANDARD
    return [
        {name: _plain(value) for name, value in group.items() if name in names}
        for group in optimizer.param_groups
    ]


def _constructor_names(kind: type) -> frozenset[str]:
    """Name the parameters of a class's constructor, and of those of its bases."""
    names: set[str] = set()
    for base in kind.__mro__:
        code = getattr(vars(base).get("__init__"), "__code__", None)
        if code is not None:
            names.update(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
    return frozenset(names - {"params"})


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Tensor) else value


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
