import pytest
import torch
from helpers.batches import same
from torchvision.transforms import v2

from jupyter_classgame.data import DataSpec, GameDataset, fast_loader_for, load_images, make_loader
from jupyter_classgame.data.feed import batch_cache

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sets():
    return load_images(DataSpec("digits"), (8, 8), memory_cap=10**9)


def doubled(images, labels):
    return images * 2, labels


@pytest.fixture
def counted(monkeypatch):
    """Count the batches that are transformed."""
    made = []
    original = batch_cache.BatchBuilder.images

    def images(self, indices, pixels):
        made.append(indices.number)
        return original(self, indices, pixels)

    monkeypatch.setattr(batch_cache.BatchBuilder, "images", images)
    return made


def val_loader(sets, transform, **options):
    return make_loader(GameDataset.of(sets, "val", transform=transform), batch_size=64, **options)


def test_validation_images_are_made_once(sets, counted):
    loader = val_loader(sets, v2.Normalize([0.5] * 3, [0.2] * 3))
    expected = [tuple(batch) for batch in loader]
    feed = fast_loader_for(loader)
    for number in range(3):
        assert same(list(feed.batches(CPU, 0, number)), expected)
    assert counted == list(range(len(loader)))


def test_images_that_are_not_kept_are_decoded_once_for_validation(lazy, monkeypatch):
    loader = make_loader(GameDataset.of(lazy, "val"), batch_size=4)
    feed = fast_loader_for(loader)
    expected = [tuple(batch) for batch in loader]
    assert same(list(feed.batches(CPU, 0, 1)), expected)
    monkeypatch.setattr(lazy.val, "decode_into", None)  # nothing more is decoded
    assert same(list(feed.batches(CPU, 0, 2)), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda loader: loader.dataset.transform.mean.__setitem__(0, 0.1),
        lambda loader: setattr(loader.dataset, "transform", None),
        lambda loader: setattr(loader.dataset, "transform", v2.Normalize([0.5] * 3, [0.3] * 3)),
        lambda loader: setattr(loader.dataset, "transform", lambda image: image * 3),
        lambda loader: loader.dataset.indices.__setitem__(slice(0, 5), 9),
        lambda loader: loader.dataset.labels.__setitem__(slice(0, 5), 9),
    ],
)
def test_what_changes_validation_images_makes_them_anew(sets, change):
    loader = val_loader(sets, v2.Normalize([0.5] * 3, [0.2] * 3))
    feed = fast_loader_for(loader)
    before = list(feed.batches(CPU, 0, 1))
    change(loader)
    after = list(feed.batches(CPU, 0, 2))
    assert not same(after, before)
    assert same(after, [tuple(batch) for batch in loader])
    assert same(list(feed.batches(CPU, 0, 3)), after)


def test_what_a_model_does_to_its_input_is_not_kept(sets):
    loader = val_loader(sets, v2.Normalize([0.5] * 3, [0.2] * 3))
    expected = [tuple(batch) for batch in loader]
    feed = fast_loader_for(loader)
    for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
        for _ in range(2):
            with mode():
                for place, (images, _) in enumerate(feed.batches(CPU, 0, 1)):
                    assert torch.equal(images, expected[place][0])
                    assert not images.requires_grad
                    images.relu_()
                    if mode is torch.enable_grad:
                        images.requires_grad_()


@pytest.mark.parametrize(
    ("transform", "options"),
    [
        (v2.RandomInvert(), {}),
        (v2.Compose([v2.Normalize([0.5], [1]), lambda image: image]), {}),
        (v2.Normalize([0.5], [1]), {"shuffle": True}),
        (v2.Normalize([0.5], [1]), {"batch_transform": doubled}),
    ],
)
def test_what_may_come_out_differently_is_made_every_time(sets, counted, transform, options):
    loader = val_loader(sets, transform, **options)
    feed = fast_loader_for(loader)
    for number in range(2):
        list(feed.batches(CPU, 0, number))
    assert len(counted) == 2 * len(loader)


def test_no_more_is_kept_than_there_is_room_for(sets, counted, monkeypatch):
    monkeypatch.setattr(batch_cache, "MAX_BYTES", 2 * 64 * 3 * 8 * 8 * 4)
    loader = val_loader(sets, v2.Normalize([0.5], [1]))
    expected = [tuple(batch) for batch in loader]
    feed = fast_loader_for(loader)
    for number in range(3):
        assert same(list(feed.batches(CPU, 0, number)), expected)
    assert counted == [*range(len(loader)), *range(2, len(loader)), *range(2, len(loader))]
