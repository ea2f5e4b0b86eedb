"""Folder of images: one folder a class, with or without folders for the splits."""

import numpy as np

from jupyter_classgame.data.images.source_pictures import Collection, FilePictures, LabelledPictures
from jupyter_classgame.data.sources.folder_layout import Folder, SkippedFiles, find_splits
from jupyter_classgame.errors import DataError
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
    if len(train.folders) == 1:
        raise DataError(
            f"{train.path} has only one class folder, {train.folders[0].name!r}: "
            "there is nothing to tell apart; add a folder for every class."
        )
    _refuse_empty([folder for split in splits.values() for folder in split.folders])
    parts = {role: _part(split, skipped) for role, split in splits.items()}
    return Collection(
        name=str(root.path),
        classes=tuple(folder.name for folder in train.folders),
        train=parts["train"],
        val=parts.get("val"),
        test=parts.get("test"),
        image_size=(64, 64),
        notes=skipped.notes(),
    )


def _part(split: Folder, skipped: SkippedFiles) -> LabelledPictures:
    skipped.loose += split.pictures
    for folder in split.folders:
        skipped.others += folder.others
        skipped.nested += [inner.path for inner in folder.folders]
    counts = [len(folder.pictures) for folder in split.folders]
    labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    paths = [str(path) for folder in split.folders for path in folder.pictures]
    return LabelledPictures(FilePictures(paths), labels)


def _refuse_different(train: Folder, split: Folder) -> None:
    ours, theirs = ({folder.name for folder in side.folders} for side in (train, split))
    for name in sorted(ours ^ theirs):
        there, missing = (train, split) if name in ours else (split, train)
        raise DataError(
            f"class {name!r} is in {there.path} but not in {missing.path}; "
            "every split needs the same class folders."
        )


def _refuse_empty(folders: list[Folder]) -> None:
    empty = [folder for folder in folders if not folder.pictures]
    if len(empty) == 1:
        raise DataError(f"class folder {empty[0].path} has no pictures in it; fill or delete it.")
    if empty:
        raise DataError(
            f"{len(empty)} class folders have no pictures in them, the first is {empty[0].path}; "
            "fill or delete them."
        )
