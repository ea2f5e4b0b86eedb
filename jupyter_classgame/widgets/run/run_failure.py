"""A run that an error or a loss that is not finite has ended: said once in a cell, in red."""

from typing import TYPE_CHECKING, Any

from IPython.core.getipython import get_ipython

from jupyter_classgame.widgets import markup

if TYPE_CHECKING:
    from jupyter_classgame.training.history import History

FAILED = ("nan", "error")
"""What ends a run that failed."""


class _Told:
    """The run whose failure was said last, and the number of the cell where it was."""

    run: tuple[int, int] | None = None


def failure_html(history: "History") -> str:
    """Say how a run failed, as a line of HTML; empty if it did not."""
    return markup.failure(history.message) if history.stopped_by in FAILED else ""


def failure_told(run: int) -> None:
    """Note that the picture of a run has said in this cell how it failed."""
    _Told.run = _cell(), run


def is_told(history: "History") -> bool:
    """Whether this cell has said how a run failed."""
    return _Told.run == (_cell(), history.run)


def _cell() -> int:
    ip: Any = get_ipython()
    return -1 if ip is None else ip.execution_count
