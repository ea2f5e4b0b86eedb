import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from jupyter_classgame.data import DataSpec, GameDataset, fast_loader_for, load_images, make_loader
from jupyter_classgame.data.feed import device_images
from jupyter_classgame.data.feed.batch_builder import mixes_anywhere
from jupyter_classgame.data.feed.batch_order import BatchIndices
from jupyter_classgame.data.feed.device_images import DeviceImages
from jupyter_classgame.data.feed.prefetch import prefetch_one

META = torch.device("meta")  # stands for an accelerator


@pytest.fixture(scope="module")
def sets():
    return load_images(DataSpec("digits"), (8, 8), memory_cap=10**9)


def order(*batches):
    return [BatchIndices(number, *[np.array(batch)] * 3) for number, batch in enumerate(batches)]


def test_images_are_gathered_on_the_cpu(sets):
    images = DeviceImages(sets.train, torch.device("cpu"))
    (_, first), (_, none) = images.batches(order([4, 2], [1]), lambda batch: batch.number == 0)
    assert torch.equal(first, sets.train.images([4, 2]))
    assert none is None


@pytest.mark.parametrize(("free", "placed_there"), [(0, False), (10**9, True)])
def test_images_are_placed_where_they_fit(sets, monkeypatch, free, placed_there):
    monkeypatch.setattr(device_images, "free_memory", lambda device: free)
    images = DeviceImages(sets.train, META)
    assert (images.pixels is not None) == placed_there
    ((_, batch),) = images.batches(order([4, 2]), lambda batch: True)
    assert (batch.device, batch.shape, batch.dtype) == (META, (2, 3, 8, 8), torch.uint8)


def as_it_is(images, labels):
    assert images.device.type == "cpu"  # as by hand: it may call .numpy()
    return images, labels


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("mix", [None, v2.MixUp(num_classes=10), as_it_is])
@pytest.mark.parametrize(
    "transform", [None, v2.RandomRotation(9), v2.Compose([lambda image: image, v2.Resize(8)])]
)
def test_batches_come_out_on_the_device(sets, transform, mix, split):
    loader = make_loader(GameDataset.of(sets, split, 0.2, transform), batch_transform=mix)
    for number in range(2):
        batches = list(fast_loader_for(loader).batches(META, 0, number, channels_last=True))
        assert len(batches) == len(loader)
        for images, labels in batches:
            assert images.device == labels.device == META
            assert images.shape[1:] == (3, 8, 8)
            assert images.is_contiguous(memory_format=torch.channels_last)


def test_what_mixes_on_any_device_is_told_apart():
    mix, cut = v2.MixUp(num_classes=3), v2.CutMix(num_classes=3)
    assert mixes_anywhere(v2.RandomChoice([mix, v2.Compose([cut, v2.Identity()])]))
    assert not mixes_anywhere(v2.RandomChoice([mix, as_it_is]))
    assert not mixes_anywhere(type("Mine", (v2.MixUp,), {})(num_classes=3))


def test_one_is_taken_ahead():
    taken = []
    items = prefetch_one(taken.append(n) or n for n in range(3))
    assert [(item, list(taken)) for item in items] == [(0, [0, 1]), (1, [0, 1, 2]), (2, [0, 1, 2])]
    assert list(prefetch_one([])) == []
    assert list(prefetch_one([7])) == [7]
