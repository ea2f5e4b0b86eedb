"""A trained model saved under a name, as safetensors with a card beside it."""

import os
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, cast

from safetensors.torch import save_model
from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.module_names import by_plain_names
from jupyter_classgame.training.state.checkpoint_file import write_whole

SUFFIX, CARD = ".safetensors", ".md"


class ModelFile:
    """Where a run's model will be saved, checked before the run begins.

    Parameters
    ----------
    name
        A file's name, or a path below ``folder``; its ending may be left out.
    folder
        By default the notebook's.

    Raises
    ------
    TrainingError
        It is no name for a file, leads out of the folder, is taken, or cannot be written.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self.name = _checked(name)
        self.folder = folder or Path.cwd()
        taken = next((p for p in self.paths if p.exists()), None)
        if taken is not None:
            free = _free(self.folder, self.name)
            raise TrainingError(
                f"--save {name}: {taken.relative_to(self.folder)} is there already and is kept; "
                f"write --save {free}"
            )
        parent = self.paths[0].parent
        try:
            parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TrainingError(f"--save {name}: {parent} cannot be made: {error}") from error
        if not os.access(parent, os.W_OK):
            raise TrainingError(f"--save {name}: {parent} cannot be written")

    @property
    def paths(self) -> tuple[Path, Path]:
        """The model's file and its card's."""
        return self.folder / f"{self.name}{SUFFIX}", self.folder / f"{self.name}{CARD}"

    def write(self, model: nn.Module, card: str) -> tuple[Path, Path]:
        """Save a model and its card; where the name was taken meanwhile, under the next free one.

        Raises
        ------
        CheckpointError
            They cannot be written, or the model holds what safetensors cannot.
        """
        if any(path.exists() for path in self.paths):
            self.name = _free(self.folder, self.name)
        file, text = self.paths
        plain = cast("nn.Module", _PlainNames(model))
        write_whole(file, lambda draft: save_model(plain, str(draft)))
        write_whole(text, lambda draft: draft.write_text(card, encoding="utf-8"))
        return file, text


class _PlainNames:
    """What is saved in a model's place: its weights, by the names of the class that it is of."""

    def __init__(self, model: nn.Module) -> None:
        self._weights = by_plain_names(model, model.state_dict())

    def state_dict(self) -> dict[str, Any]:
        return self._weights


def _checked(name: Any) -> str:
    if not isinstance(name, str):
        raise TrainingError(f"--save {name!r}: a name is needed, such as --save small")
    bare = name.strip().removesuffix(SUFFIX)
    path = PurePosixPath(bare.replace("\\", "/"))
    windows = PureWindowsPath(bare)
    reason = ""
    if not bare or bare.endswith(("/", "\\")) or path.name in ("", "."):
        reason = "it is no name for a file"
    elif path.is_absolute() or windows.drive or windows.root or ".." in path.parts:
        reason = "it leads out of the notebook's folder"
    elif bare.startswith("~") or any(c in '<>:"|?*' or not c.isprintable() for c in bare):
        reason = "it has characters that a file's name should not have"
    if reason:
        raise TrainingError(f"--save {name}: {reason}; write a plain one such as --save small")
    return str(path)


def _free(folder: Path, name: str) -> str:
    """Give the first of NAME2, NAME3, ... that is not taken."""
    number = 2
    while any((folder / f"{name}{number}{ending}").exists() for ending in (SUFFIX, CARD)):
        number += 1
    return f"{name}{number}"
