"""A process that waits for runs and trains its share of them; it never outlives the kernel."""

import faulthandler
import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
import warnings
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from queue import SimpleQueue
from typing import Any, NoReturn

import numpy as np
import torch
import torch.distributed as dist

from jupyter_classgame.errors import ClassGameError, one_line
from jupyter_classgame.events import EpochEnded, Event, RunEnded, RunPaused
from jupyter_classgame.training.device.backend_flags import take_over
from jupyter_classgame.training.history import MEASURED
from jupyter_classgame.training.launch.processes.messages import (
    BEATS,
    STACK,
    TOLD,
    Message,
    packed,
    receive,
    send,
)
from jupyter_classgame.training.launch.processes.rank_loop import Asked, RankControl, shared
from jupyter_classgame.training.launch.processes.remote_changes import change
from jupyter_classgame.training.launch.processes.run_pickle import read_auditor, read_blob
from jupyter_classgame.training.loop.training_loop import TrainingLoop
from jupyter_classgame.training.run.lifecycle import Run, unheard
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.state.capture import capture, capture_objects
from jupyter_classgame.training.tracebacks import user_frames, without_our_frames
from jupyter_classgame.user_code import is_users

TIMEOUT = timedelta(minutes=30)
"""For a process to wait for the others, beyond which the kernel takes one to hang."""


class Worker:
    """One process of a group; see :func:`work`.

    Parameters
    ----------
    rank
        Its number, from 0.
    settings
        What all of the group share: ``count``, ``kind`` ("cpu" or "cuda"), ``names`` of the
        devices, ``folder`` of the group, ``environment``, ``parent``, the kernel's process,
        ``workers``, how those of a loader are started.
    connection
        To the kernel.
    """

    def __init__(self, rank: int, settings: dict[str, Any], connection: Any) -> None:
        self.rank, self.settings, self.connection = rank, settings, connection
        self.folder = Path(settings["folder"])
        self.asked = Asked()
        self._runs: SimpleQueue[Message] = SimpleQueue()
        self._lock = threading.Lock()
        self._beats: Any = None
        self._group: Any = None

    # -- its life ---------------------------------------------------------------------------

    def live(self) -> NoReturn:
        """Join the group, then train whatever comes."""
        self._listen()
        self._join()
        self.tell({"kind": "ready"})
        while True:
            self._work(self._runs.get())
            gc.collect()

    def _listen(self) -> None:
        """Hear what the kernel says, and end with it, whatever else is going on here."""
        threading.Thread(target=self._hear, name="classgame-kernel", daemon=True).start()

    def _hear(self) -> None:
        watched: list[Any] = [self.connection]
        with suppress(AttributeError, OSError):  # only Linux has it; elsewhere the pipe tells
            watched.append(os.pidfd_open(self.settings["parent"]))
        while True:
            ready = wait(watched)
            if self.connection not in ready:
                end()
            try:
                message = receive(self.connection)
            except (EOFError, OSError):
                end()
            if message["kind"] == "run":
                self.asked = Asked()
                self._runs.put(message)
            else:
                self.asked.hear(message)

    def _join(self) -> None:
        count, kind = self.settings["count"], self.settings["kind"]
        torch.set_num_threads(self.settings["threads"])
        self._beats = np.memmap(self.folder / BEATS, dtype=np.int64, mode="r+", shape=(count,))
        if kind == "cuda":
            torch.cuda.set_device(self.rank)
        dist.init_process_group(
            "nccl" if kind == "cuda" else "gloo",
            # a file of the group's own: no port that another might have taken
            init_method=(self.folder / "meeting").as_uri(),
            rank=self.rank,
            world_size=count,
            timeout=TIMEOUT + timedelta(seconds=self.settings["patience"]),
        )
        self._group = dist.group.WORLD if kind == "cpu" else dist.new_group(backend="gloo")

    def tell(self, message: Message) -> None:
        """Tell the kernel something."""
        with self._lock:
            send(self.connection, message)

    def beat(self) -> None:
        """Leave a sign of life, and of having come further."""
        self._beats[self.rank] += 1

    # -- a run ------------------------------------------------------------------------------

    def _work(self, message: Message) -> None:
        before = set(sys.modules)
        sys.path[:] = message["path"]
        os.chdir(message["cwd"])
        run: Run | None = None
        try:
            take_over(message["settings"])
            with Path(message["blob"]).open("rb") as file:
                request, start = read_blob(file)
            run = self._run(request, start, message)
            run.auditor = read_auditor(message["auditor"], partial(self._breached, message))
            run.execute(_Reporter(self, run, message["number"]) if self.rank == 0 else unheard)
        except BaseException as error:  # noqa: BLE001 - the kernel raises it
            self.tell(self._failure(error, run))
        else:
            self.tell({"kind": "done", "number": message["number"]})
        _forget(before)
        if self.settings["kind"] == "cuda":
            torch.cuda.empty_cache()  # the kernel and others may need it while this one waits

    def _run(self, request: RunRequest, start: RunStart, message: Message) -> Run:
        cuda = self.settings["kind"] == "cuda"
        device = torch.device(f"cuda:{self.rank}" if cuda else "cpu")
        request, ranks = shared(request, self._group, self.beat, device=device, ddp=message["ddp"])
        control = RankControl(self.asked, self._group, self.beat, partial(change, request))
        start = replace(start, number=message["run"], label=message["label"])
        return Run(request, TrainingLoop(device, ranks), control, start)

    def _breached(self, message: Message, breach: Any) -> None:
        self.tell({"kind": "breach", "number": message["number"], "fields": asdict(breach)})

    def _failure(self, error: BaseException, run: Run | None) -> Message:
        without_our_frames(error)
        frames = traceback.extract_tb(user_frames(error.__traceback__))
        return {
            "kind": "error",
            "class": type(error).__name__,
            "text": one_line(error) if isinstance(error, ClassGameError) else str(error),
            "ours": isinstance(error, ClassGameError),
            "frames": [[f.filename, f.lineno, f.name] for f in frames],
            "where": "" if run is None else run.failed,
            "lost": _is_of_others(error),
        }


class _Reporter:
    """Tells the kernel of a run's events, and sends the state that goes with them."""

    def __init__(self, worker: Worker, run: Run, number: int) -> None:
        self.worker, self.run, self.number = worker, run, number
        self._states = 0

    def __call__(self, event: Event) -> None:
        run, history = self.run, self.run.history
        if isinstance(event, EpochEnded):
            numbers = {n: getattr(event, n) for n in MEASURED if getattr(event, n) is not None}
            self._tell(
                "epoch", epoch=event.epoch, numbers=numbers, lr=event.lr, seconds=event.seconds,
                val_seconds=run.val_seconds, applied=run.control.applied,  # type: ignore[attr-defined]
                state=self._written(capture(run, {})), **self._audits(),
            )  # fmt: skip
        elif isinstance(event, RunEnded):
            if history.stopped_by != "error":
                state = capture_objects(run.request, run.snapshot())
                self._tell(
                    "end", stopped_by=history.stopped_by, message=history.message,
                    epochs_begun=history.epochs_begun, state=self._written(state),
                    **self._audits(),
                )  # fmt: skip
        elif type(event).__name__ in TOLD:
            applied = run.control.applied  # type: ignore[attr-defined]
            more = {"number": self.number, "epoch": run.epoch, "applied": applied}
            if isinstance(event, RunPaused) and event.paused:  # to be looked at, and changed
                more["state"] = self._written(capture_objects(run.request, run.snapshot()))
            self.worker.tell(packed(event) | more)

    def _audits(self) -> dict[str, Any]:
        return {"audits": self.run.history.audits, "unaudited": self.run.history.unaudited}

    def _written(self, checkpoint: Any) -> str:
        self._states += 1
        path = self.worker.folder / f"state-{self.number}-{self._states}"
        checkpoint.hand_over(path)
        return str(path)

    def _tell(self, kind: str, **values: Any) -> None:
        self.worker.tell({"kind": kind, "number": self.number, **values})


def work(rank: int, settings: dict[str, Any], connection: Any) -> None:
    """Be a process of a group until the kernel ends it, or has ended."""
    if hasattr(os, "setsid"):
        os.setsid()  # an interrupt of the kernel is not ours; and what we start ends with us
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(settings["environment"])
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank))
    # A loader's own workers are started as in the kernel, and not as this process was.
    multiprocessing.set_start_method(settings["workers"], force=True)
    if rank:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - what all print is told once
        warnings.simplefilter("ignore")
    warnings.filterwarnings("ignore", message=".*find_unused_parameters=True was specified")
    # A scheduler's mark on its optimizer's step does not travel; the order of steps is the run's.
    warnings.filterwarnings("ignore", message=".*optimizer.step\\(\\)` has been overridden")
    if hasattr(faulthandler, "register"):
        stack = (Path(settings["folder"]) / STACK.format(rank)).open("w")
        faulthandler.register(signal.SIGUSR1, stack, all_threads=False)
    Worker(rank, settings, connection).live()


def end() -> NoReturn:
    """End this process and all that it started, at once."""
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _is_of_others(error: BaseException) -> bool:
    """Say whether an error is only that another process is gone."""
    text = str(error)  # gloo's own errors are RuntimeErrors
    return isinstance(error, dist.DistError) or any(
        word in text for word in ("Connection closed by peer", "Connection reset", "gloo/transport")
    )


def _forget(before: set[str]) -> None:
    """Forget modules of the user's, so that the next run has them as they are by then."""
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and is_users(file):
            del sys.modules[name]
