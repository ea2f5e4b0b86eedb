"""Layout of a folder of images: class folders, or splits that hold class folders."""

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jupyter_classgame.errors import DataError

PICTURES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm"}
)
CLUTTER = frozenset(
    {"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "lost+found"}
)
ROLES = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}


class Folder:
    """A folder with its entries sorted by name, without hidden ones; listed once, on first use."""

    def __init__(self, path: Path) -> None:
        self.path = path
        # macOS may spell "é" with two characters: names and their order are the same everywhere.
        self.name = unicodedata.normalize("NFC", path.name)

    @cached_property
    def folders(self) -> list["Folder"]:
        """Subfolders."""
        return sorted(map(Folder, self._entries[0]), key=lambda folder: folder.name)

    @cached_property
    def pictures(self) -> list[Path]:
        """Files with the extension of a picture."""
        return [path for path in self._files if path.suffix.lower() in PICTURES]

    @cached_property
    def others(self) -> list[Path]:
        """All other files."""
        return [path for path in self._files if path.suffix.lower() not in PICTURES]

    @property
    def is_split(self) -> bool:
        """Whether it holds class folders, that is folders with pictures in them."""
        return any(folder.pictures for folder in self.folders)

    @property
    def _files(self) -> list[Path]:
        return sorted(self._entries[1], key=lambda path: unicodedata.normalize("NFC", path.name))

    @cached_property
    def _entries(self) -> tuple[list[Path], list[Path]]:
        folders, files = [], []
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or entry.name.lower() in CLUTTER:
                        continue
                    if entry.is_dir():
                        folders.append(Path(entry.path))
                    elif entry.is_file() or entry.is_symlink():  # a broken link is reported later
                        files.append(Path(entry.path))
        except OSError as error:
            raise DataError(
                f"{self.path} cannot be listed ({error.strerror}); "
                "name a folder of images, one folder a class."
            ) from error
        return folders, files


@dataclass
class SkippedFiles:
    """Files and folders that a game leaves out, reported before training."""

    others: list[Path] = field(default_factory=list)
    loose: list[Path] = field(default_factory=list)
    nested: list[Path] = field(default_factory=list)
    unused: list[Path] = field(default_factory=list)

    def notes(self) -> tuple[str, ...]:
        """Return a line for each kind: the count, the reason, and the first path."""
        kinds = (
            (self.others, "file", "not a picture by its name", "not pictures by their names"),
            (self.loose, "picture", "in no class folder", "in no class folder"),
            (self.nested, "folder", "inside a class folder", "inside class folders"),
            (self.unused, "folder", "not a split of this game", "not splits of this game"),
        )
        return tuple(
            f"1 {what} skipped: {one}: {paths[0]}"
            if len(paths) == 1
            else f"{len(paths):,} {what}s skipped: {many}, the first is {paths[0]}"
            for paths, what, one, many in kinds
            if paths
        )


def find_splits(
    root: Folder, names: tuple[str, str] | None, skipped: SkippedFiles
) -> dict[str, Folder]:
    """Return split folders by role: ``"train"`` and, where there are such, ``"val"``, ``"test"``.

    Class folders without splits are all "train", and so is a single split of any name. Several
    splits are recognised by their names: train, val, test, or ``names`` (training, hidden test).

    Raises
    ------
    DataError
        There is no class folder, or it is not clear which split is which.
    """
    if not root.folders:
        raise DataError(
            f"{root.path} has no class folders: put the pictures in one folder a class."
        )
    if names is not None:
        return _named_splits(root, names, skipped)
    splits = [folder for folder in root.folders if folder.is_split]
    if not splits:
        return {"train": root}
    if (beside := _classes_beside(root, splits)) and not all(s.pictures for s in splits):
        raise _inside(splits[0], beside)
    if beside:
        return {"train": root}  # class folders with subfolders
    return _splits_by_name(root, splits, skipped)


def _splits_by_name(
    root: Folder, splits: Sequence[Folder], skipped: SkippedFiles
) -> dict[str, Folder]:
    for folder in root.folders:
        if folder in splits:
            continue
        if folder.pictures or folder.name.casefold() in ROLES:
            raise _no_classes(folder)
        skipped.unused.append(folder.path)
    skipped.loose += root.pictures
    if len(splits) == 1:
        return {"train": splits[0]}
    roles = {ROLES.get(folder.name.casefold(), ""): folder for folder in splits}
    if "" in roles or "train" not in roles or len(roles) < len(splits):
        raise DataError(
            f"{root.path} has the splits {_listed(splits)}, not one train and at most one val and "
            "test: name the training and the hidden test split, "
            f"as in --splits {splits[0].name},{splits[1].name}"
        )
    return roles


def _classes_beside(root: Folder, splits: Sequence[Folder]) -> Folder | None:
    """Return a class folder beside apparent splits, unless a folder has the name of a split."""
    if any(folder.name.casefold() in ROLES for folder in root.folders):
        return None
    return next((f for f in root.folders if f not in splits and f.pictures), None)


def _inside(split: Folder, beside: Folder) -> DataError:
    inner = next(folder for folder in split.folders if folder.pictures)
    return DataError(
        f"the pictures in {inner.path} are one folder deeper than those in {beside.path}; "
        f"move them up into {split.path}, or make {inner.name!r} a class folder of its own."
    )


def _named_splits(root: Folder, names: tuple[str, str], skipped: SkippedFiles) -> dict[str, Folder]:
    if len(set(names)) != 2 or len(names) != 2:
        raise DataError(
            "splits are the names of two different folders, training and hidden test, "
            f"not {','.join(names)!r}."
        )
    folders = {folder.name: folder for folder in root.folders}
    roles = {}
    for role, name in zip(("train", "test"), names, strict=True):
        folder = folders.pop(unicodedata.normalize("NFC", name), None)
        if folder is None:
            raise DataError(
                f"{root.path} has no folder {name!r} for --splits; it has {_listed(root.folders)}."
            )
        if not folder.is_split:
            raise _no_classes(folder)
        roles[role] = folder
    for folder in folders.values():
        if folder.is_split and ROLES.get(folder.name.casefold()) == "val" and "val" not in roles:
            roles["val"] = folder
        else:
            skipped.unused.append(folder.path)
    skipped.loose += root.pictures
    return roles


def _no_classes(folder: Folder) -> DataError:
    return DataError(
        f"{folder.path} has no class folders with pictures in them, as a split must; "
        "sort its pictures into one folder a class, or move it away."
    )


def _listed(folders: Sequence[Folder]) -> str:
    return ", ".join(folder.name for folder in folders)
