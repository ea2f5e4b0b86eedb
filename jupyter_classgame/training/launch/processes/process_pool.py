"""Processes that are kept between runs, and end with the kernel."""

import atexit
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import numpy as np

from jupyter_classgame.data.temporary_folder import scratch_folder
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.device_choice import Devices
from jupyter_classgame.training.launch.processes.messages import (
    BEATS,
    STACK,
    Message,
    receive,
    send,
)
from jupyter_classgame.training.launch.processes.process_start import (
    ended,
    environment_of,
    kill_group,
    start_method,
    starting,
)
from jupyter_classgame.training.run.checks.worker_pickle import worker_start

START = 120.0
"""Least seconds that the processes are given to start."""

STACK_SECONDS = 5.0
"""Most seconds that a process is given to write down where it is."""


class Pool:
    """A group of processes, one a device; see :func:`borrowed`.

    Attributes
    ----------
    devices
        What they train on.
    folder
        Files that they and the kernel hand each other.
    """

    def __init__(self, devices: Devices, patience: float) -> None:
        self.devices = devices
        self.folder = Path(tempfile.mkdtemp(prefix="group-", dir=scratch_folder()))
        self._beats = np.memmap(
            self.folder / BEATS, dtype=np.int64, mode="w+", shape=(devices.count,)
        )
        self._idle: threading.Timer | None = None
        self.processes: list[Any] = []
        self.connections: list[Any] = []
        self._owner = os.getpid()
        try:
            self._start(patience)
            self._wait_until_ready(max(START, patience))
        except BaseException:
            self.kill()
            raise

    def _start(self, patience: float) -> None:
        from jupyter_classgame.training.launch.processes.worker import work  # noqa: PLC0415 - what the processes run, not the kernel

        context = start_method()
        settings = {
            "count": self.devices.count,
            "kind": self.devices.kind,
            "names": self.devices.names,
            "threads": self.devices.threads,
            "folder": str(self.folder),
            "environment": environment_of(self.devices),
            "parent": os.getpid(),
            "patience": patience,
            "workers": worker_start(multiprocessing),
        }
        for rank in range(self.devices.count):
            ours, theirs = context.Pipe()
            process = context.Process(  # type: ignore[attr-defined]
                target=work, args=(rank, settings, theirs), name=f"classgame-rank-{rank}"
            )
            self.connections.append(ours)
            with starting():
                try:
                    process.start()
                except (EOFError, ConnectionError) as error:  # the server of processes is gone
                    raise TrainingError(
                        f"--devices {self.devices}: process {rank} could not be started; run the "
                        "cell again"
                    ) from error
            self.processes.append(process)
            theirs.close()

    def _wait_until_ready(self, patience: float) -> None:
        end, ready = time.monotonic() + patience, set[int]()
        while len(ready) < self.devices.count:
            for rank, _ in self.receive(0.1):
                ready.add(rank)
            if (dead := self.dead()) and not any(map(self._waiting, dead)):
                raise TrainingError(
                    f"--devices {self.devices}: process {dead[0]} did not start "
                    f"({ended(self.processes[dead[0]].exitcode)}); what it wrote is above, or in "
                    "the log of the kernel"
                )
            if time.monotonic() > end:
                raise TrainingError(
                    f"--devices {self.devices}: the processes did not start in {patience:g} s"
                )

    def _waiting(self, rank: int) -> bool:
        with suppress(OSError):
            return bool(self.connections[rank].poll())
        return False

    # -- talking to them --------------------------------------------------------------------

    def tell(self, message: Message, *, all_of_them: bool = False) -> None:
        """Tell the first process something, or all; one that is gone hears nothing."""
        for connection in self.connections if all_of_them else self.connections[:1]:
            with suppress(OSError):
                send(connection, message)

    def receive(self, timeout: float) -> list[tuple[int, Message]]:
        """Wait for messages, in seconds; give those that came, with the rank of the sender."""
        alive = [c for c in self.connections if not c.closed]
        if not alive:
            time.sleep(timeout)
        found = []
        for connection in wait(alive, timeout):
            rank = self.connections.index(connection)
            try:
                found.append((rank, receive(connection)))  # type: ignore[arg-type]
            except (EOFError, OSError):
                connection.close()  # type: ignore[union-attr]
        return found

    def dead(self) -> list[int]:
        """Give the ranks of processes that have ended."""
        return [rank for rank, process in enumerate(self.processes) if not process.is_alive()]

    @property
    def beats(self) -> list[int]:
        """How often each process has come further."""
        return [int(beat) for beat in self._beats]

    def stack(self, rank: int) -> str:
        """Ask a process where it is: the text of its stack, innermost first; empty if mute."""
        path = self.folder / STACK.format(rank)
        if not hasattr(signal, "SIGUSR1") or not path.exists():
            return ""
        with suppress(ProcessLookupError):
            os.kill(self.processes[rank].pid, signal.SIGUSR1)
        end, before, text = time.monotonic() + STACK_SECONDS, "", ""
        while (not text or text != before) and time.monotonic() < end:  # it is being written
            time.sleep(0.1)
            before, text = text, path.read_text(errors="replace")
        return text

    # -- their end --------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether all processes are there."""
        return bool(self.processes) and not self.dead()

    def rest(self, seconds: float) -> None:
        """Wait for the next run, so long at most."""
        self._idle = threading.Timer(seconds, _let_go, [self])
        self._idle.daemon = True
        self._idle.start()

    def wake(self) -> None:
        """Wait no longer."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def kill(self) -> None:
        """End the processes and all that they started, at once."""
        if os.getpid() != self._owner:
            return
        self.wake()
        for process in self.processes:
            kill_group(process)
        for process in self.processes:
            process.join(5)
        for connection in self.connections:
            connection.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_resting: list[Pool] = []
_lock = threading.Lock()


@contextmanager
def borrowed(devices: Devices, *, idle: float, patience: float) -> Iterator[Pool]:
    """Give processes for a run: those of the run before where they fit, or new ones.

    They are kept for ``idle`` seconds afterwards, unless the context is left by an error, which
    ends them.

    Raises
    ------
    TrainingError
        They could not be started.
    """
    pool = _resting_one(devices) or Pool(devices, patience)
    try:
        yield pool
    except BaseException:
        pool.kill()
        raise
    with _lock:
        others, _resting[:] = list(_resting), [pool]
    for other in others:  # one group is kept, the latest
        other.kill()
    pool.rest(idle)


def end_all() -> None:
    """End the processes that are kept."""
    with _lock:
        pools, _resting[:] = list(_resting), []
    for pool in pools:
        pool.kill()


def _resting_one(devices: Devices) -> Pool | None:
    with _lock:
        pools, _resting[:] = list(_resting), []
    found = None
    for pool in pools:
        pool.wake()
        same = (pool.devices.kind, pool.devices.numbers) == (devices.kind, devices.numbers)
        if same and found is None and pool.alive:
            found = pool
        else:
            pool.kill()
    return found


def _let_go(pool: Pool) -> None:
    with _lock:
        if pool not in _resting:
            return
        _resting.remove(pool)
    pool.kill()


atexit.register(end_all)  # after multiprocessing's own, so before it: that one waits for them
