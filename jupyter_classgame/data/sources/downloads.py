"""What the sources that torchvision downloads share."""

import socket
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import TypeVar

import numpy as np
from platformdirs import user_data_path

from jupyter_classgame.errors import DataError
from jupyter_classgame.packs.spec import DataSpec

T = TypeVar("T")

SECONDS_OF_SILENCE = 20.0


def data_root(spec: DataSpec) -> Path:
    """Return the folder where downloaded sets are kept."""
    root = spec.root or user_data_path("jupyter-classgame") / "data"
    return root.expanduser().absolute()


def fetch(
    make: Callable[[str], T],
    splits: Sequence[str],
    *,
    title: str,
    folder: Path,
    files: Sequence[str],
    url: str,
) -> list[T]:
    """Return ``make(split)`` for every split: torchvision datasets that download themselves.

    Parameters
    ----------
    make : callable
    splits : sequence of str
    title : str
        Name of the set, for the message.
    folder : Path
        Where its files belong.
    files : sequence of str
        What a person offline puts into `folder`.
    url : str
        Where they come from.

    Raises
    ------
    DataError
        If the set is not there and cannot be downloaded.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _impatient(), warnings.catch_warnings():
            # NumPy 2.4.0 to 2.4.4 read CIFAR-10's pickles of 2009 but find their spelling outdated.
            warnings.simplefilter("ignore", np.exceptions.VisibleDeprecationWarning)
            return [make(split) for split in splits]
    except (OSError, RuntimeError, HTTPException) as error:
        why = " ".join(str(getattr(error, "reason", None) or error).split())
        raise DataError(
            f"{title} is not complete in {folder} and cannot be downloaded ({why}); "
            f"put {', '.join(files)} from {url} into that folder and start again."
        ) from error


@contextmanager
def _impatient() -> Iterator[None]:
    """Give up on a network that swallows packets: torchvision sets no timeout of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS_OF_SILENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
