"""A lock that ends with its process, however that ends."""

import os
import sys
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_held: dict[Path, IO[bytes]] = {}
"""Locks of this process: to open a locked file a second time would let go of its lock."""


def take(path: Path) -> bool:
    """Lock a file, which is made if need be; say whether nobody else had.

    A file system without locks locks nothing and nobody out.
    """
    path = path.absolute()
    if path in _held:
        return False
    file = path.open("ab")
    if not _lock(file):
        file.close()
        return False
    _held[path] = file
    return True


def release(path: Path) -> None:
    """Let go of a lock; one that is not held is left alone."""
    file = _held.pop(path.absolute(), None)
    if file is not None:
        file.close()


def taken(path: Path) -> bool:
    """Say whether somebody, this process too, has locked a file."""
    if path.absolute() in _held:
        return True
    if not path.exists() or not os.access(path, os.W_OK):
        return False
    with path.open("ab") as file:
        return not _lock(file)


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:  # of the process, unlike flock: forked workers do not inherit it
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True
    return True
