"""The runs of ``game.train``, as in a loop: a line each, which ends with what came of the run."""

import contextvars
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from jupyter_classgame.events import Event, Noticed, RunEnded, RunPaused, RunStarted
from jupyter_classgame.widgets.frontend import in_kernel

PAUSE = 1.0
"""Least seconds between two updates of a line."""


class CalledRuns:
    """Shows the runs that have no chart, those that no ``%train`` has begun.

    In a kernel each has a line, in a terminal it writes lines.
    """

    def __init__(self) -> None:
        self._shown: dict[int, Callable[[Event], None]] = {}

    def handle(self, event: Event) -> None:
        """Handle an event of any run."""
        run = getattr(event, "run", None)
        if isinstance(event, RunStarted) and not _charted(event.run):
            if in_kernel():
                self._shown[event.run] = _RunLine().take
            elif getattr(sys.stdout, "isatty", bool)():
                from jupyter_classgame.widgets.run.text_progress import TextProgress  # noqa: PLC0415 - loads torch

                self._shown[event.run] = TextProgress().handle
        if run in self._shown:
            self._shown[run](event)
        if isinstance(event, RunEnded):
            self._shown.pop(event.run, None)


def _charted(run: int) -> bool:
    from jupyter_classgame.widgets.chart.run_chart import is_charted  # noqa: PLC0415 - loads torch

    return is_charted(run)


class _RunLine:
    """The line of one run."""

    def __init__(self) -> None:
        from jupyter_classgame.widgets.cell_output import ReplaceableOutput  # noqa: PLC0415
        from jupyter_classgame.widgets.run.run_status import RunStatus  # noqa: PLC0415 - loads torch

        self._state: RunStatus = RunStatus()
        self._output: ReplaceableOutput = ReplaceableOutput(f"classgame-run-{uuid4().hex[:12]}")
        self._home = threading.get_ident()
        self._next = 0.0

    def take(self, event: Event) -> None:
        """Take an event of the run, and show where it stands."""
        self._state.take(event)
        now = time.monotonic()
        if isinstance(event, RunStarted):
            self._output.publish(self._bundle())
        elif isinstance(event, RunEnded):
            self._end(event)
        elif now >= self._next or isinstance(event, RunPaused | Noticed):
            self._output.replace(self._bundle())
        else:
            return
        self._next = now + PAUSE

    def _bundle(self) -> dict[str, str]:
        started = self._state.started
        return {
            "text/html": self._state.html(),
            "text/plain": f"{started.label if started else 'a run'}: under way",
        }

    def _end(self, event: RunEnded) -> None:
        from jupyter_classgame.widgets.chart.history_line import history_bundle  # noqa: PLC0415
        from jupyter_classgame.widgets.run.run_failure import failure_told  # noqa: PLC0415

        bundle: Any = history_bundle(self._state.finished(event), told=False)
        if threading.get_ident() == self._home:
            failure_told(event.run)
            self._output.replace(bundle)
        else:  # as a chart does, see there
            contextvars.Context().run(self._output.replace, bundle)
