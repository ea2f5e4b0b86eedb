"""A folder of this process for files that others map or read; gone when the process is."""

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
    """Give this process's folder, among the system's temporary files and never in shared memory.

    It is removed when the process ends; one that a killed process left behind is removed when
    another makes its own.
    """
    return _folder(os.getpid())


@cache
def _folder(process: int) -> Path:
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{_here()}-{process}-"))
    atexit.register(_remove, folder, process)
    return folder


def _remove(folder: Path, process: int) -> None:
    if os.getpid() == process:  # a child that was forked has inherited the wish, not the folder
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(beside: Path) -> None:
    """Remove the folders of this user's processes that are no longer there."""
    beginning = f"{PREFIX}{_here()}-"
    for folder in beside.glob(f"{beginning}[0-9]*-*"):
        number = folder.name.removeprefix(beginning).partition("-")[0]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(folder, ignore_errors=True)  # another user's stays: it cannot be removed


def _here() -> str:
    """Tell this machine, and this container, from others that may share its temporary files."""
    place = Path("/proc/self/ns/pid")
    numbers = place.readlink() if place.is_symlink() else ""
    return hashlib.sha256(f"{platform.node()} {numbers}".encode()).hexdigest()[:8]


def _alive(process: int) -> bool:
    if os.name != "posix":  # a signal of 0 would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
