"""Methods of a model's class that hide those of ``nn.Module`` which a run calls."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from jupyter_classgame.errors import TrainingError

MODES = {
    "train": "switches dropout and batch norm on",
    "eval": "switches dropout and batch norm off",
}

LISTS = {
    "parameters": "lists the weights",
    "named_parameters": "lists the weights by name",
    "buffers": "lists the buffers",
    "named_buffers": "lists the buffers by name",
    "modules": "lists the layers",
    "named_modules": "lists the layers by name",
    "children": "lists the layers",
    "named_children": "lists the layers by name",
    "state_dict": "gives the weights by name",
}

METHODS = {
    **MODES, **LISTS, "load_state_dict": "takes the weights", "to": "moves the weights",
}  # fmt: skip
"""What a run calls of a module, and what it does."""

SWITCHING = {"super", "__class__", "train", "training", "eval"}
"""Names of which an own ``eval`` that switches the mode mentions one."""


def check_methods(thing: Any, name: str) -> None:
    """Refuse a module whose own method stands in the place of one that a run calls.

    An own method that does what the hidden one does, and more, is let pass.

    Parameters
    ----------
    thing, name
        What may be a module, and what the user calls it.

    Raises
    ------
    TrainingError
        There is such a method, in the module or in one that it consists of.
    """
    if not isinstance(thing, nn.Module):
        return
    for path, module in _parts(thing, name, set()):
        for method, does in METHODS.items():
            if _hidden(module, method):
                own = f"{type(module).__name__}.{method}"
                where = "" if path == name else f" ({path})"
                raise TrainingError(
                    f"{name}: {own}{where} hides torch.nn.Module.{method}, which {does}",
                    "rename it, and make the model anew",
                )


def _parts(module: nn.Module, path: str, seen: set[int]) -> Iterator[tuple[str, nn.Module]]:
    """Go through a module and all that it consists of, by none of its methods."""
    if id(module) in seen:
        return
    seen.add(id(module))
    yield path, module
    for name, part in vars(module).get("_modules", {}).items():
        if isinstance(part, nn.Module):
            yield from _parts(part, f"{path}.{name}", seen)


def _hidden(module: nn.Module, name: str) -> bool:
    found = inspect.getattr_static(module, name, None)
    if found is getattr(nn.Module, name) or _torchs(found):
        return False
    if not callable(getattr(module, name, None)):
        return True
    if name in LISTS:
        return not _lists(module, name)
    if name == "train":
        return not _takes_mode(getattr(module, name))
    if name == "eval":
        return not _switches(getattr(module, name))
    return not _binds(getattr(module, name), None)


def _torchs(method: Any) -> bool:
    """Say whether a method is torch's own, as that of a compiled model."""
    return str(getattr(method, "__module__", "")).partition(".")[0] == "torch"


def _takes_mode(method: Any) -> bool:
    """Say whether a ``train`` is called with the mode, not with epochs or a loader."""
    parameters = list(_parameters(method))
    return any(p.name == "mode" or p.kind is p.VAR_POSITIONAL for p in parameters) or (
        bool(parameters) and isinstance(parameters[0].default, bool)
    )


def _switches(method: Any) -> bool:
    """Say whether an ``eval`` needs nothing, and does nothing or switches the mode."""
    code = getattr(inspect.unwrap(method), "__code__", None)
    names = {*code.co_names, *code.co_freevars} if code else SWITCHING
    return _binds(method) and (not names or bool(names & SWITCHING))


def _lists(module: nn.Module, name: str) -> bool:
    """Say whether a method lists what it should, if not all of it."""
    try:
        found = getattr(module, name)()
        if name == "state_dict":
            return isinstance(found, Mapping)
        listed = list(found)
        if name.startswith("named_"):
            listed = [thing for _, thing in listed]
    except Exception:  # noqa: BLE001 - the user's own method may raise anything
        return False
    kind = Tensor if name.endswith(("parameters", "buffers")) else nn.Module
    return all(thing is None or isinstance(thing, kind) for thing in listed)


def _parameters(method: Any) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(method).parameters.values())
    except (TypeError, ValueError):
        return []


def _binds(method: Any, *arguments: Any) -> bool:
    try:
        inspect.signature(method).bind(*arguments)
    except TypeError:
        return False
    except ValueError:  # of a method written in C
        return True
    return True
