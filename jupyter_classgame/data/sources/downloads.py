"""Download of datasets by torchvision, shared by several sources."""

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

TIMEOUT = 20.0
"""Seconds without data after which a download fails."""


def data_root(spec: DataSpec) -> Path:
    """Return the folder of downloaded datasets."""
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
    """Return the torchvision dataset of every split, downloaded if it is missing.

    Parameters
    ----------
    make
        ``make(split)`` returns a dataset and downloads it if need be.
    splits
        Names of the splits.
    title
        Name of the dataset in the message.
    folder
        Where its files belong.
    files
        Names of the files, for a manual download.
    url
        Where they come from.

    Raises
    ------
    DataError
        The dataset is missing or incomplete and cannot be downloaded.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _network_timeout(), warnings.catch_warnings():
            # NumPy 2.4.0 to 2.4.4 warn of the outdated pickles of CIFAR-10, of 2009.
            warnings.simplefilter("ignore", np.exceptions.VisibleDeprecationWarning)
            return [make(split) for split in splits]
    except (OSError, RuntimeError, HTTPException) as error:
        why = " ".join(str(getattr(error, "reason", None) or error).split())
        raise DataError(
            f"{title} is not complete in {folder} and cannot be downloaded ({why}); "
            f"put {', '.join(files)} from {url} into that folder and start again."
        ) from error


@contextmanager
def _network_timeout() -> Iterator[None]:
    """Set a default socket timeout: torchvision sets none, and a network may drop packets."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
