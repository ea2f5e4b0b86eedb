"""Run observations in forked child processes, so that no change they make reaches this one."""

import contextlib
import ctypes
import faulthandler
import os
import pickle
import selectors
import signal
import struct
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import torch

from jupyter_classgame.data.temporary_folder import scratch_folder
from jupyter_classgame.referee.isolation import file_overlay
from jupyter_classgame.user_code import is_users

Stage = Callable[[], Any]
Watch = Callable[[list[str]], None]

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""Settings of GNU's allocator: mallopt(3)."""

TOLD_EVERY = 0.25
"""Seconds that pass at least before ``watch`` is called again."""

NOT_IN_CHILD = (
    "Cannot re-initialize CUDA in forked subprocess",
    "autograd's threading in combination with fork",
)
"""What torch says where something cannot be done in a forked child."""

HEADER = struct.Struct("!Q")
"""Before each result that a child sends: its length in bytes."""

Cause = Literal["error", "not in a child", "timeout", "crash", "no result"]
"""What kept a stage from being observed."""


@dataclass(frozen=True)
class Unobserved:
    """The reason why something could not be observed.

    Parameters
    ----------
    reason
        One line; for an exception, with the innermost frame of the user's code.
    cause
        What kind of reason it is.
    """

    reason: str
    cause: Cause = "error"


@dataclass
class _Child:
    """A running child process: its stages, of which the first one runs, and what it has sent."""

    waiting: list[str]
    pid: int
    deadline: float
    received: bytearray = field(default_factory=bytearray)

    def results(self) -> Iterator[tuple[str, Any]]:
        """Yield the names and results of the stages that have ended since the last call."""
        while len(self.received) >= HEADER.size:
            (length,) = HEADER.unpack_from(self.received)
            end = HEADER.size + length
            if len(self.received) < end:
                return
            payload = bytes(self.received[HEADER.size : end])
            del self.received[:end]
            yield self.waiting.pop(0), _unpickled(payload)


def can_fork() -> bool:
    """Return whether observations can run in forked children.

    Only on Linux: system frameworks of macOS do not survive a fork.
    """
    return sys.platform.startswith("linux") and hasattr(os, "fork")


def _begin_autograd() -> None:
    """Take a backward pass: if a process's first is of a compiled model, no child can take one."""
    with torch.enable_grad():
        leaf = torch.zeros((), device="cpu", requires_grad=True)
        torch.autograd.grad(leaf * 1.0, leaf)


def gather(
    stages: Mapping[str, Stage],
    *,
    limit: float,
    chains: Sequence[Sequence[str]] = (),
    workers: int = 2,
    reads_files: bool = True,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Run stages in child processes and collect the results.

    Parameters
    ----------
    stages
        Functions without arguments whose results can be pickled.
    limit
        Seconds that each stage may take.
    chains
        Names of stages that run one after another in one child, as none changes what the next one
        looks at: making a child costs more than many a stage. All others have one of their own.
        Where a stage does not end well, a new child goes on with the next; where two take too
        long, those after them are given up for the same reason.
    workers
        How many children run at the same time.
    reads_files
        Whether a stage may read from a file that is open in this process. Parent and child share
        its position, which is restored at the end; False where other threads read meanwhile.
    watch
        Called with the names of the stages that run, as they change, a few times a second at most.

    Returns
    -------
    dict
        By the names of the stages: the result, or `Unobserved` where a stage raised an exception,
        crashed or took too long.
    """
    _begin_autograd()
    chained = {name for chain in chains for name in chain}
    waiting = [[name for name in chain if name in stages] for chain in chains]
    waiting += [[name] for name in stages if name not in chained]
    watcher = _Watcher(watch)
    with (
        _preserve_offsets() if reads_files else contextlib.nullcontext(),
        tempfile.TemporaryDirectory(dir=scratch_folder(), ignore_cleanup_errors=True) as folder,
        _Children(stages, Path(folder), limit) as children,
    ):
        while (waiting := [names for names in waiting if names]) or children:
            while waiting and len(children) < workers:
                children.start(waiting.pop(0))
            watcher.tell(children.stages())
            waiting += children.wait(watcher.patience)
    return {name: children.results[name] for name in stages}


class _Children:
    """The children that run, and the results of the stages that have ended.

    Parameters
    ----------
    stages
        What they run, by name.
    folder
        For what they write to files.
    limit
        Seconds that each stage may take.
    """

    def __init__(self, stages: Mapping[str, Stage], folder: Path, limit: float) -> None:
        self._stages, self._folder, self._limit = stages, folder, limit
        self._running: dict[int, _Child] = {}
        self._selector = selectors.DefaultSelector()
        self._delayed: set[str] = set()
        """Stages of a chain in which one before them has taken too long."""
        self.results: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for pipe, child in self._running.items():
            _kill(child, pipe)
        self._selector.close()

    def __len__(self) -> int:
        return len(self._running)

    def stages(self) -> list[str]:
        """Return the names of the stages that run."""
        return [child.waiting[0] for child in self._running.values() if child.waiting]

    def start(self, names: list[str]) -> None:
        """Start a child that runs stages one after another."""
        own = Path(tempfile.mkdtemp(dir=self._folder))
        with _defer_interrupts():
            pipe, pid = _start([self._stages[name] for name in names], own)
            self._running[pipe] = _Child(names, pid, time.monotonic() + self._limit)
        self._selector.register(pipe, selectors.EVENT_READ)

    def wait(self, patience: float) -> list[list[str]]:
        """Wait for results, at most some seconds; return stages whose child has failed before them.

        They are still to be run.
        """
        deadline = min(child.deadline for child in self._running.values()) - time.monotonic()
        left = [
            self._receive(key.fd)
            for key, _ in self._selector.select(max(min(deadline, patience), 0))
        ]
        late = [p for p, c in self._running.items() if c.deadline < time.monotonic()]
        for pipe in late:
            _kill(child := self._forget(pipe), pipe)
            reason = Unobserved(f"took longer than {self._limit:g} seconds", "timeout")
            after = self._given_up(child, reason)
            if after and after[0] in self._delayed:  # twice in a chain: they wait for the same
                self.results.update(dict.fromkeys(after, reason))
                after = []
            self._delayed.update(after)
            left.append(after)
        return left

    def _receive(self, pipe: int) -> list[str]:
        child = self._running[pipe]
        if not (chunk := os.read(pipe, 1 << 20)):
            return self._given_up(self._forget(pipe), _reason_of_end(child, pipe))
        child.received += chunk
        for name, result in child.results():
            self.results[name] = result
            child.deadline = time.monotonic() + self._limit
        if not child.waiting:  # processes that it has started may live on, and hold the pipe
            _kill(self._forget(pipe), pipe)
        return []

    def _given_up(self, child: _Child, reason: Unobserved) -> list[str]:
        if child.waiting:
            self.results[child.waiting.pop(0)] = reason
        return child.waiting

    def _forget(self, pipe: int) -> _Child:
        self._selector.unregister(pipe)
        return self._running.pop(pipe)


class _Watcher:
    """Tells which stages run, as they change, but a few times a second at most."""

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._told: list[str] = []
        self._again = 0.0
        self.patience = float("inf")
        """Seconds until something may be told that cannot be told yet."""

    def tell(self, names: list[str]) -> None:
        """Tell the names of the stages that run, where there is news and it is time."""
        self.patience = float("inf")
        if self._watch is None or names == self._told or not names:
            return
        now = time.monotonic()
        if now < self._again:
            self.patience = self._again - now
            return
        self._told, self._again = names, now + TOLD_EVERY
        self._watch(names)


def explain(error: BaseException) -> str:
    """Describe an exception in one line, with the innermost frame of the user's code."""
    message = " ".join(str(error).split()) or type(error).__name__
    if len(message) > 300:
        message = message[:299] + "…"
    line = f"{type(error).__name__}: {message}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_users(f.filename)]
    if not frames:
        return line
    frame = frames[-1]
    code = f": `{frame.line}`" if frame.line else ""
    return f"{line} (in {frame.name}, line {frame.lineno}{code})"


def run_here(stage: Stage) -> Any:
    """Run a stage in this process; return `Unobserved` where it raises an exception."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return stage()
    except Exception as error:  # noqa: BLE001 - the user's code may raise anything
        return _unobserved(error)


def _unobserved(error: Exception, context: str = "") -> Unobserved:
    # torch raises a plain RuntimeError there: only its text identifies it.
    elsewhere = any(words in str(error) for words in NOT_IN_CHILD)
    return Unobserved(context + explain(error), "not in a child" if elsewhere else "error")


@contextlib.contextmanager
def _defer_interrupts() -> Iterator[None]:
    """Defer interrupts to the end of the block; a child forked within it receives none.

    Python drops an exception that is raised in a hook of a fork, and a child in which it is raised
    would continue as a second kernel.
    """
    if threading.current_thread() is not threading.main_thread():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return
    interrupts: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _frame: interrupts.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if interrupts:
        signal.raise_signal(signal.SIGINT)


def _start(stages: list[Stage], folder: Path) -> tuple[int, int]:
    """Fork a child that runs stages; return the pipe with their pickled results, and its id."""
    read, write = os.pipe()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # forking beside threads: the time limit covers it
            pid = os.fork()
    except OSError:
        os.close(read)
        os.close(write)
        raise
    if pid:
        os.close(write)
        return read, pid
    try:
        os.close(read)
        _silence()
        _keep_memory()
        file_overlay.begin(folder)
        for stage in stages:
            file_overlay.forget()  # none sees the files that an earlier one has written
            payload = _pickled(run_here(stage))
            _send(write, HEADER.pack(len(payload)) + payload)
    finally:
        os._exit(0)


def _send(pipe: int, payload: bytes) -> None:
    while payload:
        payload = payload[os.write(pipe, payload) :]


def _silence() -> None:
    """Restrict the child to one thread, no output and no interrupts (the parent handles those)."""
    torch.set_num_threads(1)
    faulthandler.disable()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _keep_memory() -> None:
    """Keep freed memory, which is needed again at once: each page that is taken anew costs time."""
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
        libc = ctypes.CDLL(None)
        for setting in (M_TRIM_THRESHOLD, M_MMAP_THRESHOLD):
            libc.mallopt(setting, 1 << 30)


def _pickled(result: Any) -> bytes:
    try:
        return pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - any object of the user's may refuse
        return pickle.dumps(_unobserved(error, "the result could not be sent: "))


def _unpickled(payload: bytes) -> Any:
    try:
        return pickle.loads(payload)  # noqa: S301 - our own child wrote it
    except Exception as error:  # noqa: BLE001 - whatever a class of the user's raises
        return Unobserved(f"the answer cannot be read: {explain(error)}", "no result")


def _reason_of_end(child: _Child, pipe: int) -> Unobserved:
    """Return why a child that has ended has sent no result of the stage it ran."""
    os.close(pipe)
    status = _ended(child.pid)
    if os.WIFSIGNALED(status):
        return Unobserved(f"crashed ({signal.Signals(os.WTERMSIG(status)).name})", "crash")
    if child.received:
        return Unobserved("the answer was cut short", "no result")
    return Unobserved("ended without an answer", "no result")


def _kill(child: _Child, pipe: int) -> None:
    os.close(pipe)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child.pid, signal.SIGKILL)
    _ended(child.pid)


def _ended(pid: int) -> int:
    """Wait for a child's end and return its status; 0 where other code has taken it.

    So it is with a handler of SIGCHLD that a cell has set.
    """
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 0


@contextlib.contextmanager
def _preserve_offsets() -> Iterator[None]:
    """Restore the positions of files open for reading, which parent and child share."""
    positions: dict[int, int] = {}
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        for entry in os.listdir("/proc/self/fd"):  # noqa: PTH208
            with contextlib.suppress(OSError, ValueError):
                number = int(entry)
                if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
                    positions[number] = os.lseek(number, 0, os.SEEK_CUR)
    except (ImportError, FileNotFoundError):
        positions = {}
    try:
        yield
    finally:
        for number, position in positions.items():
            with contextlib.suppress(OSError):
                if os.lseek(number, 0, os.SEEK_CUR) != position:
                    os.lseek(number, position, os.SEEK_SET)
