import hashlib

import numpy as np
import pytest
import torch
from scipy.io import savemat
from torchvision.datasets import Flowers102

from jupyter_classgame.data import DataSpec, load_images
from jupyter_classgame.errors import DataError


@pytest.fixture
def root(tmp_path, monkeypatch, draw):
    """The flowers' layout with 1, 1 and 2 photographs of each of the 102 kinds."""
    folder = tmp_path / "flowers-102"
    labels = np.tile(np.arange(1, 103), 4)
    for number, label in enumerate(labels.tolist(), 1):
        draw(folder / "jpg" / f"image_{number:05d}.jpg", (2 * label, 0, 0), size=(40, 30))
    ids = np.arange(1, len(labels) + 1)
    savemat(folder / "imagelabels.mat", {"labels": labels[None]})
    savemat(
        folder / "setid.mat",
        {"trnid": ids[None, :102], "valid": ids[None, 102:204], "tstid": ids[None, 204:]},
    )
    known = dict(Flowers102._file_dict)
    for key in ("label", "setid"):
        name = known[key][0]
        digest = hashlib.md5((folder / name).read_bytes()).hexdigest()  # noqa: S324
        known[key] = (name, digest)
    monkeypatch.setattr(Flowers102, "_file_dict", known)
    return tmp_path


def test_the_published_split_is_taken_as_it_is(root):
    sets = load_images(DataSpec("flowers102", root=root, image_size=(16, 16)), memory_cap=10**9)
    assert len(sets.classes) == 102
    assert (sets.classes[0], sets.classes[-1]) == ("pink primrose", "blackberry lily")
    assert [len(part) for part in (sets.train, sets.val, sets.test)] == [102, 102, 204]
    assert sets.train.labels.tolist() == list(range(102))
    reds = sets.test.images(range(102))[:, 0].float().mean(dim=(1, 2))
    assert (reds - 2 * torch.arange(1, 103)).abs().max() < 4


def test_a_missing_photograph_is_named(root):
    (root / "flowers-102" / "jpg" / "image_00003.jpg").unlink()
    with pytest.raises(DataError, match=r"^1 image cannot be read: .*image_00003\.jpg \(No such"):
        load_images(DataSpec("flowers102", root=root), memory_cap=10**9)


def test_offline_one_line_says_which_files_go_where(tmp_path, offline):
    with pytest.raises(DataError) as caught:
        load_images(DataSpec("flowers102", root=tmp_path), memory_cap=10**9)
    assert f"not complete in {tmp_path / 'flowers-102'} and" in str(caught.value)
    assert "put 102flowers.tgz, imagelabels.mat, setid.mat from https://" in str(caught.value)


def test_the_files_named_are_those_torchvision_wants():
    from jupyter_classgame.data.sources import flowers102

    assert tuple(name for name, _ in Flowers102._file_dict.values()) == flowers102.FILES
    assert Flowers102._download_url_prefix == flowers102.URL
