"""An overlay over the file system: files that a child writes exist for that child only.

Otherwise a dataset that caches decoded images in files would cache probe images and yield them
during training. Covered are Python's own functions for files and ``torch.save``, but not what
libraries write from C (SQLite, HDF5, OpenCV).
"""

import builtins
import errno
import io
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import torch

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_open, _os_open, _stat, _lstat = builtins.open, os.open, os.stat, os.lstat
_mkdir, _rmdir, _remove, _replace = os.mkdir, os.rmdir, os.remove, os.replace
_writer: Any = torch._C.PyTorchFileWriter  # noqa: SLF001 - what torch.save opens files with


class FileOverlay:
    """The files as a child sees them.

    Parameters
    ----------
    root
        An empty folder of the child's own, for the files that it writes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: set[str] = set()
        self.gone: set[str] = set()

    def forget(self) -> None:
        """Delete what was written, so that all files are again as the parent sees them."""
        if self.written or self.gone:
            for entry in self.root.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else _remove(entry)
            self.written.clear()
            self.gone.clear()

    def found(self, path: Any) -> Any:
        """Return the path from which to read a file.

        Raises
        ------
        FileNotFoundError
            The child has removed the file.
        """
        if not (self.written or self.gone) or not isinstance(path, (str, bytes, os.PathLike)):
            return path
        name = _name(path)
        if name in self.written:
            return self._own(name)
        if name in self.gone:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return path

    def to_write(self, path: Any, *, keep: bool, fresh: bool = False) -> Any:
        """Return the path at which to write a file.

        Parameters
        ----------
        path
            The file; a file descriptor is returned unchanged.
        keep
            Whether its present content stays: it is opened to append or to change it.
        fresh
            Whether it must not exist yet.
        """
        if not isinstance(path, (str, bytes, os.PathLike)):
            return path
        name = _name(path)
        own = self._own(name)
        if name in self.written:
            return own
        there = name not in self.gone and _exists(name)
        if there and (fresh or not stat.S_ISREG(_stat(name).st_mode)):
            return path  # a device or a folder, or opening it fails as it should
        self._make_room(name)
        if there and keep:
            with _open(name, "rb") as source, _open(own, "wb") as target:
                shutil.copyfileobj(source, target)
        self.written.add(name)
        return own

    def _own(self, name: str) -> str:
        return str(self.root / name.lstrip(os.sep))

    def _make_room(self, name: str) -> None:
        self.stat(Path(name).parent)  # raises where there is no such folder
        own = Path(self._own(name))
        own.parent.mkdir(parents=True, exist_ok=True)

    # -- replacements of functions of `builtins` and `os` --------------------------------------

    def open(self, file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        """Open a file."""
        if set(mode) & set("wax+"):
            file = self.to_write(file, keep="w" not in mode, fresh="x" in mode)
        else:
            file = self.found(file)
        return _open(file, mode, *args, **options)

    def os_open(self, path: Any, flags: int, *args: Any, **options: Any) -> int:
        """Open a file descriptor; temporary files, which must be new, bypass the overlay."""
        if options.get("dir_fd") is None and not flags & os.O_EXCL:
            if flags & WRITING:
                path = self.to_write(path, keep=not flags & os.O_TRUNC)
            else:
                path = self.found(path)
        return _os_open(path, flags, *args, **options)

    def stat(self, path: Any, **options: Any) -> os.stat_result:
        """Return the status of a file."""
        return _stat(path if options.get("dir_fd") is not None else self.found(path), **options)

    def lstat(self, path: Any, **options: Any) -> os.stat_result:
        """Return the status of a file, or of a link itself."""
        return _lstat(path if options.get("dir_fd") is not None else self.found(path), **options)

    def mkdir(self, path: Any, mode: int = 0o777, **options: Any) -> None:
        """Make a folder."""
        name = _name(path)
        if options.get("dir_fd") is not None or name.startswith(str(self.root)) or _exists(name):
            _mkdir(path, mode, **options)
            return
        self._make_room(name)
        _mkdir(self._own(name), mode)
        self.written.add(name)

    def remove(self, path: Any, **options: Any) -> None:
        """Remove a file."""
        self._remove_with(path, _remove, options)

    def rmdir(self, path: Any, **options: Any) -> None:
        """Remove an empty folder."""
        self._remove_with(path, _rmdir, options)

    def _remove_with(self, path: Any, how: Any, options: dict[str, Any]) -> None:
        name = _name(path)
        if options.get("dir_fd") is not None or name.startswith(str(self.root)):
            how(path, **options)
            return
        place = self.found(path)
        if name in self.written:
            how(place)
            self.written.discard(name)
        elif not _exists(name):
            how(path)
        if _exists(name):
            self.gone.add(name)

    def replace(self, src: Any, dst: Any, **options: Any) -> None:
        """Rename a file."""
        if any(value is not None for value in options.values()):
            _replace(src, dst, **options)
            return
        name, place = _name(src), self.found(src)
        target = self.to_write(dst, keep=False)
        if name in self.written:
            _replace(place, target)
            self.written.discard(name)
        else:
            shutil.copyfile(place, target)
        if _exists(name):
            self.gone.add(name)

    def torch_writer(self, file: Any, *args: Any, **options: Any) -> Any:
        """Open a file for ``torch.save``."""
        return _writer(self.to_write(file, keep=False), *args, **options)


def _name(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links stay links


def _exists(name: str) -> bool:
    try:
        _lstat(name)
    except OSError:
        return False
    return True


_current: list[FileOverlay] = []


def begin(root: Path) -> None:
    """Install an overlay for the rest of this process; only for use in a child."""
    overlay = FileOverlay(root)
    _current.append(overlay)
    builtins.open = io.open = overlay.open
    os.open, os.stat, os.lstat = overlay.os_open, overlay.stat, overlay.lstat
    os.mkdir, os.rmdir = overlay.mkdir, overlay.rmdir
    os.remove = os.unlink = overlay.remove
    os.rename = os.replace = overlay.replace
    torch._C.PyTorchFileWriter = overlay.torch_writer  # type: ignore[misc, assignment] # noqa: SLF001


def forget() -> None:
    """Delete what this child has written so far; without effect in the parent."""
    for overlay in _current:
        overlay.forget()
