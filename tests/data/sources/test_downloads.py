import socket
import warnings
from http.client import IncompleteRead
from pathlib import Path
from urllib.error import URLError

import numpy as np
import platformdirs
import pytest

from jupyter_classgame.data import DataSpec
from jupyter_classgame.data.sources.downloads import data_root, fetch
from jupyter_classgame.errors import DataError

PLACE = {"title": "Moons", "files": ["moons.tgz", "labels.mat"], "url": "https://moons.example/"}


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "Name or service not known"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (RuntimeError("File not found or corrupted."), "File not found or corrupted."),
        (IncompleteRead(b"", 12), r"IncompleteRead\(0 bytes read, 12 more expected\)"),
        (TimeoutError("timed\nout"), "timed out"),
    ],
)
def test_a_failed_download_is_one_line(tmp_path, error, why):
    def make(split):
        raise error

    with pytest.raises(DataError, match=why) as caught:
        fetch(make, ["train"], folder=tmp_path / "a" / "b", **PLACE)
    message = str(caught.value)
    assert message.startswith(f"Moons is not complete in {tmp_path / 'a' / 'b'} and cannot be down")
    assert message.endswith(
        "put moons.tgz, labels.mat from https://moons.example/ into that folder and start again."
    )
    assert "\n" not in message


def test_an_error_of_ours_is_not_hidden(tmp_path):
    def make(split):
        raise KeyError(split)

    with pytest.raises(KeyError):
        fetch(make, ["train"], folder=tmp_path, **PLACE)


def test_numpys_opinion_of_old_files_is_kept_to_itself(tmp_path):
    def make(split):
        warnings.warn("dtype(): align", np.exceptions.VisibleDeprecationWarning, stacklevel=1)
        return split

    assert fetch(make, ["train"], folder=tmp_path, **PLACE) == ["train"]


def test_a_silent_network_is_given_up_and_nothing_else_changes(tmp_path):
    before = socket.getdefaulttimeout()

    def make(split):
        return split, socket.getdefaulttimeout()

    timeouts = fetch(make, ["train", "test"], folder=tmp_path, **PLACE)
    assert timeouts == [("train", 20), ("test", 20)]
    assert socket.getdefaulttimeout() == before


def test_sets_are_kept_in_the_users_data_folder_unless_told(tmp_path):
    ours = platformdirs.user_data_path("jupyter-classgame") / "data"
    assert data_root(DataSpec("cifar10")) == ours
    assert data_root(DataSpec("cifar10", root=tmp_path)) == tmp_path
    assert data_root(DataSpec("cifar10", root=Path("~/sets"))) == Path.home() / "sets"
