"""A checkpoint's file: tensors as safetensors, all else as JSON in its head.

Reading one runs no code of it (https://github.com/huggingface/safetensors). A file is there whole
or not at all: it is written under another name beside its place, and renamed.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from jupyter_classgame.errors import TrainingError

VERSION = 1

HEAD = "classgame"
"""The key of the JSON among a file's metadata."""

PLAIN = frozenset(
    {
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.bool,
        torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
    }
)  # fmt: skip
"""Types that every version of safetensors knows; others are kept as their bytes."""


WRITING = (OSError, SafetensorError, RuntimeError, ValueError, TypeError, AttributeError)
"""What safetensors raises for a full disk, and for tensors that it cannot write."""


class CheckpointError(TrainingError):
    """A checkpoint cannot be written or read."""


@dataclass
class Checkpoint:
    """Tensors by name, and facts that JSON can hold.

    Attributes
    ----------
    tensors
        Of any shape, type, device and memory layout, sharing memory or not; strided.
    facts
        Numbers, text, lists and dictionaries.
    """

    tensors: dict[str, Tensor]
    facts: dict[str, Any]

    def write(self, path: Path) -> None:
        """Write the file, in place of one that may be there.

        Raises
        ------
        CheckpointError
            It cannot be written (a full disk, a folder that is not writable); what was there
            before is still there.
        """
        write_whole(path, self.hand_over)

    def hand_over(self, path: Path) -> None:
        """Write the file for another process to read at once; a power cut may lose it."""
        stored, shapes = _storable(self.tensors)
        head = {"version": VERSION, "facts": self.facts, "bytes": shapes}
        save_file(stored, path, {HEAD: json.dumps(head)})

    @classmethod
    def read(cls, path: Path) -> "Checkpoint":
        """Read a file; its tensors are on the CPU.

        Raises
        ------
        CheckpointError
            It is not there, is damaged, or was written by another program or version.
        """
        try:
            with safe_open(path, "pt") as file:
                head = _head(path, file.metadata())
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
            for name, (dtype, shape) in head["bytes"].items():
                tensors[name] = tensors[name].view(getattr(torch, dtype)).reshape(shape)
            return cls(tensors, head["facts"])
        except (OSError, SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"{path} cannot be read as a checkpoint: {error}") from error

    @classmethod
    def read_facts(cls, path: Path) -> dict[str, Any]:
        """Read the facts alone.

        Raises
        ------
        CheckpointError
            As :meth:`read`.
        """
        try:
            with safe_open(path, "pt") as file:
                facts: dict[str, Any] = _head(path, file.metadata())["facts"]
                return facts
        except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(f"{path} cannot be read as a checkpoint: {error}") from error


def write_whole(path: Path, save: Callable[[Path], object]) -> None:
    """Write a file so that a kill at any instant leaves the old one or the new one.

    ``save`` is called with the path of a draft beside it.

    Raises
    ------
    CheckpointError
        It cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        save(draft)
        _flush(draft)
        draft.replace(path)
        if os.name == "posix":
            _flush(path.parent)
    except (*WRITING, KeyboardInterrupt) as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        if isinstance(error, KeyboardInterrupt):
            raise
        raise CheckpointError(f"{path} cannot be written: {error}") from error


def _flush(path: Path) -> None:
    """Bring a file or a folder's entries to the disk."""
    folder = path.is_dir()
    descriptor = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError:
        if not folder:  # some network file systems cannot flush a folder
            raise
    finally:
        os.close(descriptor)


def _head(path: Path, metadata: dict[str, str] | None) -> dict[str, Any]:
    head: dict[str, Any] = json.loads((metadata or {})[HEAD])
    if head["version"] != VERSION:
        raise CheckpointError(
            f"{path} is of version {head['version']}, this is {VERSION}; "
            "go on with the version of jupyter-classgame that wrote it"
        )
    return head


def _storable(tensors: dict[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Bring tensors to the CPU, dense and apart from each other; say which are kept as bytes."""
    stored, shapes = {}, {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        plain = tensor.detach().resolve_conj().resolve_neg().cpu().contiguous()
        if plain.dtype not in PLAIN:
            shapes[name] = [str(plain.dtype).removeprefix("torch."), list(plain.shape)]
            plain = plain.reshape(-1).view(torch.uint8)
        place = plain.untyped_storage().data_ptr()
        if place in seen or plain.untyped_storage().nbytes() != plain.nbytes:
            plain = plain.clone()
        seen.add(plain.untyped_storage().data_ptr())
        stored[name] = plain
    return stored, shapes
