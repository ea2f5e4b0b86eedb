"""Names of a model's tensors, without what ``torch.compile`` and its like put around it."""

from collections.abc import Mapping
from typing import Any, TypeVar

from torch import nn

Value = TypeVar("Value")

COMPILED = "_orig_mod"
"""Where ``torch.compile`` keeps the module it was given."""


def is_compiled(module: Any) -> bool:
    """Say whether a module is what ``torch.compile`` puts around one; its type is loaded late."""
    return type(module).__name__ == "OptimizedModule" and hasattr(module, COMPILED)


def is_eager(model: nn.Module) -> bool:
    """Say whether nothing of a model is compiled, as far as its modules tell."""
    return not any(
        hasattr(part, COMPILED) or getattr(part, "_compiled_call_impl", None) is not None
        for part in model.modules()
    )


def plain_name(model: Any, name: str) -> str:
    """Give the name that a tensor of a model has where nothing is wrapped.

    A module of the user's own keeps its name, whatever it is called.
    """
    kept, here = [], model
    for part in name.split("."):
        parallel = isinstance(here, (nn.DataParallel, nn.parallel.DistributedDataParallel))
        compiled = part == COMPILED and is_compiled(here)
        if not compiled and not (part == "module" and parallel):
            kept.append(part)
        parts = getattr(here, "_modules", {})
        here = parts[part] if part in parts else None  # noqa: SIM401 - a scripted one has no get
    return ".".join(kept)


def by_plain_names(model: Any, named: Mapping[str, Value]) -> dict[str, Value]:
    """Give a model's tensors, or whatever is named as they are, by their plain names."""
    return {plain_name(model, name): value for name, value in named.items()}
