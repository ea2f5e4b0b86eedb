"""Tracebacks of errors in the user's code: the user's frames, without the package's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.error import UsageError

from jupyter_classgame.errors import ClassGameError

INTERRUPTED = "Interrupted: nothing was changed"


@contextmanager
def user_traceback(shell: Any) -> Iterator[None]:
    """Make the shell show errors raised in this context with the user's frames only."""
    from jupyter_classgame.session.runs.training_run import RunInterrupted  # noqa: PLC0415 - loads torch
    from jupyter_classgame.training.tracebacks import user_frames, without_our_frames  # noqa: PLC0415

    try:
        yield
    except (ClassGameError, UsageError, RunInterrupted):
        raise
    except KeyboardInterrupt as interrupt:
        interrupt._render_traceback_ = lambda: [INTERRUPTED]  # type: ignore[attr-defined]
        raise
    except Exception as raised:
        if hasattr(raised, "_render_traceback_"):  # raised elsewhere, with its own rendering
            raise
        error = raised
        without_our_frames(error)
        frames = user_frames(error.__traceback__)

        def render() -> list[str]:
            rendered: list[str] = shell.InteractiveTB.structured_traceback(
                type(error), error, frames, tb_offset=0
            )
            return rendered

        # IPython renders an exception by this method, if it has one.
        error._render_traceback_ = render  # type: ignore[attr-defined]
        raise
