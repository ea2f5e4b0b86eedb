"""How processes are started beside a live kernel, and how they are ended."""

import multiprocessing
import os
import signal
import socket
import sys
import threading
import types
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import BaseContext
from typing import Any

from jupyter_classgame.training.device.launch_environment import without_launch
from jupyter_classgame.training.launch.device_choice import Devices

QUIET = {"TORCH_CPP_LOG_LEVEL": "ERROR"}
"""Leaves out torch's hints to developers; read when it is loaded."""

LOOPBACKS = ("lo", "lo0")

PRELOADED = ["torch", "accelerate", "jupyter_classgame.training.launch.processes.worker"]

_one_at_a_time = threading.Lock()


def ended(code: int | None) -> str:
    """Say how a process ended."""
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def kill_group(process: Any) -> None:
    """Kill a process and what it started: it leads a group of its own, once it has begun."""
    with suppress(OSError, ValueError):
        if hasattr(os, "killpg") and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError, ValueError):
        process.kill()


def start_method() -> BaseContext:
    """Give the way processes are started: by a server that has loaded torch, or anew."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


@contextmanager
def starting() -> Iterator[None]:
    """Hide the main module, which processes would run again, and say where modules are found.

    The server of processes looks for modules by its environment alone before Python 3.13. It is in
    the kernel's process group: an interrupt of the kernel, blocked where the server is begun, does
    not end it while it loads torch.
    """
    with _one_at_a_time, _hidden(), _uninterrupted():
        yield


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let this thread, and what it starts, hear of an interrupt afterwards alone."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - not on Windows

    resource_tracker.ensure_running()  # which lets this thread hear of interrupts again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # raises one that is waiting
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _hidden() -> Iterator[None]:
    main = sys.modules["__main__"]
    path = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100
    wanted = {"PYTHONPATH": path, **QUIET}
    before = {name: os.environ.get(name) for name in wanted}
    sys.modules["__main__"] = types.ModuleType("__main__")
    os.environ.update(wanted)
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def environment_of(devices: Devices) -> dict[str, str]:
    """Give the processes' environment: the kernel's, without what it may have of another launch."""
    kept = without_launch(os.environ)
    count = str(devices.count)
    kept |= {
        "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": "0", "OMP_NUM_THREADS": str(devices.threads), **_loopback(),
    }  # fmt: skip
    if devices.kind == "cpu":
        return kept | {"ACCELERATE_USE_CPU": "yes", "CUDA_VISIBLE_DEVICES": ""}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    all_of_them = visible.split(",") if visible else None
    chosen = [all_of_them[n] if all_of_them else str(n) for n in devices.numbers]
    return kept | {"CUDA_VISIBLE_DEVICES": ",".join(chosen)}


def _loopback() -> dict[str, str]:
    """Name the network that processes of one machine reach each other by."""
    there = [name for _, name in socket.if_nameindex()] if hasattr(socket, "if_nameindex") else []
    found = next((name for name in LOOPBACKS if name in there), None)
    return {"GLOO_SOCKET_IFNAME": found} if found else {}
