"""A progress bar for work before a run, such as reading images; it disappears when done."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from jupyter_classgame.widgets import markup, palette
from jupyter_classgame.widgets.cell_output import ReplaceableOutput, message_bundle
from jupyter_classgame.widgets.frontend import in_kernel

DELAY = 0.4
"""Work that takes less than this many seconds shows no bar."""

PAUSE = 0.25
"""Least time between two updates, in seconds."""

Update = Callable[[int, int], None]


@contextmanager
def progress_bar(label: str) -> Iterator[Update]:
    """Show the progress of some work.

    Parameters
    ----------
    label
        What is being done, such as "Reading images".

    Yields
    ------
    callable
        Takes ``(done, total)``; call it as often as you like, from one thread at a time.
    """
    bar = _HtmlBar(label) if in_kernel() else _TerminalBar(label)
    try:
        yield bar.update
    finally:
        bar.vanish()


class _Throttled:
    """Draws the first update after a delay, and then a few per second."""

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


class _HtmlBar(_Throttled):
    """A bar in plain HTML: it needs no comm and no front end."""

    _output: ReplaceableOutput | None = None

    def draw(self, done: int, total: int) -> None:
        bundle = {"text/html": _bar_html(self.label, done, total), "text/plain": f"{self.label} …"}
        if self._output is None:
            self._output = ReplaceableOutput(f"classgame-progress-{uuid4().hex[:12]}")
            self._output.publish(bundle)
        else:
            self._output.replace(bundle)

    def vanish(self) -> None:
        if self._output is not None:
            self._output.replace(message_bundle(""))


class _TerminalBar(_Throttled):
    """A line on a terminal's stderr, erased at the end; nothing in a log."""

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
