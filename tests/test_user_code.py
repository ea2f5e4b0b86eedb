"""Which code is a user's own, wherever it is asked."""

import json
import os
from pathlib import Path

import IPython
import pytest
import torch

from jupyter_classgame import user_code
from jupyter_classgame.user_code import is_users


@pytest.mark.parametrize(
    "path",
    [
        json.__file__, os.__file__, torch.__file__, IPython.__file__, user_code.__file__,
        torch.nn.modules.module.__file__, "<frozen importlib._bootstrap>", "<string>",
    ],
)  # fmt: skip
def test_neither_python_nor_a_library_nor_this_package_is(path):
    assert not is_users(path)


@pytest.mark.parametrize(
    "path", ["ipykernel_7/3.py", "<ipython-input-3-abc>", "helpers.py", __file__]
)
def test_cells_and_modules_beside_a_notebook_are(path):
    assert is_users(path)


def test_folders_are_told_apart_alike():
    assert is_users(str(Path.home() / "course"))
    assert not is_users(str(Path(torch.__file__).parents[1]))
