"""The settings of a transform, without the attributes that it changes by itself in use."""

import dis
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

from torch import nn

PLAIN = (int, float, bool, str, type(None))
DEEP = 4


def settings_of(thing: Any, depth: int = 0) -> Any:
    """Return the settings of a transform and of its parts, for comparison.

    Parameters
    ----------
    thing
        A transform, or a list of transforms.
    depth
        How many levels of parts lie above it.

    Returns
    -------
    object
        Numbers, strings and nested containers of them. Attributes that methods of the transform
        assign, such as counters, are left out.
    """
    if isinstance(thing, PLAIN):
        return thing
    if depth > DEEP:
        return ()
    if isinstance(thing, (list, tuple)):
        return [(type(part), settings_of(part, depth + 1)) for part in thing]
    if not hasattr(thing, "__dict__") or isinstance(thing, (type, FunctionType)):
        return ()
    kind: Any = type(thing)
    own = assigned(kind) | {"training"}
    found = {name: value for name, value in vars(thing).items() if name not in own}
    parts = list(vars(thing)["_modules"].values()) if isinstance(thing, nn.Module) else []
    return (
        {
            name: settings_of(value, depth + 1)
            for name, value in found.items()
            if isinstance(value, (*PLAIN, list, tuple, nn.Module))
        },
        settings_of(parts, depth + 1),
    )


_assigned: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()


def assigned(kind: type) -> frozenset[str]:
    """Return the attributes that the methods of a class assign, except its constructor."""
    found = _assigned.get(kind)
    if found is None:
        found = _assigned[kind] = _assigned_by(kind)
    return found


def _assigned_by(kind: type) -> frozenset[str]:
    names = set()
    for base in kind.__mro__:
        if base.__module__.startswith("torch.nn") or base is object:
            continue
        for name, method in vars(base).items():
            if name != "__init__" and isinstance(method, FunctionType):
                names |= {
                    str(step.argval)
                    for step in dis.get_instructions(method)
                    if step.opname == "STORE_ATTR"
                }
    return frozenset(names)
