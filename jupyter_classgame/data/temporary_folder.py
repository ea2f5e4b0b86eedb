"""Temporary folder of this process, for files that other processes map or read."""

import hashlib
import os
import platform
import shutil
import tempfile
from functools import cache, partial
from multiprocessing import current_process
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

PREFIX = "classgame-"

LAST = -100
"""Order among the finalizers of multiprocessing, which removes its own folder at this point."""

LONGEST_FOLDER = 80
"""A socket's path has at most some hundred bytes."""


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
    # in this process alone, and after all that multiprocessing closes of its own
    remove = partial(shutil.rmtree, ignore_errors=True)
    Finalize(None, remove, args=(folder,), exitpriority=LAST)
    return folder


def keep_sockets_here() -> None:
    """Let multiprocessing, here and in processes to come, put its sockets into this folder.

    Its own folders in the system's, ``pymp-...``, are left behind by processes that are killed.
    """
    settings: dict[str, Any] = current_process()._config  # type: ignore[attr-defined]  # noqa: SLF001 - where get_temp_dir looks
    folder = scratch_folder()
    if len(str(folder)) <= LONGEST_FOLDER:
        settings.setdefault("tempdir", str(folder))


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
