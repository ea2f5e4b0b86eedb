import hashlib

import numpy as np
import pytest

from jupyter_classgame.data import DataSpec, load_images
from jupyter_classgame.data.sources.stl10 import LabelledSTL10
from jupyter_classgame.errors import DataError

NAMES = ["airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck"]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """STL-10's files with 50 and 20 images, column by column as they are; checksums known."""
    random = np.random.default_rng(0)
    folder = tmp_path / LabelledSTL10.base_folder
    folder.mkdir()
    for split, count in (("train", 50), ("test", 20)):
        images = random.integers(0, 256, (count, 3, 96, 96), np.uint8)
        images[:, 0, :48, :] = 200  # red in the upper half
        images.transpose(0, 1, 3, 2).tofile(folder / f"{split}_X.bin")
        (np.arange(count, dtype=np.uint8) % 10 + 1).tofile(folder / f"{split}_y.bin")
        listed = [
            [name, hashlib.md5((folder / name).read_bytes()).hexdigest()]  # noqa: S324
            for name, _ in getattr(LabelledSTL10, f"{split}_list")
        ]
        monkeypatch.setattr(LabelledSTL10, f"{split}_list", listed)
    (folder / "class_names.txt").write_text("\n".join(NAMES))
    return tmp_path


def test_train_and_test_are_read_without_the_unlabelled(root):
    sets = load_images(DataSpec("stl10", root=root), memory_cap=10**9)
    assert sets.classes == tuple(NAMES)
    assert sets.image_size == (96, 96)
    assert [len(part) for part in (sets.train, sets.val, sets.test)] == [40, 10, 20]
    assert sets.test.labels.tolist() == [*range(10)] * 2
    assert (sets.test.image(0)[0, :48] == 200).all()
    assert not (sets.test.image(0)[0, 48:] == 200).all()


def test_images_are_resized_and_decoded_as_needed(root):
    spec = DataSpec("stl10", root=root, image_size=(32, 32))
    sets = load_images(spec, memory_cap=0)
    assert sets.train.images([0, 1]).shape == (2, 3, 32, 32)


def test_missing_class_names_are_told(root):
    (root / LabelledSTL10.base_folder / "class_names.txt").unlink()
    with pytest.raises(DataError, match=r"no stl10_binary/class_names\.txt.*put stl10_binary\.tar"):
        load_images(DataSpec("stl10", root=root), memory_cap=10**9)


def test_offline_one_line_says_which_file_goes_where(tmp_path, offline):
    with pytest.raises(DataError, match=r"STL-10 is not complete in .*put stl10_binary\.tar\.gz"):
        load_images(DataSpec("stl10", root=tmp_path), memory_cap=10**9)
