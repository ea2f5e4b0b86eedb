"""What went wrong in one of the processes of a run, told once and by name."""

import re
import time
import traceback
from typing import Any

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.processes.messages import Message
from jupyter_classgame.training.launch.processes.process_pool import Pool
from jupyter_classgame.training.launch.processes.process_start import ended
from jupyter_classgame.user_code import is_users

GRACE = 0.5
"""Seconds in which others may tell that they failed too, and the first may be found dead."""

FRAME = re.compile(r'File "(?P<file>[^"]+)", line .*')
"""A frame in the text of a stack."""


class DeviceError(Exception):
    """A user's own error in a process of a run; shown with the user's frames, as raised there.

    Attributes
    ----------
    kind
        Name of the error's class.
    frames
        The user's frames: file, line and function.
    """

    def __init__(self, kind: str, text: str, where: str, frames: list[list[Any]]) -> None:
        super().__init__(f"{kind}: {text} ({where})" if text else f"{kind} ({where})")
        self.kind, self.frames = kind, frames
        self.add_note("".join(self._frames()).rstrip())

    def _frames(self) -> list[str]:
        # Read here: a cell's source is known to the kernel alone.
        summaries = [
            traceback.FrameSummary(file, line, name, lookup_line=True)
            for file, line, name in self.frames
        ]
        return [
            "Traceback in that process:\n",
            *traceback.StackSummary.from_list(summaries).format(),
        ]

    def _render_traceback_(self) -> list[str]:
        """Give IPython the traceback of the process in place of the kernel's."""
        frames = "".join(self._frames()).rstrip().splitlines()
        return [*frames, str(self)]


class RankError(Exception):
    """The failure of one process: ``told`` for the run's message, ``raised()`` for the user."""

    def __init__(self, told: str, error: Exception) -> None:
        super().__init__(told)
        self.told, self._error = told, error

    def raised(self) -> Exception:
        """Give the error to raise."""
        return self._error


def failure(pool: Pool, first: tuple[int, Message] | None = None) -> RankError:
    """Find out which process failed by itself: others fail because it is gone.

    Parameters
    ----------
    first
        The first message of an error, with its rank; None where a process was found dead.
    """
    errors = [] if first is None else [first]
    end = time.monotonic() + GRACE
    while (left := end - time.monotonic()) > 0:
        errors += [each for each in pool.receive(left) if each[1]["kind"] == "error"]
    own = sorted((rank, message) for rank, message in errors if not message["lost"])
    dead = [rank for rank in pool.dead() if rank not in {r for r, _ in errors}]
    if own:
        return _raised(pool, *own[0])
    if dead:
        rank = dead[0]
        how = ended(pool.processes[rank].exitcode)
        told = f"process {rank + 1} of {pool.devices.count} ({where(pool, rank)}) was ended: {how}"
        hint = "is there memory enough? fewer --devices or a smaller batch_size need less"
        return RankError(told, TrainingError(f"{told}; {hint}"))
    return _raised(pool, *errors[0])


class Patience:
    """Ends a run in which no process comes any further.

    Parameters
    ----------
    pool, limit
        The processes, and how many seconds they may be silent.
    """

    def __init__(self, pool: Pool, limit: float) -> None:
        self.pool, self.limit = pool, limit
        self._beats, self._since = pool.beats, time.monotonic()

    def check(self) -> None:
        """Look whether they have come further.

        Raises
        ------
        RankError
            They have not, for too long.
        """
        beats = self.pool.beats
        if beats != self._beats:
            self._beats, self._since = beats, time.monotonic()
            return
        if time.monotonic() - self._since < self.limit:
            return
        rank = beats.index(min(beats))
        told = (
            f"process {rank + 1} of {self.pool.devices.count} ({where(self.pool, rank)}) hangs: "
            f"no step for {self.limit:g} s"
        )
        at = _innermost(self.pool.stack(rank))
        more = f", at {at}" if at else ""
        remedy = "c.ClassGame.devices_patience in the configuration gives it longer"
        raise RankError(f"{told}{more}", TrainingError(f"{told}{more}; {remedy}"))


def where(pool: Pool, rank: int) -> str:
    """Name a process by its rank and device."""
    return f"rank {rank}, {pool.devices.names[rank]}"


def _raised(pool: Pool, rank: int, message: Message) -> RankError:
    here = where(pool, rank)
    told = f"{message['where'] or message['class']} ({here})"
    if message["ours"]:
        return RankError(told, TrainingError(f"{message['text']} ({here})"))
    error = DeviceError(message["class"], message["text"], here, message["frames"])
    return RankError(told, error)


def _innermost(stack: str) -> str:
    """Find the innermost of the user's own frames in the text of a stack."""
    frames = list(FRAME.finditer(stack))
    own = [frame for frame in frames if is_users(frame["file"])]
    return next((frame[0].removeprefix("File ").strip() for frame in own or frames), "")
