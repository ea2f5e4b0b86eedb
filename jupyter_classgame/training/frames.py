"""Tracebacks that show the user's own frames and leave out ours."""

from pathlib import Path
from types import TracebackType

import torch

OURS = str(Path(__file__).resolve().parent.parent)
MODULE_CALL = str(Path(torch.nn.modules.module.__file__))


def is_ours(error: BaseException) -> bool:
    """Say whether an error was raised by our own code rather than by what a user gave us."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is not None and _belongs(last)


def user_frames(trace: TracebackType | None) -> TracebackType | None:
    """Drop the frames that lead to the user's code: ours, and torch's module call.

    Returns the whole traceback when none of the user's frames are in it.
    """
    first = trace
    while first is not None and (_belongs(first) or _file(first) == MODULE_CALL):
        first = first.tb_next
    return first or trace


def _belongs(trace: TracebackType) -> bool:
    return _file(trace).startswith(OURS)


def _file(trace: TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename
