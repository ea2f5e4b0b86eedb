"""Every test has a folder, a home and a ledger of its own."""

import os
import threading

import pytest
from helpers.folders import own_folders
from helpers.images import make_images
from helpers.shells import a_shell


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory):
    with own_folders(tmp_path_factory):
        yield


@pytest.fixture
def shell():
    """A real IPython shell with the extension loaded, and nothing in its namespace."""
    with a_shell() as ip:
        ip.run_line_magic("load_ext", "jupyter_classgame")
        ip.run_line_magic("xmode", "Context")
        yield ip
        ip.run_line_magic("unload_ext", "jupyter_classgame")
        for thread in threading.enumerate():
            if thread.name == "classgame-drawing":
                thread.join()  # it forks, and IPython then goes through the shells that there are


@pytest.fixture
def image_folder(tmp_path):
    """Three classes of twenty images, without splits."""
    return make_images(tmp_path / "insects")


@pytest.fixture
def ci():
    """Whether a missing program is a failure rather than a reason to skip."""
    return os.environ.get("CI", "").lower() == "true"
