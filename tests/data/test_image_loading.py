import os
import shutil

import numpy as np
import pytest
import torch

from jupyter_classgame.data import DataSpec, image_loading, load_images
from jupyter_classgame.data.images.image_sets import LazyImages, ResidentImages
from jupyter_classgame.errors import DataError

CAP = 10**9


@pytest.fixture
def folder(tmp_path, fill):
    return fill(tmp_path / "pets", cat=5, dog=10)


@pytest.fixture
def spec(folder):
    return DataSpec("folder", folder)


def counts(sets):
    return [np.bincount(part.labels).tolist() for part in (sets.train, sets.val, sets.test)]


def test_a_folder_becomes_three_parts_at_64x64(spec):
    sets = load_images(spec, memory_cap=CAP)
    assert sets.classes == ("cat", "dog")
    assert sets.image_size == (64, 64)
    assert counts(sets) == [[3, 6], [1, 2], [1, 2]]
    assert sets.train.image(0).shape == (3, 64, 64)
    assert sets.notes == ()


def test_the_size_asked_for_comes_before_the_packs(folder):
    spec = DataSpec("folder", folder, image_size=(16, 24))
    assert load_images(spec, memory_cap=CAP).train.image(0).shape == (3, 16, 24)
    assert load_images(spec, (8, 9), memory_cap=CAP).train.image(0).shape == (3, 8, 9)


@pytest.mark.parametrize("size", [(0, 64), (64, -1), (64, 4096), (64,), (6.4, 64), "64", 64])
def test_a_bad_size_is_refused(spec, size):
    with pytest.raises(DataError, match="image size must be two whole numbers"):
        load_images(spec, size, memory_cap=CAP)


def test_above_the_cap_images_are_decoded_as_needed(spec):
    needed = 15 * 3 * 8 * 8
    kept = load_images(spec, (8, 8), memory_cap=needed)
    lazy = load_images(spec, (8, 8), memory_cap=needed - 1)
    assert isinstance(kept.train, ResidentImages)
    assert isinstance(lazy.train, LazyImages)
    assert torch.equal(kept.train.images(range(9)), lazy.train.images(range(9)))
    assert kept.fingerprint == lazy.fingerprint
    assert [("decoded as needed" in note) for note in lazy.notes] == [True]


def test_broken_images_are_reported_before_training(spec, folder):
    (folder / "dog" / "004.png").write_bytes(b"")
    for cap in (CAP, 0):
        with pytest.raises(DataError, match=r"^1 image cannot be read: .*004\.png \(empty file\)"):
            load_images(spec, memory_cap=cap)


def test_a_second_game_decodes_nothing(spec, folder):
    calls = []

    def progress(done, total):
        calls.append((done, total))

    first = load_images(spec, memory_cap=CAP, progress=progress)
    assert calls[-1] == (15, 15)
    calls.clear()
    assert load_images(spec, memory_cap=CAP, progress=progress) is first
    assert calls == []
    assert load_images(spec, (32, 32), memory_cap=CAP) is not first

    path = folder / "cat" / "000.png"
    os.utime(path, ns=(1, 1))
    assert load_images(spec, memory_cap=CAP, progress=progress) is not first
    assert calls[-1] == (15, 15)


def test_memory_is_bounded_by_the_cap(spec):
    cap = 15 * 3 * (64 * 64 + 16 * 16)
    first = load_images(spec, (64, 64), memory_cap=cap)
    second = load_images(spec, (16, 16), memory_cap=cap)
    assert load_images(spec, (64, 64), memory_cap=cap) is first
    load_images(spec, (8, 8), memory_cap=cap)
    assert load_images(spec, (64, 64), memory_cap=cap) is first
    assert load_images(spec, (16, 16), memory_cap=cap) is not second
    assert len(image_loading._cache) <= 2


def test_the_fingerprint_is_of_the_content(spec, folder, tmp_path, draw):
    first = load_images(spec, memory_cap=CAP).fingerprint
    assert load_images(spec, (8, 8), memory_cap=CAP).fingerprint == first

    copy = shutil.copytree(folder, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    assert load_images(DataSpec("folder", copy), memory_cap=CAP).fingerprint == first

    (copy / "cat").rename(copy / "cow")
    assert load_images(DataSpec("folder", copy), memory_cap=CAP).fingerprint != first
    (copy / "cow").rename(copy / "cat")
    draw(copy / "dog" / "003.png", (1, 2, 3))
    assert load_images(DataSpec("folder", copy), memory_cap=CAP).fingerprint != first


def test_the_same_images_split_otherwise_have_another_fingerprint(tmp_path, fill):
    prints = {
        load_images(
            DataSpec("folder", fill(tmp_path / name / "x", a=3, b=3).parent), memory_cap=CAP
        ).fingerprint
        for name in ("one", "two")
    }
    shutil.copytree(tmp_path / "one" / "x", tmp_path / "one" / "y")
    spec = DataSpec("folder", tmp_path / "one", splits=("x", "y"))
    prints.add(load_images(spec, memory_cap=CAP).fingerprint)
    assert len(prints) == 2


def test_the_number_of_sets_is_bounded_where_they_are_decoded_on_demand(spec):
    first = load_images(spec, (8, 8), memory_cap=0)
    for side in range(9, 9 + image_loading.MAX_CACHED):
        load_images(spec, (side, side), memory_cap=0)
    assert len(image_loading._cache) == image_loading.MAX_CACHED
    assert load_images(spec, (8, 8), memory_cap=0) is not first
