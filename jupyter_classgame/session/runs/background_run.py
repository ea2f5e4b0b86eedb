"""A run that goes on in a thread while other cells are executed."""

import contextvars
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import ExitStack

import torch

from jupyter_classgame.errors import ClassGameError, one_line
from jupyter_classgame.events import Event
from jupyter_classgame.session.run_registry import release_ended
from jupyter_classgame.training.history import History
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.tracebacks import user_frames


def in_background(run: Run, publish: Callable[[Event], None]) -> History:
    """Execute a run in a daemon thread, and give its history at once.

    What the thread prints goes to the cell that this is called in: ipykernel knows the cell by a
    context variable (6.29 and later), and the thread takes this context with it.
    """
    settings = _Settings()

    def work() -> None:
        with settings.taken_over():
            try:
                run.execute(publish)
            except BaseException as error:  # noqa: BLE001 - told here; history.wait() raises it
                _tell(error, run.label)
            finally:
                release_ended()

    context = contextvars.copy_context()
    name = f"classgame-run-{run.number}"
    threading.Thread(target=context.run, args=(work,), name=name, daemon=True).start()
    return run.history


class _Settings:
    """What torch keeps for each thread, as it is in this one."""

    def __init__(self) -> None:
        self._device = torch.get_default_device()
        in_use = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
        self._cuda = torch.cuda.current_device() if in_use else None

    def taken_over(self) -> ExitStack:
        """Make them the calling thread's, until the stack is closed."""
        stack = ExitStack()
        if self._cuda is not None:
            torch.cuda.set_device(self._cuda)
        if self._device.type != "cpu":  # the context costs a little at every call into torch
            stack.enter_context(self._device)
        if hasattr(signal, "pthread_sigmask"):
            # A kernel interrupt is sent to all processes of the group. Workers of a loader that
            # are started from here inherit this, and are left alone like the run itself.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        return stack


def _tell(error: BaseException, label: str) -> None:
    """Write an error below the cell of the run, with the user's own frames."""
    if isinstance(error, ClassGameError):
        told = f"{type(error).__name__}: {one_line(error)}\n"
    else:
        frames = user_frames(error.__traceback__)
        told = "".join(traceback.format_exception(type(error), error, frames, chain=False))
    sys.stderr.write(f"{label} was ended by an error, which history.wait() raises too\n{told}")
    sys.stderr.flush()
