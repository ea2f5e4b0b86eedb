import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jupyter_classgame.data import DataSpec, load_images
from jupyter_classgame.errors import DataError
from jupyter_classgame.packs import load_pack


def load(path, splits=None, cap=10**9):
    return load_images(DataSpec("folder", path, (8, 8), splits), memory_cap=cap)


def counts(sets):
    return [np.bincount(part.labels).tolist() for part in (sets.train, sets.val, sets.test)]


def test_bare_class_folders(tmp_path, fill):
    sets = load(fill(tmp_path, dog=20, cat=10, eel=5))
    assert sets.classes == ("cat", "dog", "eel")
    assert counts(sets) == [[6, 13, 3], [2, 3, 1], [2, 4, 1]]


def test_train_val_test_are_taken_as_they_are(tmp_path, fill):
    fill(tmp_path / "train", cat=3, dog=1)
    fill(tmp_path / "val", cat=1, dog=2)
    fill(tmp_path / "test", cat=2, dog=2)
    assert counts(load(tmp_path)) == [[3, 1], [1, 2], [2, 2]]


def test_train_and_test(tmp_path, fill):
    fill(tmp_path / "train", cat=10, dog=5)
    fill(tmp_path / "test", cat=3, dog=4)
    assert counts(load(tmp_path)) == [[8, 4], [2, 1], [3, 4]]


def test_train_and_val(tmp_path, fill):
    fill(tmp_path / "train", cat=10, dog=5)
    fill(tmp_path / "val", cat=3, dog=4)
    assert counts(load(tmp_path)) == [[8, 4], [3, 4], [2, 1]]


def test_train_alone_is_split_as_bare_folders_are(tmp_path, fill):
    fill(tmp_path / "a" / "train", cat=10, dog=5)
    shutil.copytree(tmp_path / "a" / "train", tmp_path / "b")
    one, bare = load(tmp_path / "a"), load(tmp_path / "b")
    assert counts(one) == counts(bare) == [[6, 3], [2, 1], [2, 1]]
    assert one.fingerprint == bare.fingerprint


def test_named_splits(tmp_path, fill):
    fill(tmp_path / "old", cat=10, dog=5)
    fill(tmp_path / "new", cat=3, dog=4)
    assert counts(load(tmp_path, ("new", "old"))) == [[2, 3], [1, 1], [10, 5]]


def test_each_image_keeps_its_class(tmp_path, draw):
    colours = {"blue": (0, 0, 255), "green": (0, 255, 0), "red": (255, 0, 0)}
    for name, colour in colours.items():
        for index, kind in enumerate(("png", "JPG", "webp", "jpeg", "bmp", "gif", "tiff")):
            draw(tmp_path / name / f"{index}.{kind}", colour, size=(20 + index, 30))
    for cap in (10**9, 0):
        sets = load(tmp_path, cap=cap)
        assert sum(map(sum, counts(sets))) == 21
        for part in (sets.train, sets.val, sets.test):
            for index, label in enumerate(part.labels):
                middle = part.image(index)[:, 4, 4].numpy().astype(int)
                assert np.abs(middle - colours[sets.classes[label]]).max() < 8


def test_names_need_not_be_ascii(tmp_path, draw):
    for name in ("Äpfel", "梨"):
        for index in range(3):
            draw(tmp_path / name / f"größe {index} 🍐.png", index)
    assert load(tmp_path).classes == ("Äpfel", "梨")


def test_what_is_not_a_picture_is_skipped_with_a_note(tmp_path, fill):
    fill(tmp_path, cat=3, dog=3)
    (tmp_path / "README.md").write_text("x")
    (tmp_path / "cat" / "notes.txt").write_text("x")
    (tmp_path / "dog" / "photo.heic").write_bytes(b"x")
    (tmp_path / "dog" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "dog" / ".ipynb_checkpoints").mkdir()
    sets = load(tmp_path)
    first = tmp_path / "cat" / "notes.txt"
    photo = tmp_path / "dog" / "photo.heic"
    assert sets.notes == (
        f"1 file skipped: not a picture by its name: {first}",
        f"1 picture skipped: of a kind that is not read (convert it, for example to JPEG): {photo}",
    )


def test_loose_pictures_and_inner_folders_are_noted(tmp_path, fill, draw):
    fill(tmp_path / "train", cat=3, dog=3)
    draw(tmp_path / "cover.png")
    loose = draw(tmp_path / "train" / "stray.png")
    (tmp_path / "train" / "cat" / "more").mkdir()
    assert load(tmp_path).notes == (
        f"2 pictures skipped: in no class folder, the first is {tmp_path / 'cover.png'}",
        f"1 folder skipped: inside a class folder: {tmp_path / 'train' / 'cat' / 'more'}",
    )
    assert loose.exists()


def test_a_corrupt_picture_is_refused(tmp_path, fill):
    fill(tmp_path, cat=3, dog=3)
    (tmp_path / "cat" / "001.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"^1 image cannot be read: .*001\.png \(not an image\); "):
        load(tmp_path)


def test_a_broken_link_is_refused(tmp_path, fill):
    fill(tmp_path, cat=3, dog=3)
    (tmp_path / "cat" / "link.png").symlink_to(tmp_path / "gone.png")
    with pytest.raises(DataError, match=r"1 image cannot be read: .*link\.png \(No such file"):
        load(tmp_path)


def test_links_to_class_folders_are_followed(tmp_path, fill):
    fill(tmp_path / "store", cat=3, dog=3)
    (tmp_path / "game").mkdir()
    for name in ("cat", "dog"):
        (tmp_path / "game" / name).symlink_to(tmp_path / "store" / name)
    assert counts(load(tmp_path / "game")) == [[1, 1], [1, 1], [1, 1]]


def test_empty_class_folders_are_refused(tmp_path, fill):
    fill(tmp_path, cat=3, dog=3, eel=0)
    with pytest.raises(DataError, match=r"^class folder .*eel has no pictures in it; fill or del"):
        load(tmp_path)
    fill(tmp_path, fox=0)
    (tmp_path / "fox" / "notes.txt").write_text("x")
    with pytest.raises(
        DataError,
        match=r"^2 class folders have no pictures .* first is .*eel; .* All 2 are listed in",
    ) as refused:
        load(tmp_path)
    assert refused.value.files == (str(tmp_path / "eel"), str(tmp_path / "fox"))


def test_an_empty_class_in_the_test_split_is_refused(tmp_path, fill):
    fill(tmp_path / "train", cat=3, dog=3)
    fill(tmp_path / "test", cat=3, dog=0)
    with pytest.raises(DataError, match=r"^class folder .*test.dog has no pictures"):
        load(tmp_path)


def test_one_class_is_refused(tmp_path, fill):
    with pytest.raises(DataError, match="has only one class folder, 'cat': "):
        load(fill(tmp_path / "bare", cat=5))
    fill(tmp_path / "split" / "train", cat=5)
    with pytest.raises(DataError, match="train has only one class folder, 'cat': "):
        load(tmp_path / "split")


def test_splits_with_other_classes_are_refused(tmp_path, fill):
    fill(tmp_path / "train", cat=3, dog=3)
    fill(tmp_path / "test", cat=3, dog=3, eel=3)
    with pytest.raises(DataError, match=r"class 'eel' is in .*test but not in .*train; "):
        load(tmp_path)
    fill(tmp_path / "train", eel=3, fox=1)
    with pytest.raises(DataError, match=r"class 'fox' is in .*train but not in .*test; "):
        load(tmp_path)


def test_a_class_too_small_to_share_is_named(tmp_path, fill):
    fill(tmp_path, cat=2, dog=5)
    with pytest.raises(DataError, match=r"class 'cat' of .* has 2 training images; .* at least 3"):
        load(tmp_path)


def test_all_that_differs_and_all_that_is_too_small_is_told_at_once(tmp_path, fill):
    fill(tmp_path / "train", cat=3, dog=3)
    fill(tmp_path / "test", dog=3, eel=3, fox=3)
    with pytest.raises(DataError) as refused:
        load(tmp_path)
    train, test = tmp_path / "train", tmp_path / "test"
    assert str(refused.value) == (
        f"class 'cat' is in {train} but not in {test} and classes 'eel', 'fox' are in {test} "
        f"but not in {train}; every split needs the same class folders."
    )
    assert refused.value.files == tuple(map(str, (train / "cat", test / "eel", test / "fox")))
    with pytest.raises(DataError, match=r"^class 'ape' .* 1 tra.* Too small as well: 'cat'\.$"):
        load(fill(tmp_path / "small", ape=1, cat=2, dog=5))


def photographs(folder, names, brand=b"ftypheic"):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"\0\0\0\x18" + brand + bytes(200))


def test_photographs_of_a_kind_that_is_not_read_are_no_empty_folder(tmp_path, fill):
    fill(tmp_path / "bare", cups=4)
    photographs(tmp_path / "bare" / "plates", [f"IMG_{index}.HEIC" for index in range(10)])
    with pytest.raises(DataError) as refused:
        load(tmp_path / "bare")
    first = tmp_path / "bare" / "plates" / "IMG_0.HEIC"
    assert str(refused.value).startswith(
        f"the 10 files in 'plates' (such as {first}) are not of a kind that is read (HEIC); "
        "convert them, for example to JPEG. All 10 are listed in "
    )
    assert len(refused.value.files) == 10
    for split in ("train", "test"):
        photographs(tmp_path / "split" / split / "cups", ["1.avif"])
        photographs(tmp_path / "split" / split / "plates", ["2.CR2"])
    with pytest.raises(DataError, match=r"the 4 files in .* of a kind that is read \(AVIF, RAW\)"):
        load(tmp_path / "split")


def test_only_files_are_pictures(tmp_path, fill):
    fill(tmp_path, cat=3, dog=3)
    (tmp_path / "cat" / "endless.png").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    (tmp_path / "cat" / "self.png").symlink_to("self.png")
    (tmp_path / "dog" / "loop").symlink_to(tmp_path / "dog")
    with (tmp_path / "dog" / "huge.png").open("wb") as huge:
        huge.truncate(1 << 40)
    for cap in (10**9, 0):
        with pytest.raises(DataError) as refused:
            load(tmp_path, cap=cap)
        listed = Path(str(refused.value).partition("listed in ")[2]).read_text()
        assert "endless.png\ta device, not a file" in listed
        assert "pipe.png\ta pipe, not a file" in listed
        assert "huge.png\tlarger than 512 MB" in listed
        assert "self.png\tToo many levels" in listed


@pytest.mark.parametrize(
    "folders",
    [
        ("training_set/training_set", "test_set/test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("train", "test/test"),
        ("train/images", "test/a/b"),
        ("archive/data/train", "archive/data/valid"),
    ],
)
def test_levels_of_one_folder_are_seen_through_in_splits(tmp_path, fill, folders):
    fill(tmp_path / folders[0], cat=10, dog=5)
    fill(tmp_path / folders[1], cat=3, dog=4)
    sets = load(tmp_path)
    assert sets.classes == ("cat", "dog")
    assert [3, 4] in counts(sets)


@pytest.mark.parametrize("classes", ["archive/inner/{}", "a/a/a/{}", "{0}/{0}", "{}/images"])
def test_levels_of_one_folder_are_seen_through_in_classes(tmp_path, draw, classes):
    for name, count in (("cat", 10), ("dog", 5)):
        for index in range(count):
            draw(tmp_path / classes.format(name) / f"{index}.png", index + count)
    sets = load(tmp_path)
    assert sets.classes == ("cat", "dog")
    assert counts(sets) == [[6, 3], [2, 1], [2, 1]]


def test_where_class_folders_lie_too_deep_such_a_path_is_given(tmp_path, fill):
    for name in ("b/c", "d/e"):
        fill(tmp_path / "a" / name, cat=3, dog=3)
    (tmp_path / "docs" / "x").mkdir(parents=True)
    with pytest.raises(DataError, match=r"lie deeper than in .*; give the fold.* as .*/a/b/c$"):
        load(tmp_path)


def test_one_class_may_be_spelled_in_two_ways(tmp_path, fill):
    counted = {"caf\u00e9": 10, "cafe\u0301": 10, "bar": 20}
    fill(tmp_path, **counted)
    sets = load(tmp_path)
    assert sets.classes == ("bar", "caf\u00e9")
    assert np.sum(counts(sets), axis=0).tolist() == [20, 20]


def test_names_that_no_page_can_hold_are_escaped(tmp_path, fill):
    root = tmp_path / os.fsdecode(b"m\xfcll")
    fill(root, **{os.fsdecode(b"caf\xe9"): 3, "two\nlines": 3})
    sets = load(root)
    assert sets.classes == (r"caf\xe9", r"two\nlines")
    pack = load_pack(root)
    assert (pack.title, pack.data.path) == (r"m\xfcll", root)
    assert pack.summary.isprintable()
    (root / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xff.png")).write_bytes(b"")
    (root / os.fsdecode(b"caf\xe9") / os.fsdecode(b"\xff.txt")).write_bytes(b"")
    with pytest.raises(DataError, match=r"m\\xfcll.caf\\xe9.\\xff\.png \(empty file\)"):
        load(root)


def test_a_path_is_needed():
    with pytest.raises(DataError, match="the data source 'folder' needs a path"):
        load(None)


def test_a_home_folder_may_be_a_tilde(tmp_path, fill, monkeypatch):
    fill(tmp_path / "pets", cat=3, dog=3)
    monkeypatch.setenv("HOME", str(tmp_path))
    spec = DataSpec("folder", type(tmp_path)("~/pets"))
    assert load_images(spec, (8, 8), memory_cap=10**9).classes == ("cat", "dog")


def test_a_16_bit_scan_beside_photographs(tmp_path, fill):
    fill(tmp_path, cat=3, dog=3)
    for index in range(3):
        Image.fromarray(np.full((9, 9), 65535, np.uint16)).save(tmp_path / "dog" / f"00{index}.png")
    sets = load(tmp_path)
    assert (sets.test.image(int(np.flatnonzero(sets.test.labels == 1)[0])) == 255).all()
