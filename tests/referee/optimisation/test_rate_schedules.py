"""What a scheduler does to the rate is what it is called: nothing, decay or schedule."""

import gc

import pytest
import torch
from torch.optim import lr_scheduler

from jupyter_classgame.referee.optimisation.rate_schedules import observe_schedule

pytestmark = pytest.mark.filterwarnings("ignore:Detected call of")  # schedulers step alone here


@pytest.fixture
def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(3))], lr=0.1, momentum=0.9)


class Halving:
    """A scheduler of ones own: half the rate after every third step."""

    def __init__(self, optimizer):
        self.optimizer, self.count = optimizer, 0

    def step(self):
        self.count += 1
        if self.count % 3 == 0:
            for group in self.optimizer.param_groups:
                group["lr"] /= 2


class ByEpoch(Halving):
    """As in timm: told the epoch to come."""

    def step(self, epoch, metric=None):
        del metric
        self.optimizer.param_groups[0]["lr"] = 0.1 * 0.9 ** (epoch // 2)


class ByWord(ByEpoch):
    """Takes it by its name alone."""

    def step(self, *, epoch):
        super().step(epoch)


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        (ByEpoch, "decay"),
        (ByWord, "decay"),
        (lambda o: lr_scheduler.ConstantLR(o, factor=1.0), ""),
        (lambda o: lr_scheduler.LambdaLR(o, lambda _: 1.0), ""),
        (lambda o: lr_scheduler.StepLR(o, 5), "decay"),
        (lambda o: lr_scheduler.MultiStepLR(o, [3, 9], gamma=0.2), "decay"),
        (lambda o: lr_scheduler.ExponentialLR(o, 0.9), "decay"),
        (lambda o: lr_scheduler.LambdaLR(o, lambda n: 0.95**n), "decay"),
        (Halving, "decay"),
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 20), "schedule"),
        (lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=50), "schedule"),
        (lr_scheduler.LinearLR, "schedule"),
        (lr_scheduler.ReduceLROnPlateau, "schedule"),
        (lambda o: lr_scheduler.LambdaLR(o, lambda n: 1 / (1 + n)), "schedule"),
    ],
)
def test_the_kind(optimizer, build, kind):
    facts = observe_schedule(optimizer, build(optimizer))
    assert facts.kind == kind
    assert bool(facts.text) == bool(kind)
    assert not facts.other_optimizer


def test_one_of_another_optimizer(optimizer):
    other = torch.optim.SGD([torch.nn.Parameter(torch.zeros(3))], lr=0.1)
    facts = observe_schedule(optimizer, lr_scheduler.StepLR(other, 2))
    assert facts.other_optimizer
    assert not observe_schedule(optimizer, lr_scheduler.StepLR(other, 2), other).other_optimizer


def test_one_that_was_stepped_by_hand_is_found(optimizer):
    by_hand = lr_scheduler.ExponentialLR(optimizer, 0.5)
    assert observe_schedule(optimizer, None).stepped == ()
    optimizer.step()
    by_hand.step()
    ((kind, text),) = observe_schedule(optimizer, None).stepped
    assert kind == "decay"
    assert "ExponentialLR, stepped 1 times by hand" in text
    del by_hand
    gc.collect()
    assert observe_schedule(optimizer, None).stepped == ()


def test_nothing(optimizer):
    facts = observe_schedule(optimizer, None)
    assert (facts.kind, facts.text, facts.stepped) == ("", "", ())
