"""Tracebacks that show the user's own frames and leave out ours."""

import re
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import torch

from jupyter_classgame.user_code import PACKAGE, is_users

TORCH = str(Path(torch.__file__).parent)
WORKER = "Original Traceback"
FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line \d+.*\n(?:    .*\n)*', re.MULTILINE)
"""A frame of a traceback as text, with its line of source."""

MODULE_CALL = str(Path(torch.nn.modules.module.__file__))


def user_frames(trace: TracebackType | None) -> TracebackType | None:
    """Drop the frames that lead to the user's code, and torch's module calls in between.

    Where none of the frames is the user's, those of a library that follow our own are left.
    """
    first = (
        _skip(trace, lambda file: not is_users(file))
        or _skip(trace, lambda file: file.startswith((PACKAGE, TORCH)))
        or _skip(trace, lambda file: file.startswith(PACKAGE))
    )
    return _without_module_calls(first) or trace


def without_our_frames(error: BaseException) -> None:
    """Take our and torch's frames out of the traceback that a loader's worker sends as text."""
    match error.args:
        case (str(text), *rest) if WORKER in text:
            error.args = (FRAME.sub(_kept, text), *rest)


def _kept(frame: re.Match[str]) -> str:
    return "" if frame["file"].startswith((PACKAGE, TORCH)) else frame[0]


def _skip(trace: TracebackType | None, leads: Callable[[str], bool]) -> TracebackType | None:
    """Skip the frames at the beginning whose files only lead to what follows."""
    while trace is not None and leads(_file(trace)):
        trace = trace.tb_next
    return trace


def _without_module_calls(trace: TracebackType | None) -> TracebackType | None:
    if trace is None:
        return None
    rest = _without_module_calls(trace.tb_next)
    if _is_module_call(trace) and rest is not None:
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


def _is_module_call(trace: TracebackType) -> bool:
    return _file(trace) == MODULE_CALL


def _file(trace: TracebackType) -> str:
    return trace.tb_frame.f_code.co_filename
