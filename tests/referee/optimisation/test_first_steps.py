"""The first steps, taken on a copy: rates that are off, and what they are off by."""

import pytest
import torch
from torch import nn

from jupyter_classgame.referee.optimisation.first_steps import FEWEST, observe_steps


def observed(lr, *, criterion=None, kind=torch.optim.SGD, scheduled=False, batch=0, model=None):
    torch.manual_seed(0)
    network = model or nn.Sequential(nn.Flatten(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, 4))
    images, targets = torch.rand(8, 3, 4, 4), torch.arange(8) % 4
    criterion = criterion or nn.CrossEntropyLoss()
    optimizer = kind(network.parameters(), lr=lr)
    return observe_steps(
        network, optimizer, criterion, images, targets, scheduled=scheduled, batch=batch
    )


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.5])
def test_an_ordinary_rate(lr):
    facts = observed(lr)
    assert facts.verdict == ""
    assert len(facts.losses) >= FEWEST
    assert facts.losses[-1] < facts.losses[0]
    assert not facts.summed


@pytest.mark.parametrize("lr", [1e-7, 1e-9, 1e-12])
def test_a_rate_far_too_low_and_by_how_much(lr):
    facts = observed(lr)
    assert facts.verdict == "low"
    assert 1e-3 <= lr * facts.factor <= 10
    assert observed(lr * facts.factor).verdict == ""
    assert observed(lr, scheduled=True).verdict == ""


@pytest.mark.parametrize("lr", [1e3, 1e6, 1e9])
def test_a_rate_far_too_high_and_by_how_much(lr):
    facts = observed(lr)
    assert facts.verdict in ("high", "diverges")
    lower = observed(lr * facts.factor)
    assert lower.verdict == ""
    assert lower.losses[-1] < lower.losses[0]


def test_a_leap_that_deadens_a_network_tells_too():
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3), nn.ReLU(),
        nn.Flatten(), nn.Linear(128, 4),
    )  # fmt: skip
    facts = observed(30.0, model=network)
    assert facts.verdict == "high"
    assert max(facts.losses) > 10 * facts.losses[0]


def test_no_rate_at_all():
    assert observed(0.0).verdict == "zero"
    assert observed(0.0, scheduled=True).verdict == ""


def test_a_sum_counts_for_the_whole_batch():
    criterion = nn.CrossEntropyLoss(reduction="sum")
    assert observed(0.01, criterion=criterion).summed
    small, large = (observed(0.1, criterion=criterion, batch=n) for n in (8, 4096))
    assert small.verdict == ""
    assert large.verdict in ("high", "diverges")


def test_a_loss_without_a_gradient_is_seen():
    def accuracy(scores, targets):
        return (scores.argmax(1) == targets).float().mean()

    assert observed(0.1, criterion=accuracy).detached


def test_who_else_turns_the_rate():
    class Turning(torch.optim.SGD):
        def step(self, closure=None):
            super().step(closure)
            self.param_groups[0]["lr"] *= 0.5

    assert observed(0.1, kind=Turning).lr_changed == "0.1 became 0.00156 within 6 steps"


def test_dropout_and_batch_norm_are_no_sum():
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Flatten(), nn.Dropout(0.5), nn.Linear(32, 4)
    )
    facts = observed(0.05, model=network)
    assert not facts.summed
    assert network.training
