"""One seed and one global batch give one curve, on one process or on two."""

from functools import partial

import pytest
import torch
from helpers.devices import train_on
from helpers.images import make_images
from helpers.models import loader, model, sgd
from torch import nn
from torchvision.transforms import v2

from jupyter_classgame import start_game

TOLERANCE = 1e-5


def same(one, two):
    for name in ("train_loss", "train_acc", "val_loss", "val_acc", "lr"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), abs=TOLERANCE), name


def both(net=model, optimizer=sgd, weights=TOLERANCE, **given):
    """Train the same on one and on two processes; give models and histories."""
    nets = net(), net()
    histories = []
    for each, devices in zip(nets, ("cpu", "cpu:2"), strict=True):
        own = {name: value() if name in MADE else value for name, value in given.items()}
        histories.append(train_on(devices, each, optimizer(each), **own))
    for one, two in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert torch.allclose(one, two, atol=weights)
    same(*histories)
    return nets, histories


MADE = ("train_loader", "val_loader", "criterion")
"""Made anew for each run."""


def test_plain():
    both()


def test_an_uneven_last_batch_and_a_share_that_is_empty():
    # 33 images in batches of 16: the last one has a single image, which one process lacks
    both(
        train_loader=lambda: loader(33, shuffle=True),
        val_loader=lambda: loader(21, shuffle=False, seed=1),
    )


def test_a_sum_and_a_weighted_mean():
    both(
        model,
        lambda net: sgd(net, lr=0.01),
        criterion=lambda: nn.CrossEntropyLoss(reduction="sum"),
    )
    weight = torch.tensor([1.0, 5.0, 0.2])
    both(criterion=lambda: nn.CrossEntropyLoss(weight=weight))
    both(criterion=lambda: nn.CrossEntropyLoss(ignore_index=2))


@pytest.mark.parametrize("images", [96, 84])
def test_gathered_gradients(images):
    both(train_loader=lambda: loader(images, shuffle=False), accumulate=4)


def test_a_loader_that_knows_no_length():
    class Stream:
        def __iter__(self):
            return iter(list(loader(84, shuffle=False)))

    both(train_loader=Stream, accumulate=4)


def test_clipping_averaging_and_warming_up():
    both(clip=0.1, ema=0.9, warmup=2, patience=2, keep="ema")


def test_an_unused_layer():
    class Spare(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.spare = model(), nn.Linear(3, 3)
            nn.init.ones_(self.spare.weight)
            nn.init.zeros_(self.spare.bias)

        def forward(self, x):
            return self.used(x)

    (_, net), _ = both(Spare)
    assert net.spare.weight.grad is None


def test_batch_norm_over_all_processes():
    from jupyter_classgame.training.plan import Many

    (one, two), _ = both(lambda: model(norm=True), many=Many(sync_bn=True))
    assert type(two.norm) is nn.BatchNorm2d
    assert torch.allclose(one.norm.running_mean, two.norm.running_mean, atol=TOLERANCE)
    assert torch.allclose(one.norm.running_var, two.norm.running_var, atol=TOLERANCE)


def test_batch_norm_of_each_process_is_another_thing():
    nets = model(norm=True), model(norm=True)
    one, two = (train_on(d, n) for d, n in zip(("cpu", "cpu:2"), nets, strict=True))
    assert one.train_loss != pytest.approx(two.train_loss, abs=TOLERANCE)


@pytest.mark.parametrize("mix", [None, v2.MixUp(num_classes=3)], ids=["plain", "mixup"])
def test_a_games_own_images(tmp_path, mix):
    namespace = {}
    folder = make_images(tmp_path / "insects")
    game = start_game(folder, team="red", image_size=16, namespace=namespace, practice=True)
    flips = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(20)])

    def train_loader():
        return game.loader("train", batch_size=7, transform=flips, batch_transform=mix)

    # a dozen steps with momentum multiply what the order of a sum rounds off
    val_loader = partial(game.loader, "val", batch_size=5)
    both(train_loader=train_loader, val_loader=val_loader, weights=1e-3)


def test_one_process_goes_on_after_two_and_two_after_one():
    nets = model(), model()
    for net, plans in zip(nets, (("cpu", "cpu"), ("cpu:2", "cpu")), strict=True):
        optimizer = sgd(net)
        for number, devices in enumerate(plans):
            train_on(devices, net, optimizer, epochs=2, first_epoch=2 * number)
        train_on("cpu:2", net, optimizer, epochs=1, first_epoch=4)
    for one, two in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert torch.allclose(one, two, atol=TOLERANCE)


def test_a_loader_with_workers_of_its_own():
    both(train_loader=lambda: loader(84, shuffle=True, workers=1))
