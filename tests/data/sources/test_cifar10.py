import hashlib
import io
import pickle
import tarfile

import numpy as np
import pytest
from torchvision.datasets import CIFAR10

from jupyter_classgame.data import DataSpec, load_images
from jupyter_classgame.errors import DataError

NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


class OldPickler(pickle._Pickler):
    """Spell NumPy's types as the files of 2009 do: with 0 and 1 for False and True."""

    def reducer_override(self, value):
        if isinstance(value, np.dtype):
            return np.dtype, ("u1", 0, 1)
        return NotImplemented


def pickled(entry):
    buffer = io.BytesIO()
    OldPickler(buffer, protocol=2).dump(entry)
    return buffer.getvalue()


def md5(content):
    return hashlib.md5(content).hexdigest()  # noqa: S324 - torchvision checks with it


@pytest.fixture
def files(monkeypatch):
    """The files of CIFAR-10 with 30 images each, and the test images; checksums made known."""
    random = np.random.default_rng(0)
    contents = {"batches.meta": pickled({"label_names": NAMES})}
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        data = random.integers(0, 256, (30, 3072), np.uint8)
        contents[name] = pickled({"data": data, "labels": [*range(10)] * 3})
    for known in ("train_list", "test_list"):
        listed = [[name, md5(contents[name])] for name, _ in getattr(CIFAR10, known)]
        monkeypatch.setattr(CIFAR10, known, listed)
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5(contents["batches.meta"])})
    return contents, data


def check(sets, test_images):
    assert sets.classes == tuple(NAMES)
    assert sets.image_size == (32, 32)
    assert [len(part) for part in (sets.train, sets.val, sets.test)] == [120, 30, 30]
    assert (sets.test.images(range(30)).numpy().reshape(30, 3072) == test_images).all()
    assert sets.test.labels.tolist() == [*range(10)] * 3


def test_the_unpacked_files_are_read(files, tmp_path):
    for name, content in files[0].items():
        path = tmp_path / CIFAR10.base_folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    check(load_images(DataSpec("cifar10", root=tmp_path), memory_cap=10**9), files[1])


def test_the_archive_put_there_by_hand_is_unpacked(files, tmp_path, monkeypatch):
    archive = tmp_path / CIFAR10.filename
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in files[0].items():
            entry = tarfile.TarInfo(f"{CIFAR10.base_folder}/{name}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5(archive.read_bytes()))
    check(load_images(DataSpec("cifar10", root=tmp_path), memory_cap=10**9), files[1])


def test_offline_one_line_says_which_file_goes_where(tmp_path, offline):
    root = tmp_path / "sets"
    with pytest.raises(DataError) as caught:
        load_images(DataSpec("cifar10", root=root), memory_cap=10**9)
    message = str(caught.value)
    assert message.startswith(f"CIFAR-10 is not complete in {root} and cannot be downloaded (")
    assert f"put cifar-10-python.tar.gz from {CIFAR10.url} into that folder" in message
    assert "\n" not in message
    assert root.is_dir()
