"""Folders of images as they lie on a disk, with the levels that hold nothing seen through."""

import os
import re
import unicodedata
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from jupyter_classgame.errors import DataError, shown

PICTURES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"}
)
CLUTTER = frozenset(
    {"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "lost+found"}
)
UNREAD = {
    ".heic": "HEIC", ".heif": "HEIC", ".avif": "AVIF", ".jxl": "JPEG XL", ".jp2": "JPEG 2000",
    ".svg": "SVG", ".psd": "Photoshop", ".dcm": "DICOM", ".ico": "ICO", ".tga": "TGA",
    ".exr": "OpenEXR", ".hdr": "HDR", ".fits": "FITS",
    **dict.fromkeys(
        (".dng", ".cr2", ".cr3", ".crw", ".nef", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw",
         ".raw"),
        "RAW",
    ),
}  # fmt: skip
"""Extensions of pictures that are not read, and their kind."""

ROLES = {
    "train": "train",
    "training": "train",
    "trainset": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "valset": "val",
    "test": "test",
    "testing": "test",
    "testset": "test",
}
CONTROLS = ("Cc", "Zl", "Zp")
"""Categories of characters that would break a line: control characters and separators."""

DEEPEST = 8
"""Levels that are seen through: a link may lead to a folder above it."""


class Folder:
    """A folder with its entries sorted by name, without hidden ones; listed once, on first use.

    An archive may have unpacked a folder into one of the same name, that holds all there is: then
    it has the entries of the inner one.

    Parameters
    ----------
    path
    twins
        Folders beside it whose names are the same letters, spelled with other characters: it has
        their entries, too.
    """

    def __init__(self, path: Path, twins: Sequence[Path] = ()) -> None:
        self.path = path
        self.twins = tuple(twins)
        self.name = class_name(path.name)

    @cached_property
    def folders(self) -> list["Folder"]:
        """Subfolders."""
        named: dict[str, list[Path]] = {}
        for path in sorted(self._entries[0]):
            named.setdefault(class_name(path.name), []).append(path)
        return [Folder(first, twins) for _, (first, *twins) in sorted(named.items())]

    @cached_property
    def pictures(self) -> list[Path]:
        """Files with the extension of a picture."""
        return [path for path in self._files if path.suffix.lower() in PICTURES]

    @cached_property
    def unread(self) -> list[Path]:
        """Files with the extension of a picture of a kind that is not read."""
        return [path for path in self._files if path.suffix.lower() in UNREAD]

    @cached_property
    def others(self) -> list[Path]:
        """All other files."""
        return [path for path in self._files if path.suffix.lower() not in (*PICTURES, *UNREAD)]

    @property
    def is_split(self) -> bool:
        """Whether it holds class folders, that is folders with pictures in them."""
        return any(folder.pictures or folder.unread for folder in self.folders)

    @property
    def holder(self) -> "Folder":
        """The folder of a class's pictures: itself, or the one folder that is all it holds."""
        inner = self.folders[0] if len(self.folders) == 1 and not self.pictures else self
        return inner if inner.pictures or inner.unread else self

    @cached_property
    def classes(self) -> "Folder":
        """The folder of class folders: itself, or one that levels of a single folder lead to."""
        folder = self
        for _ in range(DEEPEST):
            leading = [inner for inner in folder.folders if inner.folders]
            if folder.is_split or folder.pictures or len(leading) != 1:
                return folder if folder.is_split else self
            folder = leading[0]
        return self

    @cached_property
    def top(self) -> "Folder":
        """The folder of splits or class folders: itself, or one that single folders lead to."""
        folder = self
        for _ in range(DEEPEST):
            leading = [inner for inner in folder.folders if inner.folders]
            apart = [inner for inner in folder.folders if inner not in leading]
            splits = any(inner.classes.is_split for inner in folder.folders)
            if folder.is_split or len(leading) != 1 or any(role(inner.name) for inner in apart):
                return folder if splits or folder.is_split else self
            if splits and not any(inner.classes.is_split for inner in leading[0].folders):
                return folder
            folder = leading[0]
        return self

    @property
    def _files(self) -> list[Path]:
        return sorted(self._entries[1], key=lambda path: unicodedata.normalize("NFC", path.name))

    @cached_property
    def _entries(self) -> tuple[list[Path], list[Path]]:
        folders, files = self._listed(self.path)
        for _ in range(DEEPEST):
            if any(path.suffix.lower() in PICTURES for path in files) or len(folders) != 1:
                break
            if class_name(folders[0].name).casefold() != self.name.casefold():
                break
            folders, inner = self._listed(folders[0])
            files += inner
        for twin in map(Folder, self.twins):
            folders += twin._entries[0]  # noqa: SLF001
            files += twin._entries[1]  # noqa: SLF001
        return folders, files

    def _listed(self, path: Path) -> tuple[list[Path], list[Path]]:
        folders: list[Path] = []
        files: list[Path] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name.lower() in CLUTTER:
                        continue
                    # What is neither, such as a broken link or a pipe, is reported when it is read.
                    (folders if _is_folder(entry) else files).append(Path(entry.path))
        except OSError as error:
            raise DataError(
                f"{path} cannot be listed ({error.strerror}); "
                "name a folder of images, one folder a class."
            ) from error
        return folders, files


def class_name(name: str) -> str:
    """Return a folder's name as it is shown: the same on all systems, and in UTF-8."""
    # macOS may spell "é" with two characters: names and their order are the same everywhere.
    name = shown(unicodedata.normalize("NFC", name))
    return "".join(
        c.encode("unicode_escape").decode() if unicodedata.category(c) in CONTROLS else c
        for c in name
    )


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def role(name: str) -> str:
    """Return the role of a split by a word in its name, as in "training_set"; "" if unclear."""
    words = re.split(r"[\W_\d]+", name.casefold())
    roles = {ROLES[word] for word in words if word in ROLES}
    return roles.pop() if len(roles) == 1 else ""
