from itertools import pairwise

import numpy as np
import pytest

from jupyter_classgame.data.images.source_pictures import (
    ArrayPictures,
    Collection,
    FilePictures,
    LabelledPictures,
)
from jupyter_classgame.data.splits import fraction_indices, split_parts, stratified_split
from jupyter_classgame.errors import DataError

LABELS = np.repeat(np.arange(3), [10, 50, 100])


def part(labels):
    array = np.zeros((len(labels), 1, 1, 3), np.uint8)
    array[:, 0, 0, 0] = np.arange(len(labels))
    return LabelledPictures(ArrayPictures(array, "numbers"), np.asarray(labels, np.int64))


def collection(train, val=None, test=None):
    return Collection("numbers", ("a", "b", "c"), train, val, test, (8, 8))


def numbers(part):
    return part.pictures.array[:, 0, 0, 0].tolist()


def test_a_fifth_of_every_class_is_cut_off():
    rest, cut = stratified_split(LABELS, 0.2, seed=0)
    assert np.bincount(LABELS[cut]).tolist() == [2, 10, 20]
    assert sorted([*rest, *cut]) == list(range(160))
    assert sorted(rest) == rest.tolist()


def test_each_side_keeps_one_of_every_class():
    labels = np.array([0, 0, 1, 1, 1, 2, 2])
    for share in (0.01, 0.99):
        for side in stratified_split(labels, share, seed=0):
            assert set(labels[side]) == {0, 1, 2}


def test_the_split_is_the_same_on_every_machine():
    _, cut = stratified_split(np.repeat([0, 1], 10), 0.2, seed=1)
    assert cut.tolist() == [2, 9, 15, 19]


def copies_in(array):
    """Every fifth picture is a copy of the one before it."""
    array[1::5] = array[0::5]
    return array


def test_copies_stay_on_one_side():
    whole = part(LABELS)
    whole = LabelledPictures(
        ArrayPictures(copies_in(whole.pictures.array.copy()), "copies"), LABELS
    )
    train, val, test = (set(numbers(piece)) for piece in split_parts(collection(whole)))
    assert not train & val
    assert not train & test
    assert not val & test
    plain, moved = (
        stratified_split(LABELS, 0.2, seed=1, originals=originals)
        for originals in (np.arange(160), whole.pictures.originals())
    )
    assert plain[1].tolist() == stratified_split(LABELS, 0.2, seed=1)[1].tolist()
    assert plain[1].tolist() != moved[1].tolist()


def test_a_class_of_copies_alone_is_on_every_side():
    array = np.zeros((6, 1, 1, 3), np.uint8)
    array[3:] = 1
    labels = np.repeat([0, 1], 3)
    same = LabelledPictures(ArrayPictures(array, "two pictures"), labels)
    for piece in split_parts(Collection("two", ("a", "b"), same, None, None, (8, 8))):
        assert piece.labels.tolist() == [0, 1]


def test_copies_of_files_are_known_by_their_bytes(tmp_path):
    contents = [b"one", b"two", b"three", b"one", b"tow", b"three"]
    paths = [tmp_path / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    paths.append(tmp_path / "gone")
    originals = FilePictures([str(path) for path in paths]).originals()
    assert originals.tolist() == [0, 1, 2, 0, 4, 2, 6]


def test_nothing_is_cut_where_all_parts_are_there():
    parts = part(LABELS), part([0, 1, 2]), part([2, 1, 0])
    assert split_parts(collection(*parts)) == parts


def test_validation_comes_from_training():
    test = part([0, 1, 2])
    train, val, same = split_parts(collection(part(LABELS), test=test))
    assert same is test
    assert np.bincount(val.labels).tolist() == [2, 10, 20]
    assert sorted(numbers(train) + numbers(val)) == list(range(160))


def test_test_comes_from_training():
    val = part([0, 1, 2])
    train, same, test = split_parts(collection(part(LABELS), val=val))
    assert same is val
    assert np.bincount(test.labels).tolist() == [2, 10, 20]
    assert sorted(numbers(train) + numbers(test)) == list(range(160))


def test_test_comes_before_validation():
    train, val, test = split_parts(collection(part(LABELS)))
    assert np.bincount(test.labels).tolist() == [2, 10, 20]
    assert np.bincount(val.labels).tolist() == [2, 8, 16]
    assert sorted(numbers(train) + numbers(val) + numbers(test)) == list(range(160))
    for piece in (train, val, test):
        assert (LABELS[numbers(piece)] == piece.labels).all()


def test_three_images_are_enough_for_three_parts():
    for piece in split_parts(collection(part([0, 0, 0, 1, 1, 1, 2, 2, 2]))):
        assert piece.labels.tolist() == [0, 1, 2]


def test_a_class_with_too_few_images_is_named():
    with pytest.raises(
        DataError, match=r"class 'b' of numbers has 2 training images; .* at least 3"
    ):
        split_parts(collection(part([0, 0, 0, 1, 1, 2, 2, 2])))
    with pytest.raises(DataError, match=r"class 'c' .* 1 training image; .*least 2, since val"):
        split_parts(collection(part([0, 0, 0, 1, 1, 2]), test=part([0, 1, 2])))


def test_fractions_are_nested_and_stratified():
    subsets = [fraction_indices(LABELS, fraction) for fraction in (0.05, 0.1, 0.3, 0.7, 0.95, 1)]
    for smaller, larger in pairwise(subsets):
        assert set(smaller) < set(larger)
    assert np.bincount(LABELS[subsets[3]]).tolist() == [7, 35, 70]
    assert subsets[-1].tolist() == list(range(160))
    assert set(LABELS[fraction_indices(LABELS, 1e-9)]) == {0, 1, 2}


def test_a_fraction_is_spread_over_the_class():
    chosen = fraction_indices(np.zeros(1000, np.int64), 0.5)
    assert 200 < (chosen < 500).sum() < 300


@pytest.mark.parametrize("fraction", [0, -0.1, 1.01, 70, float("nan"), "0.7", None, True])
def test_a_bad_fraction_is_refused(fraction):
    with pytest.raises(DataError, match="fraction must be a number above 0 and at most 1, not"):
        fraction_indices(LABELS, fraction)
