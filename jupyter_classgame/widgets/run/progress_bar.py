"""A small progress bar for work before a run, such as reading images; it vanishes when done."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cell_output import message_bundle, publish, replace
from jupyter_classgame.widgets.frontend import in_kernel

DELAY = 0.4
"""Work that is done within this many seconds shows no bar."""

PAUSE = 0.25
"""Least time between two updates, in seconds."""

Update = Callable[[int, int], None]


@contextmanager
def progress_bar(label: str) -> Iterator[Update]:
    """Show how far some work has come.

    Parameters
    ----------
    label
        What is being done, such as "Reading images".

    Yields
    ------
    callable
        To be told ``(done, total)``, as often as one likes, from one thread at a time.
    """
    bar = _Bar(label) if in_kernel() else _Line(label)
    try:
        yield bar.update
    finally:
        bar.vanish()


class _Throttled:
    """Passes on the first update after a delay and then a few a second."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._next = time.monotonic() + DELAY

    def update(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + PAUSE
        self.draw(done, total)

    def draw(self, done: int, total: int) -> None:
        raise NotImplementedError

    def vanish(self) -> None:
        raise NotImplementedError


class _Bar(_Throttled):
    """A bar of plain HTML: it needs no comm, and works with nobody attached."""

    _display_id: str | None = None

    def draw(self, done: int, total: int) -> None:
        bundle = {"text/html": _bar_html(self.label, done, total), "text/plain": f"{self.label} …"}
        if self._display_id is None:
            self._display_id = f"classgame-progress-{uuid4().hex[:12]}"
            publish(bundle, self._display_id)
        else:
            replace(bundle, self._display_id)

    def vanish(self) -> None:
        if self._display_id is not None:
            replace(message_bundle(""), self._display_id)


class _Line(_Throttled):
    """A line on a terminal's error stream, wiped at the end; nothing in a log."""

    _width = 0

    def draw(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            content = f"{self.label} {done:,}/{total:,}"
            self._width = len(content)
            sys.stderr.write(f"\r{content}")
            sys.stderr.flush()

    def vanish(self) -> None:
        if self._width:
            sys.stderr.write(f"\r{'':<{self._width}}\r")
            sys.stderr.flush()


def _bar_html(label: str, done: int, total: int) -> str:
    said = f"{label}: {done:,} of {total:,}"
    return (
        f'<div style="font-family:{palette.FONT_CSS};font-size:12px;color:{palette.TEXT_CSS};'
        f'max-width:420px"><span style="font-variant-numeric:tabular-nums">{markup.text(said)}'
        f"</span>{markup.meter(done / total if total else 0.0, said)}</div>"
    )
