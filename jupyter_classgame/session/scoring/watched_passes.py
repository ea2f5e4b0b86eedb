"""Which operations run in the passes of a model, as a digest that tells whether they are others."""

import hashlib
from collections import Counter
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from jupyter_classgame.training.module_names import is_eager


class WatchedPasses(nn.Module):
    """A model whose passes are watched.

    Attributes
    ----------
    digests
        Of each pass so far what ran in it: how often each operation of torch's, whatever the
        number of images. Empty where the model is compiled.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.digests: set[str] = set()
        self._eager = is_eager(network)

    def forward(self, images: Any) -> Any:
        """Pass images through the model."""
        if not self._eager:
            return self.network(images)
        with _Operations() as operations:
            outputs = self.network(images)
        self.digests.add(operations.digest)
        return outputs


class _Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operations that are run."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._counts = Counter[str]()
        self._devices = set[str]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        self._counts[str(func)] += 1
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self._devices.add(result.device.type)
        return result

    @property
    def digest(self) -> str:
        """Where they ran, on which torch, and a digest of what they were and how many."""
        counts = "\n".join(f"{name} {count}" for name, count in sorted(self._counts.items()))
        place = f"torch {torch.__version__} on {','.join(sorted(self._devices))}"
        return f"{place}: {hashlib.sha256(counts.encode()).hexdigest()[:16]}"


def are_others(recorded: str, now: set[str]) -> bool:
    """Say whether other operations ran than were recorded; not known on another torch or device."""
    place = recorded.rpartition(": ")[0]
    return bool(recorded) and any(
        digest != recorded for digest in now if digest.rpartition(": ")[0] == place
    )
