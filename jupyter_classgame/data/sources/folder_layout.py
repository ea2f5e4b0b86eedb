"""Layout of a folder of images: class folders, or splits that hold class folders."""

from collections import deque
from collections.abc import Sequence

from jupyter_classgame.data.sources.folder_tree import DEEPEST, ROLES, Folder, class_name, role
from jupyter_classgame.data.sources.skipped_files import SkippedFiles
from jupyter_classgame.errors import DataError

MOST_SEARCHED = 500
"""Folders that are listed to find where pictures lie."""


def find_splits(
    root: Folder, names: tuple[str, str] | None, skipped: SkippedFiles
) -> dict[str, Folder]:
    """Return split folders by role: ``"train"`` and, where there are such, ``"val"``, ``"test"``.

    Levels of a single folder above class folders, or above splits, are seen through. Class folders
    without splits are all "train", and so is a single split of any name. Several splits are
    recognised by a word in their names, as in train, validation_set or test, or are ``names``
    (training, hidden test).

    Raises
    ------
    DataError
        There is no class folder, or it is not clear which split is which.
    """
    root = root.top
    if not root.folders:
        raise DataError(
            f"{root.path} has no class folders: put the pictures in one folder a class."
        )
    if names is not None:
        return _named_splits(root, names, skipped)
    splits = [folder for folder in root.folders if folder.classes.is_split]
    if not splits or _holds_classes(root):
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
        return {"train": splits[0].classes}
    roles = {role(folder.name): folder for folder in splits}
    if "" in roles or "train" not in roles or len(roles) < len(splits):
        train = next((f for f in splits if role(f.name) == "train"), splits[0])
        others = [folder for folder in splits if folder is not train]
        test = next((f for f in others if role(f.name) == "test"), others[0])
        raise DataError(
            f"{root.path} has the splits {_listed(splits)}, not one train and at most one val and "
            "test: name the training and the hidden test split, "
            f"as in --splits {train.name},{test.name}"
        )
    return {name: folder.classes for name, folder in roles.items()}


def _holds_classes(root: Folder) -> bool:
    """Return whether the pictures of every class lie one folder deeper, as in cats/images."""
    return len(root.folders) > 1 and all(
        not role(folder.name) and folder.holder is not folder for folder in root.folders
    )


def _classes_beside(root: Folder, splits: Sequence[Folder]) -> Folder | None:
    """Return a class folder beside apparent splits, unless a folder has the name of a split."""
    if any(folder.name.casefold() in ROLES for folder in root.folders) or any(
        role(split.name) == "train" for split in splits
    ):
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
    for part, name in zip(("train", "test"), names, strict=True):
        folder = folders.pop(class_name(name), None)
        if folder is None:
            raise DataError(
                f"{root.path} has no folder {name!r} for --splits; it has {_listed(root.folders)}."
            )
        if not folder.classes.is_split:
            raise _no_classes(folder)
        roles[part] = folder.classes
    for folder in folders.values():
        if folder.classes.is_split and role(folder.name) == "val" and "val" not in roles:
            roles["val"] = folder.classes
        else:
            skipped.unused.append(folder.path)
    skipped.loose += root.pictures
    return roles


def deeper(folder: Folder) -> Folder | None:
    """Return the nearest folder below that holds class folders with pictures, if there is one."""
    waiting = deque([(folder, 0)])
    for _ in range(MOST_SEARCHED):
        if not waiting:
            break
        here, level = waiting.popleft()
        if here is not folder and here.is_split:
            return here
        if level < DEEPEST:
            waiting += [(inner, level + 1) for inner in here.folders]
    return None


def _no_classes(folder: Folder) -> DataError:
    return DataError(
        f"{folder.path} has no class folders with pictures in them, as a split must; "
        "sort its pictures into one folder a class, or move it away."
    )


def _listed(folders: Sequence[Folder]) -> str:
    return ", ".join(folder.name for folder in folders)
