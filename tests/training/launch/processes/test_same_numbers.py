"""One seed and one global batch give one curve, on one process or on two."""

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest
import torch
from helpers.devices import train_on
from helpers.images import make_images
from helpers.models import Growing, loader, model, sgd, tensors
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


def test_a_loader_of_a_cell_with_workers():
    """Its workers are forks, as in the kernel: what a cell has made need not be found by name."""

    class Turned(torch.utils.data.TensorDataset):
        def __getitem__(self, index):
            return super().__getitem__(index)

    def turned(shuffle, seed=0):
        return torch.utils.data.DataLoader(
            Turned(*tensors(48, seed=seed)), 16, shuffle=shuffle, num_workers=1,
            collate_fn=lambda batch: torch.utils.data.default_collate(list(batch)),
        )  # fmt: skip

    both(train_loader=lambda: turned(shuffle=True), val_loader=lambda: turned(False, 1), epochs=1)


def test_plain():
    both()


def test_an_uneven_last_batch_and_a_share_that_is_empty():
    # 33 images in batches of 16: the last one has a single image, which one process lacks
    both(
        train_loader=lambda: loader(33, shuffle=True),
        val_loader=lambda: loader(21, shuffle=False, seed=1),
    )


def test_buffers_that_become_others():
    nets, _ = both(Growing)
    assert nets[0].bound.shape == nets[1].bound.shape == (3,)
    assert nets[1].appeared.tolist() == [1, 1]


def test_a_sum_and_a_weighted_mean():
    both(
        model,
        lambda net: sgd(net, lr=0.01),
        criterion=lambda: nn.CrossEntropyLoss(reduction="sum"),
    )
    weight = torch.tensor([1.0, 5.0, 0.2])
    both(criterion=lambda: nn.CrossEntropyLoss(weight=weight))
    both(criterion=lambda: nn.CrossEntropyLoss(ignore_index=2))


def test_a_share_of_which_nothing_counts():
    """Its loss is not a number, and weighs nothing: two images of 16 are labelled at all."""
    images, labels = tensors(96)
    labels[8:16] = 2  # the second process's share of the first batch
    data = torch.utils.data.TensorDataset(images, labels)
    (_, net), (_, history) = both(
        train_loader=lambda: torch.utils.data.DataLoader(data, 16),
        criterion=lambda: nn.CrossEntropyLoss(ignore_index=2),
    )
    assert history.stopped_by == "epochs"
    assert all(torch.isfinite(p).all() for p in net.parameters())


class Scaled(nn.Module):
    """A criterion with a temperature that is learnt."""

    def __init__(self):
        super().__init__()
        self.temperature = nn.Parameter(torch.tensor(2.0))
        self.unused = nn.Parameter(torch.tensor(1.0))

    def forward(self, scores, targets):
        return nn.functional.cross_entropy(scores / self.temperature, targets)


@pytest.mark.parametrize("accumulate", [1, 4])
def test_a_criterion_that_learns(accumulate):
    learnt = []

    def criterion():
        learnt.append(Scaled())
        return learnt[-1]

    nets = model(), model()
    histories = []
    for net, devices in zip(nets, ("cpu", "cpu:2"), strict=True):
        loss = criterion()
        optimizer = torch.optim.SGD([*net.parameters(), *loss.parameters()], 0.05, momentum=0.9)
        histories.append(
            train_on(
                devices, net, optimizer, criterion=loss, accumulate=accumulate,
                train_loader=loader(33, shuffle=False),
            )
        )  # fmt: skip
    same(*histories)
    one, two = (each.temperature.item() for each in learnt)
    assert one == pytest.approx(two, abs=TOLERANCE)
    assert one != 2.0


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
    (one, two), _ = both(lambda: model(norm=True), sync_bn=True)
    assert type(two.norm) is nn.BatchNorm2d
    assert torch.allclose(one.norm.running_mean, two.norm.running_mean, atol=TOLERANCE)
    assert torch.allclose(one.norm.running_var, two.norm.running_var, atol=TOLERANCE)


def test_an_average_of_batch_norms_statistics_is_that_of_the_model_left():
    net = model(norm=True)
    history = train_on("cpu:2", net, ema=0.5, keep="ema", epochs=2)
    images, labels = tensors(48, seed=1)
    net.eval()
    with torch.no_grad():
        loss = nn.functional.cross_entropy(net(images), labels)
    assert float(loss) == pytest.approx(history.ema_val_loss[-1], abs=TOLERANCE)


def test_batch_norm_of_all_loses_no_digits():
    """Far from zero, in both precisions, against torch's own on the whole batch."""
    code = (
        "import sys, torch, torch.distributed as dist, torch.multiprocessing as mp\n"
        "from torch import nn\n"
        "from jupyter_classgame.training.launch.processes.sync_batch_norm import BatchNormOfAll\n"
        "def work(rank, file):\n"
        "    at = f'file://{file}'\n"
        "    dist.init_process_group('gloo', init_method=at, rank=rank, world_size=2)\n"
        "    whole = torch.randn(8, 3, 4, 4, generator=torch.Generator().manual_seed(0)) + 1000\n"
        "    slope = torch.linspace(-1, 1, whole.numel()).view_as(whole)\n"
        "    part = slice(0, 5) if rank == 0 else slice(5, 8)\n"
        "    one, all_ = nn.BatchNorm2d(3), BatchNormOfAll(3)\n"
        "    a, b = whole.clone().requires_grad_(), whole[part].clone().requires_grad_()\n"
        "    (one(a) * slope).sum().backward()\n"
        "    (all_(b) * slope[part]).sum().backward()\n"
        "    assert torch.allclose(one(whole)[part], all_(whole[part]), atol=1e-3)\n"
        "    assert torch.allclose(a.grad[part], b.grad, atol=1e-3)\n"
        "    assert torch.allclose(one.running_var, all_.running_var, rtol=1e-4)\n"
        "    low = (whole - 980).bfloat16()\n"
        "    made = all_(low[part])\n"
        "    assert made.dtype == torch.bfloat16\n"
        "    assert torch.allclose(one(low.float())[part], made.float(), atol=0.02)\n"
        "    dist.destroy_process_group()\n"
        "if __name__ == '__main__':\n"
        "    mp.spawn(work, (sys.argv[1],), 2)\n"
    )
    with tempfile.TemporaryDirectory() as place:
        script = Path(place) / "norm.py"
        script.write_text(code)
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-W", "error::FutureWarning", str(script), str(Path(place) / "meet")],
            env=environment, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr


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
