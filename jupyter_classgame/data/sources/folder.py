"""Folder of images: one folder a class, with or without folders for the splits."""

import numpy as np

from jupyter_classgame.data.images.refused_files import FileList
from jupyter_classgame.data.images.source_pictures import Collection, FilePictures, LabelledPictures
from jupyter_classgame.data.sources.folder_layout import deeper, find_splits
from jupyter_classgame.data.sources.folder_tree import UNREAD, Folder
from jupyter_classgame.data.sources.skipped_files import SkippedFiles
from jupyter_classgame.errors import DataError, shown
from jupyter_classgame.packs.spec import DataSpec


def read(spec: DataSpec) -> Collection:
    """Return the pictures below ``spec.path``; the classes are sorted by name.

    No file is opened. Files without the extension of a picture are skipped, with a note.

    Raises
    ------
    DataError
        There is no such folder, its layout is not clear, splits differ in their classes, there
        is only one class, or a class folder has no pictures.
    """
    if spec.path is None:
        raise DataError("the data source 'folder' needs a path: the folder of images.")
    root = Folder(spec.path.expanduser().absolute())
    skipped = SkippedFiles()
    splits = find_splits(root, spec.splits, skipped)
    train = splits["train"]
    for split in splits.values():
        _refuse_different(train, split)
    _refuse_deeper(root, train)
    if len(train.folders) == 1:
        raise DataError(
            f"{train.path} has only one class folder, {train.folders[0].name!r}: "
            "there is nothing to tell apart; add a folder for every class."
        )
    _refuse_empty([folder for split in splits.values() for folder in split.folders])
    parts = {role: _part(split, skipped) for role, split in splits.items()}
    return Collection(
        name=shown(str(root.path)),
        classes=tuple(folder.name for folder in train.folders),
        train=parts["train"],
        val=parts.get("val"),
        test=parts.get("test"),
        image_size=(64, 64),
        notes=skipped.notes(),
    )


def _part(split: Folder, skipped: SkippedFiles) -> LabelledPictures:
    skipped.loose += split.pictures
    folders = [folder.holder for folder in split.folders]
    for folder in folders:
        skipped.others += folder.others
        skipped.unread += folder.unread
        skipped.nested += [inner.path for inner in folder.folders]
    counts = [len(folder.pictures) for folder in folders]
    labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    paths = [str(path) for folder in folders for path in folder.pictures]
    return LabelledPictures(FilePictures(paths), labels)


def _refuse_different(train: Folder, split: Folder) -> None:
    ours, theirs = ({folder.name for folder in side.folders} for side in (train, split))
    sides = ((ours - theirs, train, split), (theirs - ours, split, train))
    parts = []
    for only, there, missing in sides:
        if only:
            what = "class" if len(only) == 1 else "classes"
            verb = "is" if len(only) == 1 else "are"
            names = FileList([repr(name) for name in sorted(only)])
            parts.append(f"{what} {names} {verb} in {there.path} but not in {missing.path}")
    if parts:
        folders = [str(there.path / name) for only, there, _ in sides for name in sorted(only)]
        raise FileList(folders).refusal(
            " and ".join(parts), "every split needs the same class folders."
        )


def _refuse_deeper(root: Folder, train: Folder) -> None:
    found = any(folder.holder.pictures or folder.holder.unread for folder in train.folders)
    if not found and (below := deeper(root)):
        raise DataError(
            f"class folders with pictures lie deeper than in {root.path}",
            f"give the folder that holds them, such as {below.path}",
        )


def _refuse_empty(folders: list[Folder]) -> None:
    empty = [folder.holder for folder in folders if not folder.holder.pictures]
    unread = [folder for folder in empty if folder.unread]
    if unread:
        raise _unread(unread)
    if len(empty) == 1:
        raise DataError(
            f"class folder {empty[0].path} has no pictures in it{_others(empty[0])}",
            "fill or delete it.",
        )
    if empty:
        said = FileList([str(folder.path) for folder in empty])
        raise said.refusal(
            f"{len(empty)} class folders have no pictures in them, the first is {empty[0].path}"
            f"{_others(empty[0])}",
            "fill or delete them.",
            named=1,
        )


def _others(folder: Folder) -> str:
    """Name what a player sees in a folder that has no pictures."""
    if not (files := folder.others):
        return ""
    count = f"{len(files):,} files" if len(files) > 1 else "one file"
    return f" but {count} of other kinds (such as {files[0].name})"


def _unread(folders: list[Folder]) -> DataError:
    """Tell a player, who sees photographs there, that they are of no kind that is read."""
    files = [path for folder in folders for path in folder.unread]
    kinds = sorted({UNREAD[path.suffix.lower()] for path in files})
    count = f"the {len(files):,} files" if len(files) > 1 else "the only picture"
    names = FileList([repr(folder.path.name) for folder in folders])
    said = FileList([str(path) for path in files])
    verb, them = ("are", "them") if len(files) > 1 else ("is", "it")
    return said.refusal(
        f"{count} in {names} (such as {files[0]}) {verb} not of a kind that is read "
        f"({', '.join(kinds)})",
        f"convert {them}, for example to JPEG.",
        named=1,
    )
