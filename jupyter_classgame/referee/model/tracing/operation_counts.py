"""Which operations of torch's run in a pass, and how often: by name, or by what they do."""

import hashlib
from collections import Counter
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from jupyter_classgame.referee.model.tracing.op_names import family_of


class OperationCounts(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the operations that run within it."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._counts = Counter[Any]()
        self._devices = set[str]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        self._counts[func] += 1
        result = func(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor):
            self._devices.add(result.device.type)
        return result

    @property
    def families(self) -> Counter[str]:
        """How often each kind of operation ran that does something to the numbers."""
        families = Counter[str]()
        for func, count in self._counts.items():
            families[family_of(func._schema.name)] += count  # noqa: SLF001
        del families[""]
        return families

    @property
    def digest(self) -> str:
        """Where they ran, on which torch, and a digest of what they were and how many."""
        named = sorted((str(func), count) for func, count in self._counts.items())
        counts = "\n".join(f"{name} {count}" for name, count in named)
        place = f"torch {torch.__version__} on {','.join(sorted(self._devices))}"
        return f"{place}: {hashlib.sha256(counts.encode()).hexdigest()[:16]}"
