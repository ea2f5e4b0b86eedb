from importlib import import_module
from typing import get_type_hints

import pytest

from jupyter_classgame.data import DataSpec
from jupyter_classgame.data.images.source_pictures import Collection
from jupyter_classgame.data.sources import read_source
from jupyter_classgame.errors import DataError
from jupyter_classgame.packs.spec import SOURCES


def test_an_unknown_source_is_answered_with_the_known_ones():
    with pytest.raises(DataError, match=r"no data source 'mnist'; .*digits, cifar10, stl10"):
        read_source(DataSpec("mnist"))


def test_a_source_finds_its_pictures():
    assert read_source(DataSpec("digits")).name == "digits"


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_listed_has_its_module(source):
    module = import_module(f"jupyter_classgame.data.sources.{source}")
    assert get_type_hints(module.read) == {"spec": DataSpec, "return": Collection}
