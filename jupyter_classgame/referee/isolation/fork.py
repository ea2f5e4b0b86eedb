"""Run observations in forked child processes, so that no change they make reaches this one."""

import contextlib
import faulthandler
import os
import pickle
import selectors
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch

from jupyter_classgame.data.temporary_folder import scratch_folder
from jupyter_classgame.referee.isolation import file_overlay
from jupyter_classgame.user_code import is_users

Stage = Callable[[], Any]
Watch = Callable[[list[str]], None]

NOT_IN_CHILD = (
    "Cannot re-initialize CUDA in forked subprocess",
    "autograd's threading in combination with fork",
)
"""What torch says where something cannot be done in a forked child."""

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
    """A running child process: its stage, its deadline, and the bytes of its pickled result."""

    name: str
    pid: int
    deadline: float
    received: bytearray = field(default_factory=bytearray)


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
    workers: int = 2,
    reads_files: bool = True,
    watch: Watch | None = None,
) -> dict[str, Any]:
    """Run each stage in a child process of its own and collect the results.

    Parameters
    ----------
    stages
        Functions without arguments whose results can be pickled.
    limit
        Seconds that each stage may take.
    workers
        How many children run at the same time.
    reads_files
        Whether a stage may read from a file that is open in this process. Parent and child share
        its position, which is restored at the end; False where other threads read meanwhile.
    watch
        Called with the names of the stages that run, each time that some were started.

    Returns
    -------
    dict
        By the names of the stages: the result, or `Unobserved` where a stage raised an exception,
        crashed or took too long.
    """
    _begin_autograd()
    results: dict[str, Any] = {}
    waiting = list(stages.items())
    running: dict[int, _Child] = {}
    with (
        _preserve_offsets() if reads_files else contextlib.nullcontext(),
        tempfile.TemporaryDirectory(dir=scratch_folder(), ignore_cleanup_errors=True) as folder,
        selectors.DefaultSelector() as selector,
    ):
        try:
            while waiting or running:
                started = waiting and len(running) < workers
                while waiting and len(running) < workers:
                    name, stage = waiting.pop(0)
                    own = Path(folder, str(len(stages) - len(waiting)))
                    own.mkdir()
                    with _defer_interrupts():
                        pipe, pid = _start(stage, own)
                        running[pipe] = _Child(name, pid, time.monotonic() + limit)
                    selector.register(pipe, selectors.EVENT_READ)
                if started and watch is not None:
                    watch([child.name for child in running.values()])
                patience = min(child.deadline for child in running.values()) - time.monotonic()
                for key, _ in selector.select(max(patience, 0)):
                    child = running[key.fd]
                    if chunk := os.read(key.fd, 1 << 20):
                        child.received += chunk
                        continue
                    selector.unregister(key.fd)
                    results[child.name] = _collect(running.pop(key.fd), key.fd)
                for pipe in [p for p, c in running.items() if c.deadline < time.monotonic()]:
                    selector.unregister(pipe)
                    _kill(running[pipe], pipe)
                    name = running.pop(pipe).name
                    results[name] = Unobserved(f"took longer than {limit:g} seconds", "timeout")
        finally:
            for pipe, child in running.items():
                _kill(child, pipe)
    return {name: results[name] for name in stages}


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


def _start(stage: Stage, folder: Path) -> tuple[int, int]:
    """Fork a child that runs a stage; return the pipe with its pickled result, and its id."""
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # forking beside threads: the time limit covers it
        pid = os.fork()
    if pid:
        os.close(write)
        return read, pid
    try:
        os.close(read)
        _silence()
        file_overlay.begin(folder)
        payload = _pickled(run_here(stage))
        while payload:
            payload = payload[os.write(write, payload) :]
    finally:
        os._exit(0)


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


def _pickled(result: Any) -> bytes:
    try:
        return pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - any object of the user's may refuse
        return pickle.dumps(_unobserved(error, "the result could not be sent: "))


def _collect(child: _Child, pipe: int) -> Any:
    """Return the result of a child that has ended."""
    os.close(pipe)
    status = _ended(child.pid)
    if child.received:
        try:
            return pickle.loads(bytes(child.received))  # noqa: S301 - our own child wrote it
        except Exception as error:  # noqa: BLE001 - whatever an incomplete pickle raises
            return Unobserved(f"the answer was cut short: {explain(error)}", "no result")
    if os.WIFSIGNALED(status):
        return Unobserved(f"crashed ({signal.Signals(os.WTERMSIG(status)).name})", "crash")
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
