"""The graph of objects reachable from one: attributes, items, closures, globals that code names."""

import functools
import types
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from jupyter_classgame.user_code import is_users

LEAVES = (
    str, bytes, bytearray, int, float, complex, bool, type(None), torch.Tensor, np.ndarray,
    torch.dtype, torch.device, torch.Generator, np.random.Generator, np.random.RandomState,
    Image.Image, PurePath, types.ModuleType, types.BuiltinFunctionType, range, slice,
)  # fmt: skip
FOREIGN = (
    "IPython", "ipykernel", "ipywidgets", "traitlets", "matplotlib", "zmq", "asyncio", "threading",
    "multiprocessing", "logging", "pandas", "sqlalchemy", "concurrent", "tqdm", "weakref",
)  # fmt: skip
MOST = 20_000
LONG = 64
GLANCE = 3


@dataclass(frozen=True)
class Reference:
    """A reference to an object in a graph.

    Attributes
    ----------
    path
        How a player would write it, such as ``"train_loader.dataset.transform"``.
    value
        The object.
    put
        Replaces the object in this reference; None where that is impossible.
    outer
        For an element of a tuple: the reference to the tuple, which is replaced as a whole.
    """

    path: str
    value: Any
    put: Callable[[Any], None] | None = None
    outer: "Reference | None" = None

    def undo(self) -> None:
        """Restore the value; for an element of a tuple, the whole tuple."""
        if self.outer is not None:
            self.outer.undo()
        elif self.put is not None:
            self.put(self.value)


def walk(root: Any, name: str) -> Iterator[Reference]:
    """Yield the references reachable from an object, breadth first, each object once.

    Of long containers only the first few elements are visited. An array, a tensor, a list or a
    tuple is yielded for each reference to it, so that all of them can be replaced.

    Parameters
    ----------
    root
        Where to begin.
    name
        The path of `root` itself.
    """
    queue = deque([Reference(name, root)])
    seen: set[int] = set()
    kept = []  # an id is unique only while its object lives
    while queue and len(seen) < MOST:
        reference = queue.popleft()
        if id(reference.value) in seen:
            if isinstance(reference.value, (np.ndarray, torch.Tensor, list, tuple)):
                yield reference  # a second reference to the same images
            continue
        seen.add(id(reference.value))
        kept.append(reference.value)
        yield reference
        if not isinstance(reference.value, LEAVES) and not _foreign(reference.value):
            queue.extend(_inside(reference))


def _foreign(value: Any) -> bool:
    module = type(value).__module__ or ""
    return module.split(".")[0] in FOREIGN or module.startswith(
        ("jupyter_classgame.session", "jupyter_classgame.magics", "jupyter_classgame.widgets")
    )


def _inside(reference: Reference) -> Iterator[Reference]:  # noqa: C901 - one branch a kind of object
    value = reference.value
    if isinstance(value, dict):
        yield from _in_dict(reference)
    elif isinstance(value, (list, tuple, deque, set, frozenset)):
        yield from _in_sequence(reference)
    elif isinstance(value, types.FunctionType):
        yield from _in_function(reference, value)
    elif isinstance(value, types.MethodType):
        yield Reference(reference.path, value.__self__)
        yield Reference(reference.path, value.__func__)
    elif isinstance(value, functools.partial):
        yield Reference(f"{reference.path}.func", value.func)
        yield Reference(f"{reference.path}.args", value.args)
        yield Reference(f"{reference.path}.keywords", value.keywords)
    elif isinstance(value, types.GeneratorType):
        frame = value.gi_frame
        if frame is not None:
            for name, item in frame.f_locals.items():
                yield Reference(f"{reference.path}:{name}", item)
    elif isinstance(value, type):
        if is_users_class(value):
            yield from _in_class(reference, value)
    else:
        yield from _in_object(reference)


def _in_dict(reference: Reference) -> Iterator[Reference]:
    container = reference.value
    items = list(container.items())
    for number, (key, item) in enumerate(items if len(items) <= LONG else items[:GLANCE]):
        named = repr(key) if isinstance(key, (str, int, float, tuple)) else ""
        if not 0 < len(named) <= LONG:
            named = f"{type(key).__name__} {number}"
        yield Reference(
            f"{reference.path}[{named}]", item, functools.partial(_set_item, container, key)
        )


def _in_sequence(reference: Reference) -> Iterator[Reference]:
    items = list(reference.value) if len(reference.value) <= LONG else _first(reference.value)
    if isinstance(reference.value, tuple) and reference.put is not None:
        setter = _tuple_setters(reference)
        for index, item in enumerate(items):
            yield Reference(f"{reference.path}[{index}]", item, setter(index), reference)
        return
    for index, item in enumerate(items):
        put: Callable[[Any], None] | None = None
        if isinstance(reference.value, (list, deque)):
            put = functools.partial(_set_item, reference.value, index)
        yield Reference(f"{reference.path}[{index}]", item, put)


def _first(container: Any) -> list[Any]:
    found = []
    for item in container:
        found.append(item)
        if len(found) == GLANCE:
            break
    return found


def _in_function(reference: Reference, function: types.FunctionType) -> Iterator[Reference]:
    if not written_by_user(function):
        yield from _closure(reference, function)
        return
    yield from _closure(reference, function)
    for index, item in enumerate(function.__defaults__ or ()):
        yield Reference(f"{reference.path}(default {index})", item)
    for name, item in (function.__kwdefaults__ or {}).items():
        yield Reference(f"{reference.path}({name}=)", item)
    yield from _globals(reference, function.__code__, function.__globals__)


def _closure(reference: Reference, function: types.FunctionType) -> Iterator[Reference]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            item = cell.cell_contents
        except ValueError:
            continue
        yield Reference(f"{reference.path}:{name}", item, functools.partial(_set_cell, cell))


def _globals(
    reference: Reference, code: types.CodeType, space: dict[str, Any], depth: int = 0
) -> Iterator[Reference]:
    for name in code.co_names:
        if name not in space:
            continue
        item = space[name]
        if isinstance(item, types.ModuleType):
            file = getattr(item, "__file__", None)
            if file and is_users(file):
                inner = vars(item)
                for other in code.co_names:
                    if other in inner and not isinstance(inner[other], types.ModuleType):
                        put = functools.partial(_set_item, inner, other)
                        yield Reference(f"{name}.{other}", inner[other], put)
            continue
        if isinstance(item, (str, bytes, int, float)) or name.startswith("__"):
            continue
        yield Reference(name, item, functools.partial(_set_item, space, name))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType) and depth < GLANCE:
            yield from _globals(reference, constant, space, depth + 1)


def _in_object(reference: Reference) -> Iterator[Reference]:
    value = reference.value
    yield from _in_class(reference, type(value))
    held = getattr(value, "__dict__", None)
    if isinstance(held, dict):
        for name, item in list(held.items()):
            if isinstance(value, nn.Module) and name in ("_modules", "_parameters", "_buffers"):
                for inner, module in list(item.items()):
                    put = functools.partial(_set_item, item, inner)
                    yield Reference(f"{reference.path}.{inner}", module, put)
                continue
            put = functools.partial(object.__setattr__, value, name)
            yield Reference(f"{reference.path}.{name}", item, put)
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                put = functools.partial(setattr, value, name)
                yield Reference(f"{reference.path}.{name}", getattr(value, name), put)


def _in_class(reference: Reference, kind: type) -> Iterator[Reference]:
    for base in kind.__mro__:
        if not is_users_class(base):
            continue
        for name, item in list(vars(base).items()):
            function = item.__func__ if isinstance(item, (staticmethod, classmethod)) else item
            if isinstance(function, property):
                function = function.fget
            function = getattr(function, "__wrapped__", function)
            if isinstance(function, types.FunctionType):
                yield from _in_function(Reference(reference.path, function), function)
            if item is not function and hasattr(item, "cache_clear"):
                yield Reference(f"{base.__name__}.{name}", item)
            elif not name.startswith("__") and not isinstance(item, types.FunctionType):
                put = functools.partial(setattr, base, name)
                yield Reference(f"{base.__name__}.{name}", item, put)


def is_users_class(kind: type) -> bool:
    """Return whether a class is the user's own, judged by its functions."""
    for item in vars(kind).values():
        function = getattr(item, "__wrapped__", item)  # inside functools.lru_cache
        if isinstance(getattr(function, "__code__", None), types.CodeType):
            return written_by_user(function)
    return False


def written_by_user(function: Any) -> bool:
    """Return whether a function is the user's own; what ``exec`` made belongs to who ran it."""
    name = function.__code__.co_filename
    if name != "<string>":
        return is_users(name)
    space = getattr(function, "__globals__", {})
    return is_users(space.get("__file__") or "<cell>")


def _set_item(container: Any, key: Any, value: Any) -> None:
    container[key] = value


def _set_cell(cell: types.CellType, value: Any) -> None:
    cell.cell_contents = value


def _tuple_setters(reference: Reference) -> Callable[[int], Callable[[Any], None]]:
    """Return a function that makes setters for the elements, which replace the whole tuple."""
    current = list(reference.value)
    kind = type(reference.value)

    def setter(index: int) -> Callable[[Any], None]:
        def put(value: Any) -> None:
            current[index] = value
            if reference.put is not None:
                reference.put(tuple(current) if kind is tuple else kind(*current))

        return put

    return setter
