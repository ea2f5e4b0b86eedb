import random

import numpy as np
import pytest
import torch
from helpers.batches import same
from torch import nn
from torch.utils.data import DataLoader, Subset, TensorDataset, default_collate
from torchvision.transforms import v2

from jupyter_classgame.data import DataSpec, GameDataset, fast_loader_for, load_images, make_loader
from jupyter_classgame.data.data_loader import BatchCollate
from jupyter_classgame.errors import DataError

CPU = torch.device("cpu")
TO_FLOAT = v2.ToDtype(torch.float32, scale=True)


@pytest.fixture(scope="module")
def sets():
    return load_images(DataSpec("digits"), (8, 8), memory_cap=10**9)


def epoch(loader, number=1, seed=0, **options):
    return list(fast_loader_for(loader).batches(CPU, seed, number, **options))


def grain(image):
    return image + random.random() + np.random.rand() + torch.rand(())  # noqa: S311


def to_one_hot(images, labels):
    return images * torch.rand(()), nn.functional.one_hot(labels, 10).float()


@pytest.mark.parametrize("options", [{}, {"num_workers": 1}, {"shuffle": False}], ids=str)
@pytest.mark.parametrize("fraction", [1, 0.3])
def test_without_a_transform_it_gives_what_the_loader_gives(sets, options, fraction):
    loader = make_loader(GameDataset.of(sets, "train", fraction), batch_size=50, **options)
    torch.manual_seed(1)
    expected = [tuple(batch) for batch in loader]
    after = torch.get_rng_state()
    torch.manual_seed(1)
    assert same(epoch(loader), expected)
    assert torch.equal(torch.get_rng_state(), after)
    assert len(fast_loader_for(loader)) == len(loader)


def test_images_that_are_not_kept_are_the_same(lazy):
    loader = make_loader(GameDataset.of(lazy, "train"), batch_size=9)
    torch.manual_seed(1)
    expected = [tuple(batch) for batch in loader]
    torch.manual_seed(1)
    assert same(epoch(loader), expected)


@pytest.mark.parametrize(
    "transform",
    [
        v2.Compose([v2.Resize(10), v2.Normalize([0.5] * 3, [0.2] * 3)]),
        lambda image: image * 2,
        v2.Compose([v2.ToPILImage(), v2.Pad(1), v2.ToImage(), TO_FLOAT]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("options", [{}, {"num_workers": 1}], ids=str)
def test_what_is_not_random_is_as_the_loader_gives_it(sets, transform, options):
    loader = make_loader(GameDataset.of(sets, "val", 0.3, transform), batch_size=30, **options)
    assert same(epoch(loader), [tuple(batch) for batch in loader])


def test_labels_and_memory_format(sets):
    loader = make_loader(GameDataset.of(sets, "train"), batch_size=20)
    (images, labels), *_ = epoch(loader, channels_last=True)
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert (images.dtype, images.shape) == (torch.float32, (20, 3, 8, 8))
    assert (labels.dtype, labels.shape) == (torch.int64, (20,))
    plain = epoch(make_loader(loader.dataset, batch_size=20, shuffle=False))
    formatted = epoch(make_loader(loader.dataset, batch_size=20, shuffle=False), channels_last=True)
    assert same(plain, formatted)


RANDOM = {
    "known": v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(15), v2.ColorJitter(0.3)]),
    "unknown": grain,
    "mixed": v2.Compose([v2.RandomRotation(15), grain, v2.RandomErasing()]),
}


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("kind", RANDOM)
def test_an_image_is_drawn_for_by_its_address(sets, kind, workers):
    data = GameDataset.of(sets, "train", 0.1, RANDOM[kind])

    def images(number=1, seed=0, **options):
        loader = make_loader(data, num_workers=workers, **options)
        torch.manual_seed(number + 100 * options.get("batch_size", 0))
        whole = torch.cat([images for images, _ in epoch(loader, number, seed)])
        order = torch.as_tensor(options.get("order", range(len(data))))
        return torch.empty_like(whole).index_copy_(0, order, whole)

    first = images(shuffle=False, batch_size=50)
    assert torch.equal(images(shuffle=False, batch_size=50), first)
    torch.testing.assert_close(images(shuffle=False, batch_size=7), first, atol=1e-6, rtol=0)
    assert not torch.equal(images(shuffle=False, batch_size=50, number=2), first)
    assert not torch.equal(images(shuffle=False, batch_size=50, seed=1), first)
    half = torch.cat(
        [part for part, _ in epoch(make_loader(Subset(data, range(60)), shuffle=False,
                                               num_workers=workers))]
    )  # fmt: skip
    torch.testing.assert_close(half, first[:60], atol=1e-6, rtol=0)


def test_workers_make_no_difference(sets):
    data = GameDataset.of(sets, "train", 0.1, RANDOM["mixed"])
    made = []
    for workers in (0, 1, 2):
        torch.manual_seed(2)
        made.append(epoch(make_loader(data, num_workers=workers)))
    assert same(made[0], made[1])
    assert same(made[0], made[2])


def test_images_drawn_again_in_an_epoch_are_drawn_for_anew(sets):
    data = GameDataset.of(sets, "train", transform=v2.GaussianNoise())
    loader = make_loader(data, batch_sampler=[[5, 5, 6], [5]])
    (first, _), (second, _) = epoch(loader)
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(first[0], second[0])


@pytest.mark.parametrize("transform", [None, grain])
def test_a_batch_transform_is_seeded_by_the_batch(sets, transform):
    data = GameDataset.of(sets, "train", 0.2, transform)
    loader = make_loader(data, shuffle=False, batch_transform=to_one_hot, batch_size=50)
    first = epoch(loader)
    assert first[0][1].shape == (50, 10)
    torch.manual_seed(99)
    assert same(epoch(loader), first)
    assert not same(epoch(loader, 2), first)
    plain = epoch(make_loader(data, shuffle=False, batch_size=50))
    assert same(epoch(loader, mixing=False), plain)
    factors = {
        round(float(images.sum() / before.sum()), 4)
        for (images, _), (before, _) in zip(first, plain, strict=True)
    }
    assert len(factors) == len(first)


def test_torchvisions_mixup(sets):
    data = GameDataset.of(sets, "train", 0.2)
    loader = make_loader(data, batch_transform=v2.MixUp(num_classes=10), shuffle=False)
    torch.manual_seed(0)
    batches = epoch(loader)
    after = torch.get_rng_state()
    torch.manual_seed(0)
    torch.empty((), dtype=torch.int64).random_()  # what starting an epoch takes
    assert torch.equal(torch.get_rng_state(), after)
    assert all(labels.shape[1] == 10 for _, labels in batches)
    assert same(epoch(loader), batches)
    assert not torch.equal(batches[0][0], next(iter(make_loader(data, shuffle=False)))[0])


def test_a_bad_batch_transform_is_named(sets):
    loader = make_loader(GameDataset.of(sets, "val"), batch_transform=lambda images, labels: images)
    with pytest.raises(DataError, match=r"batch_transform .* returned Tensor; it must return two"):
        epoch(loader)


def test_a_bad_transform_is_named(sets):
    loader = make_loader(GameDataset.of(sets, "val", transform=v2.ToPILImage()))
    with pytest.raises(DataError, match="transform ToPILImage returned Image; it must return"):
        epoch(loader)


def test_changes_count_from_the_next_batch_on(sets):
    flip = v2.RandomHorizontalFlip(0)
    data = GameDataset.of(sets, "train", 0.2, flip)
    loader = make_loader(data, batch_size=50, shuffle=False)
    plain = [images for images, _ in make_loader(data, batch_size=50, shuffle=False)]
    batches = fast_loader_for(loader).batches(CPU, 0, 1)
    assert torch.equal(next(batches)[0], plain[0])
    flip.p = 1
    data.labels[50:100] = 3
    images, labels = next(batches)
    assert torch.equal(images, plain[1].flip(-1))
    assert labels.unique().tolist() == [3]
    data.transform = grain
    assert not torch.equal(next(batches)[0], plain[2])


def test_a_parameter_that_cannot_be_fails_as_by_hand(sets):
    crop = v2.RandomCrop(8, padding=1)
    crop.padding = 3  # torchvision takes four numbers here
    loader = make_loader(GameDataset.of(sets, "train", 0.2, crop))
    assert "RandomCrop" in fast_loader_for(loader).notes[0]
    with pytest.raises(TypeError):
        next(iter(loader))
    with pytest.raises(TypeError):
        epoch(loader)


def test_labels_of_ones_own_are_as_the_loader_gives_them(sets):
    data = GameDataset.of(sets, "val", 0.3)
    for labels in (data.labels / 10, data.labels.astype(np.int16), torch.from_numpy(data.labels)):
        data.labels = labels
        loader = make_loader(data, batch_size=30)
        expected = [tuple(batch) for batch in loader]
        assert [labels.dtype for _, labels in epoch(loader)] == [y.dtype for _, y in expected]
        assert same(epoch(loader), expected)


def test_autocast_is_left_to_the_model(sets):
    chain = v2.Compose([v2.GaussianBlur(3), v2.RandomResizedCrop(8), v2.RandomRotation(9)])
    loader = make_loader(GameDataset.of(sets, "train", 0.1, chain), shuffle=False)
    expected = epoch(loader)
    with torch.autocast("cpu", torch.bfloat16):
        assert same(epoch(loader), expected)


def test_notes_name_what_goes_one_by_one(sets):
    def notes(transform):
        return fast_loader_for(
            make_loader(GameDataset.of(sets, "train", transform=transform))
        ).notes

    assert notes(None) == notes(v2.RandomRotation(9)) == ()
    (note,) = notes(v2.Compose([v2.RandomRotation(9), grain, lambda image: image]))
    assert note.startswith("train images go one by one through grain, a lambda, which is slower")


def init(worker):
    pass


def keep(samples):
    return default_collate(samples)


@pytest.mark.parametrize(
    "make",
    [
        lambda data: [1, 2],
        lambda data: DataLoader(TensorDataset(torch.zeros(5))),
        lambda data: make_loader(data, collate_fn=keep),
        lambda data: make_loader(data, collate_fn=keep, batch_transform=to_one_hot),
        lambda data: make_loader(data, num_workers=1, worker_init_fn=init),
        lambda data: DataLoader(data, batch_size=None),
        type("Mine", (DataLoader,), {}),
        lambda data: DataLoader(type("Mine", (GameDataset,), {})(data.source)),
        lambda data: DataLoader(
            data, collate_fn=type("Mine", (BatchCollate,), {})(to_one_hot)
        ),
    ],
)  # fmt: skip
def test_other_loaders_have_no_feed(sets, make):
    assert fast_loader_for(make(GameDataset.of(sets, "train"))) is None
