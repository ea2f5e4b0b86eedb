import numpy as np
import pytest

from jupyter_classgame.data import DataSpec, load_images, sample_sheet
from jupyter_classgame.errors import DataError


@pytest.fixture
def sets(tmp_path, fill):
    spec = DataSpec("folder", fill(tmp_path, ant=3, bee=30))
    return load_images(spec, (8, 10), memory_cap=10**9)


def test_every_class_is_there(sets):
    sheet = sample_sheet(sets)
    assert sheet.title == "One training image of each class"
    assert sheet.labels == ["ant", "bee"]
    assert sheet.classes == ("ant", "bee")
    for image, label in zip(sheet.images, (0, 1), strict=True):
        assert image.shape == (8, 10, 3)
        assert image.dtype == np.uint8
        number = int(np.flatnonzero(sets.train.labels == label)[0])
        assert (image == sets.train.image(number).permute(1, 2, 0).numpy()).all()


def test_a_small_class_gives_what_it_has(sets):
    sheet = sample_sheet(sets, 3)
    assert sheet.labels == ["ant", "bee", "bee", "bee"]
    assert sheet.title == "3 training images of each class"


def test_the_repr_is_one_line(sets):
    assert repr(sample_sheet(sets)) == "SampleSheet(One training image of each class: ant, bee)"


@pytest.mark.parametrize("per_class", [0, -1, 1.5, "2", True])
def test_a_bad_count_is_refused(sets, per_class):
    with pytest.raises(DataError, match="per_class must be a whole number of at least 1, not"):
        sample_sheet(sets, per_class)
