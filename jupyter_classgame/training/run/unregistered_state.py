"""What learns without being registered: modules that a criterion only calls, and plain tensors.

A criterion may be a function that calls a module of the notebook, a partial, a bound method, or an
object of a class of one's own; and modules may hold a running mean in an attribute that is neither
a parameter nor a buffer. Numbers of Python, such as counters, are left alone by what goes back, and
are kept for a run that goes on in another kernel.
"""

import copy
import functools
import inspect
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from types import CellType, FunctionType, MethodType
from typing import Any, TypeGuard

import torch
from torch import Tensor, nn

from jupyter_classgame.user_code import is_users

DEEPEST = 4
"""Steps from a criterion to what it calls."""

LONGEST = 100
"""Parts of a list that are looked at."""

CALLABLES = (MethodType, functools.partial, FunctionType)

LARGEST = 64 * 1024**2
"""Bytes of a plain tensor that is kept; what is larger is data, hardly anything learned."""

NUMBERS = (bool, int, float)

MOST = 10_000
"""Numbers of a list that are kept."""

REGISTERED = frozenset(vars(nn.Module()))


class Called(nn.Module):
    """Stands for what a criterion that is no module calls: the modules in it, and plain tensors."""

    def __init__(self, criterion: Any, model: Any) -> None:
        super().__init__()
        self.objects: dict[str, dict[str, Any]] = {}
        self.names: dict[str, tuple[dict[str, Any] | CellType, str]] = {}
        self._seen: set[int] = {id(model)}
        if isinstance(model, nn.Module):
            self._seen |= {id(module) for module in model.modules()}
        self._walk(criterion, "", 0)

    def _walk(self, thing: Any, path: str, depth: int) -> None:
        if id(thing) in self._seen or depth > DEEPEST:
            return
        if isinstance(thing, nn.Module):
            self._seen.add(id(thing))
            self.add_module(path.replace(".", "_") or "itself", thing)
            return
        own: dict[str, Any] | None = getattr(thing, "__dict__", None)
        is_own = not isinstance(thing, CALLABLES) and (not depth or is_of_users_class(thing))
        parts: dict[str, tuple[Any, Any]]
        if is_own and type(own) is dict:
            self._seen.add(id(thing))
            self.objects[path] = own
            parts = {name: (None, value) for name, value in own.items()}
        else:
            parts = _parts(thing)
        for name, (home, value) in parts.items():
            way = f"{path}.{name}" if path else name
            if not isinstance(value, Tensor):
                self._walk(value, way, depth + 1)
            elif home is not None:
                self.names[way] = home, name


def learning_part(criterion: Any, model: Any) -> nn.Module:
    """Give the criterion if it is a module, else what stands for all that it calls.

    The model, which a criterion may look at too, is no part of it.
    """
    return criterion if isinstance(criterion, nn.Module) else Called(criterion, model)


def _parts(thing: Any) -> dict[str, tuple[Any, Any]]:
    """Map names to what keeps a part of a thing, if a tensor may be kept there, and the part."""
    if isinstance(thing, MethodType):
        return {"self": (None, thing.__self__), "function": (None, thing.__func__)}
    if isinstance(thing, functools.partial):
        given: dict[str, tuple[Any, Any]]
        given = {f"args{number}": (None, value) for number, value in enumerate(thing.args)}
        given |= {name: (thing.keywords, value) for name, value in thing.keywords.items()}
        return {"function": (None, thing.func), **given}
    if isinstance(thing, FunctionType) and is_users(thing.__code__.co_filename):
        return _of_function(thing)
    if isinstance(thing, (list, tuple)) and len(thing) <= LONGEST:
        return {str(number): (None, value) for number, value in enumerate(thing)}
    return {}


def _of_function(function: FunctionType) -> dict[str, tuple[Any, Any]]:
    names = function.__globals__
    parts: dict[str, tuple[Any, Any]]
    parts = {n: (names, names[n]) for n in function.__code__.co_names if n in names}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            parts[name] = cell, cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue
    return parts


def is_of_users_class(thing: Any) -> bool:
    """Say whether an object's class is the user's own."""
    name = type(thing).__module__
    file = getattr(sys.modules.get(name), "__file__", None)
    return (
        not inspect.ismodule(thing)
        and not isinstance(thing, type)
        and (name == "__main__" or (file is not None and is_users(file)))
    )


def plain_tensors(part: Any) -> dict[str, Tensor]:
    """Give the tensors in plain attributes of a part and its modules, by name."""
    return {name: value for name, _, _, value in _places(part)}


def put_plain(part: Any, name: str, value: Tensor) -> None:
    """Give a plain attribute this tensor itself, whatever is there."""
    for found, home, key, _ in _places(part):
        if found == name:
            _set(home, key, value)
            return
    path, _, last = name.rpartition(".")
    for where, module in part.named_modules():
        for place, own in _objects(where, module):
            if place == path:
                own[last] = value
                return


def load_plain(part: Any, values: Mapping[str, Tensor]) -> None:
    """Give the plain attributes of a part these values and no others.

    They go into the tensors that are there where these have the same shape and are no views of
    others, else in their places.
    """
    there = plain_tensors(part)
    for name in there.keys() - values.keys():
        drop_plain(part, name)
    for name, value in values.items():
        now = there.get(name)
        if now is None:
            home = next(part.parameters(), value) if isinstance(part, nn.Module) else value
            put_plain(part, name, value.to(home.device, copy=True))
        elif not fits(now, value) or now._base is not None:  # noqa: SLF001 - a batch, perhaps
            put_plain(part, name, value.to(now.device, copy=True))
        elif not torch.equal(now, value.to(now.device)):
            with torch.no_grad():
                now.copy_(value)


def fits(tensor: Tensor, value: Tensor) -> bool:
    """Say whether a value can be written into a tensor as it is."""
    alike = (tensor.shape, tensor.dtype) == (value.shape, value.dtype)
    return alike and not tensor.is_inference()


def drop_plain(part: Any, name: str) -> None:
    """Take a plain attribute away that came up later."""
    for found, home, key, _ in _places(part):
        if found == name and isinstance(home, dict):
            del home[key]
            return


def plain_numbers(part: Any) -> dict[str, Any]:
    """Copy the numbers, and lists of numbers, in plain attributes of a part's modules, by name."""
    return {
        f"{where}.{key}" if where else key: copy.copy(own[key])
        for where, own in _attributes(part)
        for key in own.keys() - REGISTERED
        if _are_numbers(own[key])
    }


def put_numbers(part: Any, values: Mapping[str, Any]) -> None:
    """Give plain attributes these numbers, where there are numbers now, or nothing yet."""
    for where, own in _attributes(part):
        for name, value in values.items():
            path, _, key = name.rpartition(".")
            if path == where and _are_numbers(own.get(key, 0)):
                own[key] = value


def _are_numbers(value: Any) -> bool:
    if type(value) in (list, tuple, deque, dict) and len(value) <= MOST:
        return all(type(each) in NUMBERS for each in _values(value))
    return type(value) in NUMBERS


def _values(held: Any) -> Iterable[Any]:
    return held.values() if isinstance(held, dict) else held


def _attributes(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(part, nn.Module):
        for path, module in part.named_modules():
            yield from _objects(path, module)


def _set(home: Any, key: str, value: Tensor) -> None:
    if isinstance(home, CellType):
        home.cell_contents = value
    else:
        home[key] = value


def _places(part: Any) -> Iterator[tuple[str, Any, str, Tensor]]:
    """Yield name, home, key there, and tensor."""
    if not isinstance(part, nn.Module):
        return
    for path, module in part.named_modules():
        if isinstance(module, Called):
            for name, (home, key) in module.names.items():
                value = home.cell_contents if isinstance(home, CellType) else home.get(key)
                if _is_kept(value):
                    yield name, home, key, value
        for where, own in _objects(path, module):
            for key in sorted(own.keys() - REGISTERED):
                if _is_kept(own[key]):
                    yield f"{where}.{key}" if where else key, own, key, own[key]


def _objects(path: str, module: nn.Module) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where plain attributes are looked for, and these; torch's own modules have none."""
    if isinstance(module, Called):
        yield from module.objects.items()
    elif not type(module).__module__.startswith("torch."):
        yield path, vars(module)


def _is_kept(value: Any) -> TypeGuard[Tensor]:
    """Say whether a value is a tensor that was learned, not a step of a computation."""
    return (
        isinstance(value, Tensor)
        and value.layout is torch.strided
        and not (value.is_meta or value.is_quantized)
        and value.grad_fn is None
        and value.nbytes <= LARGEST
    )
