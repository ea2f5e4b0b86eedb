"""Reading of a whole file that is one: no device, pipe or socket, which may have no end."""

import errno
import os
import stat

LARGEST = 1 << 29
"""Bytes of the largest file that is read."""

KINDS = {
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def read_regular(path: str) -> bytes:
    """Return the bytes of a regular file, links followed; its size is looked at first.

    Raises
    ------
    OSError
        It cannot be read, is no regular file, or is larger than ``LARGEST``; ``strerror`` says
        which.
    """
    status = os.stat(path)  # noqa: PTH116 - a path that is kept as text
    if kind := KINDS.get(stat.S_IFMT(status.st_mode)):
        raise OSError(errno.EINVAL, f"{kind}, not a file", path)
    if status.st_size > LARGEST:
        raise OSError(errno.EFBIG, f"larger than {LARGEST >> 20} MB", path)
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(status.st_size)
