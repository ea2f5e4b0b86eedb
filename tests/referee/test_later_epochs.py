"""What a loader, or a criterion, does only after many images, epochs or steps."""

import datetime as dt
import itertools
import random
import time

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, Sampler, TensorDataset

from jupyter_classgame.referee import later_epochs
from jupyter_classgame.referee.facts import CriterionFacts, DataFacts, Effect, Facts
from jupyter_classgame.referee.isolation.clock import put_forward
from jupyter_classgame.referee.later_epochs import LaterFacts, observe_later
from jupyter_classgame.referee.observation import _later
from jupyter_classgame.referee.optimisation.later_losses import observe_later_losses

COUNT, LATE = 40, 300


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    monkeypatch.setattr(later_epochs, "SECONDS", 60.0)  # however slow the machine
    monkeypatch.setattr(later_epochs, "FETCHING", 30.0)


def pictures():
    """Images of some structure, so that they are known again and flips show."""
    generator = torch.Generator().manual_seed(1)
    coarse = torch.rand(COUNT, 3, 4, 4, generator=generator)
    return functional.interpolate(coarse, size=16, mode="bilinear")


class Source:
    """The game's own images."""

    def __len__(self):
        return COUNT

    def images(self, indices):
        return pictures()[torch.as_tensor(indices)]


class Changed(Dataset):
    def __init__(self, change):
        self.images, self.change = pictures(), change

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        return self.change(self.images[index]), index % 4


class Epochs(Sampler):
    def __init__(self, begin):
        self.begin, self.epoch = begin, 0

    def __len__(self):
        return COUNT

    def __iter__(self):
        self.epoch += 1
        self.begin(self.epoch)
        return iter(torch.randperm(COUNT).tolist())


def flipped(image):
    return image.flip(-1) if random.random() < 0.5 else image  # noqa: S311 - an augmentation


def later(loader, model=None, epochs=20):
    model = model or nn.Linear(2, 2)
    return observe_later(loader, "train_loader", model, epochs=epochs, source=Source())


def through(change):
    return DataLoader(Changed(change), batch_size=8, shuffle=True)


def in_a_list():
    count = [0]

    def change(image):
        count[0] += 1
        return flipped(image) if count[0] > LATE else image

    return change


def in_a_closure():
    count = 0

    def change(image):
        nonlocal count
        count += 1
        return flipped(image) if count > LATE else image

    return change


def in_an_iterator():
    count = itertools.count()
    return lambda image: flipped(image) if next(count) > LATE else image


def in_a_length():
    seen = []

    def change(image):
        seen.append(0)
        return flipped(image) if len(seen) > LATE else image

    return change


def in_a_tensor():
    count = torch.zeros(1)
    return lambda image: flipped(image) if count.add_(1) > LATE else image


def in_a_class():
    class Change:
        count = 0

        def __call__(self, image):
            Change.count += 1
            return flipped(image) if Change.count > LATE else image

    return Change()


def by_the_clock():
    begun = time.monotonic()
    return lambda image: flipped(image) if time.monotonic() > begun + 600 else image


@pytest.mark.parametrize(
    "make",
    [in_a_list, in_a_closure, in_an_iterator, in_a_length, in_a_tensor, in_a_class, by_the_clock],
)
def test_an_augmentation_that_waits_is_named(make):
    found = later(through(make()))
    assert found.random
    assert set(found.effects) == {"flip"}


def test_images_that_a_sampler_changes_are_seen():
    data = TensorDataset(pictures(), torch.zeros(COUNT))

    def begin(epoch):
        if epoch == 12:
            data.tensors[0].copy_(data.tensors[0].flip(-1))

    found = later(DataLoader(data, batch_size=8, sampler=Epochs(begin)))
    assert found.against == "in later epochs train_loader gives other images than the game's own"


def test_images_that_a_sampler_shuffles_in_place_are_the_same():
    data = TensorDataset(pictures(), torch.zeros(COUNT))

    def begin(_epoch):
        data.tensors[0].copy_(data.tensors[0][torch.randperm(COUNT)])

    assert later(DataLoader(data, batch_size=8, sampler=Epochs(begin))) is None


def test_weights_that_a_sampler_changes_are_seen():
    model = nn.Linear(4, 2)

    def begin(epoch):
        if epoch == 12:
            model.weight.data.mul_(0.9)

    loader = DataLoader(Changed(lambda image: image), batch_size=8, sampler=Epochs(begin))
    assert (
        later(loader, model).against == "train_loader changes the weights as a later epoch begins"
    )


class Counting(Dataset):
    """Counts what it gives, and cannot count far."""

    def __init__(self):
        self.images, self.count, self.log = pictures(), 0, []

    def __len__(self):
        return COUNT

    def __getitem__(self, index):
        self.count += 1
        self.log.append(time.time())
        return self.images[(self.count - 1) % COUNT], index % 4


def test_counting_alone_is_nothing():
    assert later(DataLoader(Counting(), batch_size=8, shuffle=True)) is None
    assert later([(pictures()[:8], torch.zeros(8))] * 3) is None


def test_the_clock_is_put_back():
    before, kind = time.time(), dt.datetime
    with put_forward([], 7200.0):
        assert time.time() > before + 7000
        assert dt.datetime.now(dt.UTC).timestamp() > before + 7000
    assert time.time() < before + 7000
    assert dt.datetime is kind


def test_owned_changes_that_grow_are_not_taken_for_others():
    effects = {kind: Effect(kind, 0.1, "") for kind in ("rotation", "shear")}
    facts = Facts(train=DataFacts(effects={"flip": Effect("flip", 0.5, "")}))
    assert _later(facts, {"train": LaterFacts(effects, random=True)}) == []
    assert facts.train.effects.keys() == {"flip", "rotation"}


class Smoothing(nn.Module):
    def __init__(self, late):
        super().__init__()
        self.late, self.calls = late, 0

    def forward(self, scores, targets):
        self.calls += 1
        late = self.calls > LATE
        if self.late == "scale":
            return functional.cross_entropy(scores, targets) * (0.1 if late else 1.0)
        return functional.cross_entropy(scores, targets, label_smoothing=0.1 if late else 0.0)


def criterion_facts(criterion, **later_on):
    facts = CriterionFacts()
    observe_later_losses(
        criterion, torch.randn(8, 4), torch.arange(8) % 4, facts,
        lambda: CriterionFacts(**later_on), 1000,
    )  # fmt: skip
    return facts


def test_a_criterion_that_waits_is_seen():
    assert criterion_facts(Smoothing("smoothing"), smoothing=0.1).smoothing == 0.1
    assert "later in a run" in criterion_facts(Smoothing("scale")).beside


def test_a_criterion_that_counts_is_nothing():
    class Counted(nn.CrossEntropyLoss):
        calls = 0

        def forward(self, scores, targets):
            self.calls += 1
            return super().forward(scores, targets)

    assert criterion_facts(Counted()) == CriterionFacts()
