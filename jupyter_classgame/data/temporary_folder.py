"""Temporary folder of this process, for files that other processes map or read."""

import atexit
import hashlib
import os
import platform
import shutil
import tempfile
from functools import cache
from pathlib import Path

PREFIX = "classgame-"


def scratch_folder() -> Path:
    """Return this process's folder in the system's temporary folder, never in shared memory.

    It is removed when the process ends; a folder that a killed process left behind is removed when
    another process creates its own.
    """
    return _folder(os.getpid())


@cache
def _folder(process: int) -> Path:
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{_here()}-{process}-"))
    atexit.register(_remove, folder, process)
    return folder


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a forked child inherits the handler, not the folder
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(beside: Path) -> None:
    """Remove the folders of this user's processes that have ended."""
    beginning = f"{PREFIX}{_here()}-"
    for folder in beside.glob(f"{beginning}[0-9]*-*"):
        number = folder.name.removeprefix(beginning).partition("-")[0]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's folder stays: no permission


def _here() -> str:
    """Return a digest of this machine and container: several may share a temporary folder."""
    place = Path("/proc/self/ns/pid")
    numbers = place.readlink() if place.is_symlink() else ""
    return hashlib.sha256(f"{platform.node()} {numbers}".encode()).hexdigest()[:8]


def _alive(process: int) -> bool:
    if os.name != "posix":  # on Windows os.kill would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
