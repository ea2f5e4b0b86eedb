"""Caches of a dataset hide neither its images from the referee nor what it left from a run."""

import functools

import pytest
import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from jupyter_classgame.referee.augmentation.random_effects import observe_effects
from jupyter_classgame.referee.loader.reachable_images import find_reachable_images

BASE = TensorDataset(torch.rand(80, 3, 16, 16), torch.arange(80) % 10)


class Kept(Dataset):
    def __init__(self, make, read=0):
        self.base, self.items = BASE, make(len(BASE))
        for index in range(read):
            self[index]

    def __len__(self):
        return len(self.base)

    def __getitem__(self, index):
        kept = self.items.get(index) if isinstance(self.items, dict) else self.items[index]
        if kept is None:
            kept = self.items[index] = self.base[index]
        return kept


class Flagged(Kept):
    """Keeps images in an array, and which of them are there in another one."""

    def __init__(self, read=0):
        self.there = torch.zeros(len(BASE), dtype=torch.bool)
        super().__init__(lambda count: torch.zeros(count, 3, 16, 16), read)

    def __getitem__(self, index):
        if not self.there[index]:
            self.items[index], self.there[index] = self.base[index][0], True
        return self.items[index], int(self.base[index][1])


class Remembered(Kept):
    @functools.cache  # noqa: B019 - as many do
    def __getitem__(self, index):
        return self.base[index]


def a_list(count):
    return [None] * count


KINDS = {
    "a list": lambda: Kept(a_list),
    "a list, half filled": lambda: Kept(a_list, 40),
    "a list, filled": lambda: Kept(a_list, 80),
    "a dictionary": lambda: Kept(lambda _: {}),
    "a dictionary, filled": lambda: Kept(lambda _: {}, 80),
    "an array": Flagged,
    "an array, filled": lambda: Flagged(80),
    "a function": lambda: Remembered(a_list),
    "a function, filled": lambda: Remembered(a_list, 80),
}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def dataset(request):
    return request.param()


def test_probe_images_get_through(dataset):
    loader = DataLoader(dataset, batch_size=16, shuffle=True)
    effects, random, reached = observe_effects(loader, "train_loader")
    assert (effects, random, reached) == ({}, False, True)


def test_each_image_is_counted_once_and_read_as_before(dataset):
    loader = DataLoader(dataset, batch_size=16, shuffle=True)
    assert len(set(find_reachable_images(loader).keys)) == len(BASE)
    labels = torch.tensor([int(dataset[index][1]) for index in range(len(dataset))])
    assert labels.tolist() == BASE.tensors[1].tolist()


class InChunks(Kept):
    """Reads ten images at once and keeps them until another one is asked for."""

    def __init__(self):
        self.base, self.number, self.chunk = BASE, -1, []

    def __getitem__(self, index):
        if index // 10 != self.number:
            self.number = index // 10
            self.chunk = [self.base[k] for k in range(self.number * 10, self.number * 10 + 10)]
        return self.chunk[index % 10]


def test_images_that_are_read_in_chunks_are_counted_once():
    assert len(find_reachable_images(DataLoader(InChunks(), batch_size=8)).keys) == len(BASE)
