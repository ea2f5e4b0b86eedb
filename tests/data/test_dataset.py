import pickle

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from jupyter_classgame.data import DataSpec, GameDataset, load_images
from jupyter_classgame.errors import DataError


@pytest.fixture(scope="module")
def sets():
    return load_images(DataSpec("digits"), (8, 8), memory_cap=10**9)


def flipped(image):
    return image.flip(-1)


def test_items_are_floats_with_a_label(sets):
    data = GameDataset.of(sets, "train")
    image, label = data[5]
    assert image.dtype == torch.float32
    assert torch.equal(image, sets.train.image(5) / 255)
    assert type(label) is int
    assert label == sets.train.labels[5]
    assert (image.min(), image.max()) == (0, 1)
    assert torch.equal(data[-1][0], sets.train.image(len(data) - 1) / 255)
    with pytest.raises(IndexError):
        data[len(data)]


def test_a_batch_holds_the_same_items(sets):
    for transform in (None, flipped):
        data = GameDataset.of(sets, "val", 0.5, transform)
        for (image, label), index in zip(data.__getitems__([7, 0, 7]), [7, 0, 7], strict=True):
            assert torch.equal(image, data[index][0])
            assert (type(label), label) == (int, data[index][1])


def test_items_do_not_lead_back_to_the_images(sets):
    before = sets.train.pixels.clone()
    data = GameDataset.of(sets, "train", transform=lambda image: image.mul_(0))
    assert data[0][0].sum() == data.__getitems__([0, 1])[1][0].sum() == 0
    data.labels[:] = 0
    assert torch.equal(sets.train.pixels, before)
    assert sets.train.labels.any()


def test_a_fraction_is_a_subset(sets):
    data = GameDataset.of(sets, "train", 0.7)
    assert len(data) == pytest.approx(0.7 * len(sets.train), abs=10)
    assert (data.labels == sets.train.labels[data.indices]).all()
    assert data.fraction == 0.7
    assert data.split == "train"
    assert data.classes == sets.classes
    assert data.source is sets.train
    assert torch.equal(data[3][0], sets.train.image(int(data.indices[3])) / 255)


def test_transforms_get_the_tensor(sets):
    seen = []

    def look(image):
        seen.append((image.dtype, tuple(image.shape)))
        return image

    _ = GameDataset.of(sets, "train", transform=look)[0]
    assert seen == [(torch.float32, (3, 8, 8))]
    pipeline = v2.Compose([v2.RandomHorizontalFlip(p=1), v2.Resize(12), v2.Grayscale()])
    assert GameDataset.of(sets, "train", transform=pipeline)[0][0].shape == (1, 12, 12)


def to_image(image):
    return v2.functional.to_pil_image(image)


def channels_last(image):
    return image.permute(1, 2, 0)


def flat(image):
    return image.flatten()


def nothing(image):
    pass


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (to_image, "transform to_image returned Image; it must return a tensor of shape"),
        (channels_last, r"transform channels_last returned Tensor\(8, 8, 3\)"),
        (flat, r"transform flat returned Tensor\(192,\)"),
        (nothing, "transform nothing returned NoneType; "),
        (v2.Compose([v2.ToPILImage()]), "transform Compose returned Image; "),
    ],
)
def test_a_transform_that_returns_no_image_is_named(sets, transform, message):
    data = GameDataset.of(sets, "train", transform=transform)
    for ask in (lambda: data[0], lambda: data.__getitems__([0])):
        with pytest.raises(DataError, match=message):
            ask()


def test_an_error_in_a_transform_is_the_players_own(sets):
    def broken(image):
        return image[17]

    with pytest.raises(IndexError):
        GameDataset.of(sets, "train", transform=broken)[0]


def test_a_list_of_transforms_is_refused(sets):
    with pytest.raises(DataError, match=r"not list; chain several with v2\.Compose"):
        GameDataset.of(sets, "train", transform=[flipped])


def test_an_unknown_split_and_a_bad_fraction_are_refused(sets):
    with pytest.raises(DataError, match="no split 'validation'; the splits are 'train' and 'val'"):
        GameDataset.of(sets, "validation")
    with pytest.raises(DataError, match="fraction must be"):
        GameDataset.of(sets, "train", 70)


def test_without_indices_all_images_count(sets):
    data = GameDataset(sets.test, split="test", classes=sets.classes)
    assert len(data) == len(sets.test)
    assert data.indices.dtype == np.int64


def test_it_can_be_pickled(sets):
    data = pickle.loads(pickle.dumps(GameDataset.of(sets, "val", 0.5, flipped)))  # noqa: S301
    original = GameDataset.of(sets, "val", 0.5, flipped)
    assert torch.equal(data[4][0], original[4][0])
    assert repr(data) == repr(original)


def test_the_repr_says_what_it_is(sets):
    data = GameDataset.of(sets, "train", 0.7, v2.Compose([v2.RandomHorizontalFlip()]))
    assert repr(data) == (
        f"GameDataset(train: {len(data)} of 1,151 images, fraction 0.7, 10 classes, "
        "transform: Compose)"
    )
    assert "transform: none" in repr(GameDataset.of(sets, "val"))
