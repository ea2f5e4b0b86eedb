"""The clock put forward, for code that waits for a moment."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from jupyter_classgame.referee.isolation.object_graph import Reference

CLOCKS = ("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns")


@contextmanager
def put_forward(references: Sequence[Reference], seconds: float) -> Iterator[None]:
    """Put the clock forward within the block, for whoever has imported it in whatever way.

    Parameters
    ----------
    references
        What the user's code refers to, the functions of the clock perhaps among it.
    """
    shift = dt.timedelta(seconds=seconds)

    class Late(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Late":
            return super().now(tz) + shift

    late: dict[int, Any] = {id(dt.datetime): Late}
    places: list[tuple[Any, str, Any]] = [(dt, "datetime", dt.datetime)]
    for name in CLOCKS:
        real = getattr(time, name)
        late[id(real)] = _later(real, seconds * (1e9 if name.endswith("_ns") else 1))
        places.append((time, name, real))
    held = [r for r in references if r.put is not None and id(r.value) in late]
    try:
        for module, name, real in places:
            setattr(module, name, late[id(real)])
        for reference in held:
            with suppress(Exception):
                reference.put(late[id(reference.value)])  # type: ignore[misc]
        yield
    finally:
        for module, name, real in places:
            setattr(module, name, real)
        for reference in held:
            with suppress(Exception):
                reference.undo()


def _later(clock: Callable[[], float], by: float) -> Callable[[], float]:
    return lambda: clock() + type(clock())(by)
