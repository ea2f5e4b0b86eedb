"""A range test: what it suggests, what it costs, and that it leaves nothing behind."""

import copy
import math
import os
import signal

import numpy as np
import pytest
import torch
from helpers.models import Net, loader, model, sgd
from helpers.traces import same
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.range_test.range_test import RangeTest, Sweep, sweep_rates
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl

RATES = tuple(float(rate) for rate in np.geomspace(1e-4, 1e2, 60))


def valley_at(rate, noise=0.0, seed=0):
    """A sweep whose loss falls around a rate, and explodes far above it."""
    place = np.log10(np.array(RATES) / rate)
    losses = 1 + 1 / (1 + np.exp(4 * place)) + np.exp(4 * (place - 2.0))
    losses += np.random.default_rng(seed).normal(0, noise, len(losses))
    return Sweep(seed, RATES, tuple(losses.tolist()))


def swept(net, optimizer=None, data=None, control=None, watch=None, **options):
    request = RunRequest(
        model=net,
        optimizer=optimizer or sgd(net),
        train_loader=data or loader(),
        criterion=nn.CrossEntropyLoss(),
        classes=3,
    )
    asked = {"first": 1e-4, "last": 10.0, "steps": 40, "seeds": 1, **options}
    names = ("model", "optimizer")
    return sweep_rates(
        request, **asked, names=names, control=control or RunControl(), watch=watch or unwatched
    )


def unwatched(*step):
    del step


@pytest.mark.parametrize("rate", [1e-2, 0.1])
def test_rates_are_suggested_where_the_loss_falls(rate):
    sweep = valley_at(rate, noise=0.02)
    assert rate / 3 < sweep.valley < rate * 10
    assert rate / 3 < sweep.steepest < rate * 3


def test_one_sweep_that_is_off_moves_the_spread_and_not_the_suggestion():
    found = RangeTest("model", "optimizer", tuple(map(valley_at, (0.1, 0.1, 0.001))), 60)
    alone = RangeTest("model", "optimizer", (valley_at(0.1),), 60)
    assert found.suggestion == alone.suggestion
    assert found.spread[0] < found.spread[1] == found.suggestion
    assert found.line == f'optimizer.param_groups[0]["lr"] = {found.suggestion:g}'
    assert f"suggested learning rate {found.suggestion:g} (" in repr(found)


def test_no_rate_is_suggested_where_no_loss_falls():
    flat = Sweep(0, RATES, tuple(np.random.default_rng(0).normal(1, 0.1, len(RATES)).tolist()))
    rising = Sweep(0, RATES, tuple(np.linspace(1, 5, len(RATES)).tolist()))
    short = Sweep(0, RATES[:4], (4.0, 3.0, 2.0, math.nan))
    few = Sweep(0, RATES[:4], (4.0, 3.0, 2.0, 1.0))
    falls = "the loss falls at no rate from 0.0001 to"
    for sweep, why in (
        (flat, falls),
        (rising, falls),
        (short, "from step 4 on, at the rate 0.0002, the loss is nan"),
        (few, "at least 8 steps are needed"),
    ):
        found = RangeTest("model", "optimizer", (sweep,), 60)
        assert found.suggestion is None
        assert found.spread is None
        assert found.line == ""
        assert why in repr(found)


class Counting(Net):
    """Counts its passes in an attribute, and one more once it has begun."""

    passes = 0

    def forward(self, x):
        self.passes += 1
        self.begun = True
        return super().forward(x)


class Noisy(TensorDataset):
    """Images with noise of a generator of its own."""

    def __init__(self, *tensors):
        super().__init__(*tensors)
        self.noise, self.drawn = np.random.default_rng(0), 0

    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        self.drawn += 1
        return image + 0.01 * float(self.noise.normal()), label


def state_of(net, optimizer, data):
    """Copies of all that a range test could change."""
    counted = [(name, value) for name, value in vars(net).items() if isinstance(value, int)]
    parts = net.state_dict(), optimizer.state_dict(), counted
    random = torch.get_rng_state(), np.random.get_state()[1], data.generator.get_state()
    loader = data.dataset.noise.bit_generator.state, data.dataset.drawn, vars(data)["_iterator"]
    modes = [module.training for module in net.modules()]
    gradients = [p.grad for p in net.parameters()]
    stepped = vars(optimizer).get("_opt_called")
    return copy.deepcopy((parts, random, loader, modes, gradients, stepped))


@pytest.mark.parametrize("rate", [0.05, torch.tensor(0.05)], ids=["number", "tensor"])
def test_everything_is_as_it_was(rate):
    net = Counting(norm=True, dropout=0.2).eval()
    net.conv.train()
    optimizer = torch.optim.SGD([*net.conv.parameters()], lr=rate, momentum=0.9)
    optimizer.add_param_group({"params": [*net.fc.parameters()], "lr": 0.01})
    images, labels = next(iter(loader(batch_size=96)))
    generator = torch.Generator().manual_seed(3)
    data = DataLoader(Noisy(images, labels), 16, shuffle=True, generator=generator)
    nn.functional.cross_entropy(net(images), labels).backward()
    optimizer.step()  # momentum, and gradients that were not cleared
    torch.optim.lr_scheduler.StepLR(optimizer, 5)
    vars(data)["_iterator"] = "workers that stay"
    before = state_of(net, optimizer, data)

    found = swept(net, optimizer, data, seeds=2)
    assert found.suggestion is not None
    assert [sweep.seed for sweep in found.sweeps] == [0, 1]
    frame = found.frame()
    assert list(frame.columns) == ["seed", "step", "lr", "loss", "smoothed"]
    assert len(frame) == sum(len(sweep.losses) for sweep in found.sweeps)
    assert frame.lr.iloc[0] == pytest.approx(1e-4)

    assert same(before, state_of(net, optimizer, data))
    assert optimizer.param_groups[0]["lr"] is rate  # a compiled step holds on to a tensor
    assert [float(group["lr"]) for group in optimizer.param_groups] == pytest.approx([0.05, 0.01])

    assert "its scheduler was made for another one" in found.take()
    taken = [float(group["lr"]) for group in optimizer.param_groups]
    assert taken == pytest.approx([found.suggestion, found.suggestion / 5])
    rates = f"({taken[0]:g}, {taken[1]:g})"
    assert found.line == f'for group, lr in zip(optimizer.param_groups, {rates}): group["lr"] = lr'


def test_the_same_seed_gives_the_same_losses():
    one, other = (swept(model()) for _ in range(2))
    assert one.sweeps == other.sweeps


class Bursting(Net):
    """Scores that are not numbers from some pass on."""

    passes = 0

    def __init__(self, after):
        super().__init__()
        self.after = after

    def forward(self, x):
        self.passes += 1
        return super().forward(x) * (math.nan if self.passes > self.after else 1.0)


class Failing(Bursting):
    def forward(self, x):
        if self.passes == self.after:
            raise ValueError("no more")
        return super().forward(x)


def test_a_loss_that_is_not_finite_ends_a_sweep():
    net = Bursting(after=12)
    before = copy.deepcopy(net.state_dict())
    (sweep,) = swept(net).sweeps
    assert len(sweep.losses) == 13
    assert sweep.finite == 12
    assert all(torch.equal(net.state_dict()[name], value) for name, value in before.items())


@pytest.mark.parametrize(
    ("net", "error", "message"),
    [
        (Bursting(after=0), TrainingError, "the loss of the first step is nan"),
        (Failing(after=5), ValueError, "no more"),
    ],
)
def test_after_an_error_everything_is_as_it_was(net, error, message):
    optimizer = sgd(net)
    before = copy.deepcopy(net.state_dict())
    with pytest.raises(error, match=message):
        swept(net, optimizer)
    assert all(torch.equal(net.state_dict()[name], value) for name, value in before.items())
    assert optimizer.param_groups[0]["lr"] == 0.3
    assert all(p.grad is None for p in net.parameters())
    assert not optimizer.state


def test_an_interrupt_keeps_what_was_swept():
    net, control = model(), RunControl()
    before = copy.deepcopy(net.state_dict())

    def watch(sweep, step, loss):
        if step == 20:
            os.kill(os.getpid(), signal.SIGINT)

    found = swept(net, control=control, watch=watch, seeds=3)
    assert found.interrupted
    assert len(found.sweeps) == 1
    assert 20 <= len(found.sweeps[0].losses) < 40
    assert "interrupted" in repr(found)
    assert all(torch.equal(net.state_dict()[name], value) for name, value in before.items())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"first": 1.0, "last": 0.1}, "--from 1 --to 0.1: --to must be the larger one"),
        ({"first": 0.1, "last": 0.1}, "--to must be the larger one"),
        ({"first": 0.0}, "--from 0.0: a learning rate above 0"),
        ({"last": math.inf}, "--to inf: a learning rate above 0"),
        ({"steps": 3}, "--steps 3: a whole number from 8 to 10000"),
        ({"seeds": 0}, "--seeds 0: a whole number from 1 to 10000"),
    ],
)
def test_values_that_make_no_test_are_refused(wrong, message):
    with pytest.raises(TrainingError, match=message):
        swept(model(), **wrong)
