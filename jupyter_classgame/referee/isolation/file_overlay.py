"""What a child writes to files goes to a folder of its own, where it alone finds it again.

A dataset that keeps what it decoded in files would else keep the probe images it was shown, and
hand them out in training. Python's own ways to files are covered, and ``torch.save``; not what
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
    """Files as a child sees them: those that it wrote lie under `root`.

    Parameters
    ----------
    root
        An empty folder of the child's own.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: set[str] = set()
        self.gone: set[str] = set()

    def forget(self) -> None:
        """Let all files be as they are outside."""
        if self.written or self.gone:
            for entry in self.root.iterdir():
                shutil.rmtree(entry) if entry.is_dir() else _remove(entry)
            self.written.clear()
            self.gone.clear()

    def found(self, path: Any) -> Any:
        """Return where a file is to be read."""
        if not (self.written or self.gone) or not isinstance(path, (str, bytes, os.PathLike)):
            return path
        name = _name(path)
        if name in self.written:
            return self._own(name)
        if name in self.gone:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        return path

    def to_write(self, path: Any, *, keep: bool, fresh: bool = False) -> Any:
        """Return where a file is to be written; `keep` what is in it, or be it `fresh`."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return path
        name = _name(path)
        own = self._own(name)
        if name in self.written:
            return own
        there = name not in self.gone and _exists(name)
        if there and (fresh or not stat.S_ISREG(_stat(name).st_mode)):
            return path  # a device, a folder, or an error that is the user's
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

    # -- what stands in for the functions of `builtins` and `os` ------------------------------

    def open(self, file: Any, mode: str = "r", *args: Any, **options: Any) -> Any:
        """Open a file."""
        if set(mode) & set("wax+"):
            file = self.to_write(file, keep="w" not in mode, fresh="x" in mode)
        else:
            file = self.found(file)
        return _open(file, mode, *args, **options)

    def os_open(self, path: Any, flags: int, *args: Any, **options: Any) -> int:
        """Open a file descriptor; those of new temporary files are left alone."""
        if options.get("dir_fd") is None and not flags & os.O_EXCL:
            if flags & WRITING:
                path = self.to_write(path, keep=not flags & os.O_TRUNC)
            else:
                path = self.found(path)
        return _os_open(path, flags, *args, **options)

    def stat(self, path: Any, **options: Any) -> os.stat_result:
        """Look at a file."""
        return _stat(path if options.get("dir_fd") is not None else self.found(path), **options)

    def lstat(self, path: Any, **options: Any) -> os.stat_result:
        """Look at a file or a link."""
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
        """Take a file away."""
        self._take_away(path, _remove, options)

    def rmdir(self, path: Any, **options: Any) -> None:
        """Take a folder away."""
        self._take_away(path, _rmdir, options)

    def _take_away(self, path: Any, how: Any, options: dict[str, Any]) -> None:
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
        """Give a file another name."""
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
        """Open what ``torch.save`` writes to."""
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
    """In a child, for the rest of its life: send what it writes to a folder of its own."""
    overlay = FileOverlay(root)
    _current.append(overlay)
    builtins.open = io.open = overlay.open
    os.open, os.stat, os.lstat = overlay.os_open, overlay.stat, overlay.lstat
    os.mkdir, os.rmdir = overlay.mkdir, overlay.rmdir
    os.remove = os.unlink = overlay.remove
    os.rename = os.replace = overlay.replace
    torch._C.PyTorchFileWriter = overlay.torch_writer  # type: ignore[misc, assignment] # noqa: SLF001


def forget() -> None:
    """Forget what was written so far, in a child; elsewhere do nothing."""
    for overlay in _current:
        overlay.forget()
