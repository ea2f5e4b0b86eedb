"""Detect a kernel, and let widgets answer while a cell runs."""

from typing import Any

from IPython.core.getipython import get_ipython


def in_kernel() -> bool:
    """Whether this process is a Jupyter kernel, so that a widget has somewhere to go.

    False in a terminal's IPython and in plain Python; a kernel with nobody attached counts as one.
    """
    return getattr(get_ipython(), "kernel", None) is not None


def answer_while_busy(widget: Any) -> None:
    """Let a widget's callbacks run while a cell runs.

    JupyterLab sends comm messages to a subshell of the kernel, but ipykernel 7.4 sends them on to
    the shell that last published on the same comm: the busy one. Its private rule is overridden
    where it exists; older kernels need nothing, or have no subshells.
    """
    comm = widget.comm
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda _data, default: default  # noqa: SLF001
