import pickle

import numpy as np
import pytest
import torch

from jupyter_classgame.data.images.image_sets import ImageSets, LazyImages, ResidentImages
from jupyter_classgame.data.images.picture_reader import read_pictures
from jupyter_classgame.data.images.source_pictures import FilePictures
from jupyter_classgame.errors import DataError

LABELS = np.arange(6)


@pytest.fixture
def pictures(tmp_path, draw):
    return FilePictures([str(draw(tmp_path / f"{index}.png", index)) for index in range(6)])


@pytest.fixture
def resident(pictures):
    pixels = read_pictures([pictures], (9, 8), keep=True)[0].pixels
    return ResidentImages(torch.from_numpy(pixels), LABELS)


@pytest.fixture
def lazy(pictures):
    return LazyImages(pictures, LABELS, (9, 8))


def test_both_give_the_same_images(resident, lazy):
    for source in (resident, lazy):
        assert len(source) == 6
        assert source.image(3).shape == (3, 9, 8)
        assert source.image(3).dtype == torch.uint8
        assert source.images([]).shape == (0, 3, 9, 8)
        for indices in ([5, 0, 0], np.array([5, 0, 0]), torch.tensor([5, 0, 0])):
            batch = source.images(indices)
            assert batch.is_contiguous()
            assert torch.equal(batch[0], resident.image(5))
            assert torch.equal(batch[1], batch[2])
    assert torch.equal(lazy.images(range(6)), resident.pixels)


def test_a_batch_is_a_copy(resident):
    before = resident.pixels.clone()
    resident.images([0, 1]).zero_()
    assert torch.equal(resident.pixels, before)


def test_both_can_be_pickled(resident, lazy):
    for source in (resident, lazy):
        again = pickle.loads(pickle.dumps(source))  # noqa: S301
        assert torch.equal(again.images([1, 2]), source.images([1, 2]))


def test_a_file_that_goes_missing_is_named(lazy, tmp_path):
    (tmp_path / "2.png").unlink()
    (tmp_path / "3.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"2\.png \(No such file or directory\)"):
        lazy.image(2)
    with pytest.raises(DataError, match=r"3\.png \(empty file\)"):
        lazy.images([0, 3])


def test_reprs_are_one_short_line(resident, lazy):
    assert repr(resident) == "ResidentImages(6 images, 0.0 MB)"
    assert repr(lazy) == "LazyImages(6 images, decoded as needed)"
    sets = ImageSets(("a", "b"), (9, 8), resident, lazy, lazy, "ab12")
    assert repr(sets) == "ImageSets(6 train, 6 val, 6 test images of 9x8, 2 classes)"
