import numpy as np
import pytest
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, Subset, WeightedRandomSampler

from jupyter_classgame.data import DataSpec, GameDataset, load_images, make_loader
from jupyter_classgame.data.feed.batch_order import REPEAT_OFFSET, batch_indices, game_dataset


@pytest.fixture(scope="module")
def data():
    return GameDataset.of(load_images(DataSpec("digits"), (8, 8), memory_cap=10**9), "train", 0.2)


def options_of(kind, count):
    generator = torch.Generator().manual_seed(4)
    return {
        "shuffled": {"batch_size": 32, "shuffle": True},
        "in order": {"batch_size": 50, "shuffle": False, "drop_last": True},
        "own generator": {"batch_size": 32, "shuffle": True, "generator": generator},
        "weighted": {"batch_size": 32, "sampler": WeightedRandomSampler([1.0] * count, 70)},
        "replaced": {"batch_size": 9, "sampler": RandomSampler(range(count), replacement=True)},
        "batches": {"batch_sampler": BatchSampler(RandomSampler(range(count)), 16, False)},
        "a list": {"batch_sampler": [[3, 1], [7, 7, 0]]},
        "workers": {"batch_size": 32, "shuffle": True, "num_workers": 1},
    }[kind]


KINDS = ["shuffled", "in order", "own generator", "weighted", "replaced", "batches", "a list",
         "workers"]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_is_the_loaders_own(data, kind):
    count = len(data)
    by_hand = DataLoader(range(count), **options_of(kind, count))
    loader = make_loader(data, **options_of(kind, count))
    for _ in range(2):
        torch.manual_seed(6)
        expected = [batch.tolist() for batch in by_hand]
        after = torch.get_rng_state()
        torch.manual_seed(6)
        found = list(batch_indices(loader))
        assert [batch.positions.tolist() for batch in found] == expected
        assert torch.equal(torch.get_rng_state(), after)
        assert [batch.number for batch in found] == list(range(len(expected)))
        for batch in found:
            assert (batch.images == data.indices[batch.positions]).all()


def test_an_image_has_one_address_an_epoch_until_it_comes_again(data):
    loader = make_loader(data, shuffle=True)
    for batch in batch_indices(loader):
        assert (batch.addresses == batch.images).all()
    loader = make_loader(data, batch_sampler=[[3, 1, 3], [4, 3], [1, 3, 3, 1]])
    images = data.indices
    expected = [
        [images[3], images[1], images[3] + REPEAT_OFFSET],
        [images[4], images[3] + 2 * REPEAT_OFFSET],
        [
            images[1] + REPEAT_OFFSET,
            images[3] + 3 * REPEAT_OFFSET,
            images[3] + 4 * REPEAT_OFFSET,
            images[1] + 2 * REPEAT_OFFSET,
        ],
    ]
    for _ in range(2):
        assert [batch.addresses.tolist() for batch in batch_indices(loader)] == expected


def test_subsets_are_looked_into(data):
    subset = Subset(Subset(data, [8, 6, 4, 2]), [3, 0])
    assert game_dataset(data) == (data, None)
    inner, places = game_dataset(subset)
    assert inner is data
    assert places.tolist() == [2, 8]
    (batch,) = batch_indices(make_loader(subset, batch_size=5))
    assert batch.positions.tolist() == [2, 8]
    assert (batch.images == data.indices[[2, 8]]).all()


def test_other_datasets_are_none_of_the_games(data):
    class Mine(GameDataset):
        pass

    mine = Mine(data.source)
    for other in (mine, range(5), Subset(range(5), [1]), torch.utils.data.ConcatDataset([data])):
        assert game_dataset(other)[0] is None
    changed = GameDataset(data.source)
    changed.__getitems__ = lambda indices: []
    assert game_dataset(changed)[0] is None
    with pytest.raises(TypeError):
        next(batch_indices(DataLoader(range(5))))


def test_negative_positions_count_from_the_end(data):
    (batch,) = batch_indices(make_loader(data, batch_sampler=[[-1, 0]]))
    assert batch.images.dtype == np.int64
    assert batch.images.tolist() == [data.indices[-1], data.indices[0]]
