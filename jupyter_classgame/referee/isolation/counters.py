"""Numbers that a pass of the user's code counts up, which its behaviour may depend on."""

import itertools
import re
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import getitem, setitem
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from jupyter_classgame.referee.isolation.object_graph import (
    Reference,
    is_users_class,
    written_by_user,
)

FRESH = 4
"""Numbers begun in one dictionary; more of them are no counters."""

MOST_ITEMS = 200_000
"""No list is made longer than this."""

STEPS = (0, 1, 2, 3, 4, 6, 10, 14)
"""Their cubes are the counts that are tried: a few that reach far, odd ones and even ones."""

SHOWN = re.compile(r"count\((-?\d+)(?:, (-?\d+))?\)")
"""How an ``itertools.count`` of whole numbers shows its next number, and its step."""

LONG = 64
KNOWN = {"num_batches_tracked", "_version", "_step_count"}
"""Numbers that torch itself counts up."""


@dataclass
class Place:
    """Where a number is held, and what it was at first."""

    get: Callable[[], Any]
    put: Callable[[Any], None]
    start: Any


class Counters:
    """The numbers held by objects, of which those that a pass counts up are counters.

    Parameters
    ----------
    references
        The objects reachable from the user's code.
    lengths
        Whether the lengths of lists count as numbers too, which are moved on by repeating what is
        in them, and numbers that are begun in a dictionary.
    """

    def __init__(self, references: Iterable[Reference], *, lengths: bool = False) -> None:
        references = list(references)
        values = [reference.value for reference in references]
        known = {
            id(buffer)
            for module in values
            if isinstance(module, nn.Module)
            for name, buffer in module._buffers.items()  # noqa: SLF001 - with their names
            if name in KNOWN
        }
        self._numbers = [
            Place(get, put, get())
            for value in values
            if id(value) not in known
            for get, put in _numbers_in(value)
        ]
        for reference in references:
            held = _iterated(reference)
            if held is None and lengths:
                held = _length(reference.value)
            if held is not None:
                self._numbers.append(Place(*held, held[0]()))
        self._tables = [(v, set(v)) for v in values if isinstance(v, dict) and len(v) <= LONG]
        self._new = lengths
        self.places: list[Place] = []

    def find(self) -> None:
        """Take the numbers that have been counted up since the beginning for counters."""
        numbers = [*self._numbers, *(self._begun() if self._new else ())]
        self.places = [p for p in numbers if _counted(_read(p), p.start)]

    def _begun(self) -> Iterator[Place]:
        """Yield the numbers that were begun in tables since: from none."""
        for table, keys in self._tables:
            fresh = [(key, item) for key, item in table.items() if key not in keys]
            for get, put in _entries(table, fresh if len(fresh) <= FRESH else []):
                yield Place(get, put, 0)

    def keep_steady(self, gains: Sequence[int]) -> None:
        """Keep the counters that have gained once more what they had gained before."""
        steady = [now == 2 * gain for now, gain in zip(self.gains(), gains, strict=True)]
        self.places = [p for p, it in zip(self.places, steady, strict=True) if it]

    def leave_out(self) -> None:
        """Leave the counters at their beginning from now on."""
        self.move(0)
        self.places = []

    def move(self, number: int) -> None:
        """Set each counter some passes ahead of the beginning, which is number 0."""
        step = STEPS[number % len(STEPS)] ** 3
        for place in self.places:
            place.put(place.start + type(place.start)(step))

    def gains(self) -> list[int]:
        """Return by how much each counter has been counted up since the beginning."""
        now = [(_read(place), place.start) for place in self.places]
        return [0 if number is None else int(number - start) for number, start in now]

    def forward(self, gains: Iterable[int]) -> None:
        """Set each counter so far ahead of the beginning."""
        for place, gain in zip(self.places, gains, strict=True):
            place.put(place.start + type(place.start)(gain))


def _read(place: Place) -> Any:
    try:
        return place.get()
    except (KeyError, IndexError, AttributeError, ValueError):
        return None


def _counted(now: Any, start: Any) -> bool:
    """Return whether a number has changed by a whole one, as a temperature that falls has not."""
    return type(now) is type(start) and now != start and float(now - start).is_integer()


def _numbers_in(value: Any) -> Iterator[tuple[Callable[[], Any], Callable[[Any], None]]]:
    if isinstance(value, dict):
        yield from _entries(value, list(value.items())[:LONG])
    elif isinstance(value, list):
        yield from _entries(value, list(enumerate(value[:LONG])))
    elif isinstance(value, types.FunctionType):
        yield from _variables(value)
        yield from _entries(value.__dict__, list(value.__dict__.items()))
    elif isinstance(value, np.ndarray):
        if value.size == 1 and value.dtype.kind in "iuf":
            yield value.item, value.fill
    elif isinstance(value, Tensor):
        if value.numel() == 1 and not isinstance(value, nn.Parameter) and not value.requires_grad:
            yield value.item, partial(_fill, value)
    elif not isinstance(value, (type, types.ModuleType)):
        held = getattr(value, "__dict__", None)
        if isinstance(held, dict):
            yield from _entries(held, list(held.items()))
        yield from _of_class(value)


def _of_class(value: Any) -> Iterator[tuple[Callable[[], Any], Callable[[Any], None]]]:
    """Yield the numbers that an object of a user's class has from that class."""
    for base in type(value).__mro__:
        if is_users_class(base):
            for name, item in list(vars(base).items()):
                if type(item) in (int, float) and name not in getattr(value, "__dict__", ()):
                    yield partial(getattr, value, name), partial(_set, value, base, name)


def _set(value: Any, base: type, name: str, number: Any) -> None:
    """Set a number where it is: in an object that has counted for itself, or in its class."""
    setattr(value if name in getattr(value, "__dict__", ()) else base, name, number)


def _fill(tensor: Tensor, number: Any) -> None:
    with torch.no_grad():
        tensor.fill_(number)


def _entries(
    container: Any, items: list[tuple[Any, Any]]
) -> Iterator[tuple[Callable[[], Any], Callable[[Any], None]]]:
    for key, item in items:
        if type(item) in (int, float) and key not in KNOWN:
            yield partial(getitem, container, key), partial(setitem, container, key)


def _variables(
    function: types.FunctionType,
) -> Iterator[tuple[Callable[[], Any], Callable[[Any], None]]]:
    """Yield the numbers among the global and nonlocal variables that a user's function names."""
    code = function.__code__
    if not written_by_user(function):
        return
    space = function.__globals__
    yield from _entries(space, [(name, space[name]) for name in code.co_names if name in space])
    for cell in function.__closure__ or ():
        try:
            held = type(cell.cell_contents) in (int, float)
        except ValueError:
            continue
        if held:
            yield partial(getattr, cell, "cell_contents"), partial(setattr, cell, "cell_contents")


Held = tuple[Callable[[], Any], Callable[[Any], None]]


def _iterated(reference: Reference) -> Held | None:
    """Return how the next number of an ``itertools.count`` is read and set."""
    if not isinstance(reference.value, itertools.count) or reference.put is None:
        return None
    put = reference.put
    current = [reference.value]
    if (shown := SHOWN.fullmatch(repr(reference.value))) is None:
        return None
    step = int(shown[2] or 1)

    def read() -> Any:
        return int(SHOWN.fullmatch(repr(current[0]))[1])  # type: ignore[index]  # as at first

    def write(number: Any) -> None:
        current[0] = itertools.count(number, step)
        put(current[0])

    return read, write


def _length(value: Any) -> Held | None:
    """Return how the length of a list that something is appended to is read and set."""
    if type(value) not in (list, deque) or getattr(value, "maxlen", None) is not None:
        return None

    def write(number: int) -> None:
        if type(value) is list:
            del value[number:]
        while len(value) > number:
            value.pop()
        if value and number > len(value):
            value.extend(itertools.repeat(value[-1], min(number, MOST_ITEMS) - len(value)))

    return partial(len, value), write
