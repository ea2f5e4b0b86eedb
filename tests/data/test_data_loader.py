import pickle

import pytest
import torch
from torch.nn import functional as F  # noqa: N812 - everybody's name for it
from torch.utils.data import DataLoader, WeightedRandomSampler, default_collate
from torchvision.transforms import v2

from jupyter_classgame.data import DataSpec, GameDataset, load_images, make_loader
from jupyter_classgame.errors import DataError


@pytest.fixture(scope="module")
def sets():
    return load_images(DataSpec("digits"), (8, 8), memory_cap=10**9)


@pytest.fixture(scope="module")
def train(sets):
    return GameDataset.of(sets, "train", 0.2)


@pytest.fixture(scope="module")
def val(sets):
    return GameDataset.of(sets, "val", 0.5)


def one_hot(images, labels):
    return images + 1, F.one_hot(labels, 10).float()


def test_a_class_in_place_of_a_transform_is_named(sets, val):
    with pytest.raises(DataError, match="transform: RandomRotation is a class; make one with"):
        GameDataset.of(sets, "train", 0.2, v2.RandomRotation)
    with pytest.raises(DataError, match=r"batch_transform: MixUp is a class; .* MixUp\(...\)"):
        make_loader(val, batch_transform=v2.MixUp)


def test_it_is_an_ordinary_loader(val):
    loader = make_loader(val, batch_size=50)
    assert type(loader) is DataLoader
    assert loader.dataset is val
    images, labels = next(iter(loader))
    assert images.shape == (50, 3, 8, 8)
    assert images.dtype == torch.float32
    assert labels.tolist() == val.labels[:50].tolist()
    assert sum(len(batch) for batch, _ in loader) == len(val)


def test_only_training_is_shuffled_unless_told(train, val):
    def in_order(loader, data):
        return torch.cat([labels for _, labels in loader]).tolist() == data.labels.tolist()

    assert not in_order(make_loader(train), train)
    assert in_order(make_loader(train, shuffle=False), train)
    assert in_order(make_loader(val), val)
    assert not in_order(make_loader(val, shuffle=True), val)


def test_samplers_take_the_place_of_shuffling(train):
    sampler = WeightedRandomSampler([1.0] * len(train), 7)
    assert len(next(iter(make_loader(train, sampler=sampler)))[1]) == 7
    loader = make_loader(train, batch_sampler=[[0, 1], [2]])
    assert [len(labels) for _, labels in loader] == [2, 1]


def test_a_batch_transform_gets_whole_batches(val):
    images, labels = next(iter(make_loader(val, batch_size=5, batch_transform=one_hot)))
    plain, numbers = next(iter(make_loader(val, batch_size=5)))
    assert torch.equal(images, plain + 1)
    assert torch.equal(labels.argmax(1), numbers)


def test_a_batch_transform_keeps_the_players_collate(val):
    def first_two(samples):
        return default_collate(samples[:2])

    loader = make_loader(val, batch_size=5, batch_transform=one_hot, collate_fn=first_two)
    assert len(next(iter(loader))[1]) == 2


def test_workers_give_the_same_batches(sets, val):
    calm = make_loader(val, batch_size=40, batch_transform=one_hot)
    busy = make_loader(val, batch_size=40, batch_transform=one_hot, num_workers=1)
    for (images, labels), (same, too) in zip(calm, busy, strict=True):
        assert torch.equal(images, same)
        assert torch.equal(labels, too)


def test_workers_decode_what_is_not_kept(tmp_path, fill):
    spec = DataSpec("folder", fill(tmp_path, cat=4, dog=4))
    kept, lazy = (load_images(spec, memory_cap=cap) for cap in (10**9, 0))
    batches = [
        next(iter(make_loader(GameDataset.of(sets, "train"), shuffle=False, num_workers=workers)))
        for sets, workers in ((kept, 0), (lazy, 1), (lazy, 0))
    ]
    assert torch.equal(batches[0][0], batches[1][0])
    assert torch.equal(batches[0][0], batches[2][0])


def test_the_collate_can_be_pickled(val):
    collate = make_loader(val, batch_transform=one_hot).collate_fn
    again = pickle.loads(pickle.dumps(collate))  # noqa: S301
    assert torch.equal(again([val[0]])[1], collate([val[0]])[1])


def only_images(images, labels):
    return images


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, not 0"),
        ({"batch_size": -4}, "not -4"),
        ({"batch_size": 3.5}, r"not 3\.5"),
        ({"batch_size": "32"}, "not '32'"),
        ({"batch_size": None}, "not None"),
        ({"batch_size": True}, "not True"),
        ({"batch_transform": 3}, "batch_transform must be a function of .* not int"),
        ({"wokers": 2}, "these loader options do not work: .*wokers"),
        ({"num_workers": -1}, "these loader options do not work: num_workers"),
        ({"sampler": [1], "shuffle": True}, "these loader options do not work: sampler"),
    ],
)
def test_bad_options_are_refused_in_one_line(val, options, message):
    with pytest.raises(DataError, match=message) as caught:
        make_loader(val, **options)
    assert "\n" not in str(caught.value)


def test_a_batch_transform_that_returns_no_batch_is_named(val):
    with pytest.raises(DataError, match="batch_transform only_images returned Tensor; it must"):
        next(iter(make_loader(val, batch_transform=only_images)))
