"""What a criterion does beside comparing outputs with targets."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from jupyter_classgame.referee.optimisation.criterion_reach import is_plain, observe_reach

cross_entropy = functional.cross_entropy
IMAGES, TARGETS = torch.rand(8, 3, 8, 8), torch.arange(8) % 4


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.out = nn.Linear(8, 4)

    def forward(self, x):
        self.seen = x
        self.size = 1e-3 * sum(p.pow(2).sum() for p in self.parameters())
        self.kept = functional.relu(self.conv(x)).mean((2, 3))
        return self.out(self.kept)


def reach(make, model=None):
    torch.manual_seed(0)
    model = model or Small()
    return observe_reach(model, make(model), IMAGES, TARGETS, list(model.parameters()))


class WithCentres(nn.Module):
    """A loss with weights of its own, which do not ask about images."""

    def __init__(self):
        super().__init__()
        self.centres = nn.Parameter(torch.randn(4, 4))
        self.scale = nn.Linear(4, 4)

    def forward(self, outputs, targets):
        pulled = (outputs - self.centres[targets]).pow(2).mean()
        return cross_entropy(self.scale(outputs), targets) + 0.1 * pulled


HONEST = {
    "torch's own": lambda m: nn.CrossEntropyLoss(label_smoothing=0.1),
    "a function": lambda m: lambda o, t: cross_entropy(o, t) + 0.01 * o.pow(2).mean(),
    "weights of its own": lambda m: WithCentres(),
    "a penalty on the size": lambda m: (
        lambda o, t: cross_entropy(o, t) + 1e-3 * sum(p.pow(2).sum() for p in m.parameters())
    ),
    "a penalty from the pass": lambda m: lambda o, t: cross_entropy(o, t) + m.size,
    "an elastic net": lambda m: (
        lambda o, t: (
            cross_entropy(o, t)
            + sum(1e-3 * p.pow(2).sum() + 1e-3 * p.abs().sum() for p in m.parameters())
        )
    ),
    "a look at the weights": lambda m: (
        lambda o, t: cross_entropy(o, t) + 0 * m.out.weight.detach().norm()
    ),
}

MORE = {
    "other images": lambda m: (
        lambda o, t: cross_entropy(o, t) + cross_entropy(m(torch.rand(4, 3, 8, 8)), t[:4])
    ),
    "other images while training": lambda m: (
        lambda o, t: (
            cross_entropy(o, t) + cross_entropy(Small.forward(m, m.seen.flip(-1)), t)
            if m.training and o.requires_grad and o.grad_fn is not None and len(o) == len(m.seen)
            else cross_entropy(o, t)
        )
    ),
    "weights called by hand": lambda m: (
        lambda o, t: (
            cross_entropy(o, t) + functional.conv2d(torch.rand(1, 3, 8, 8), m.conv.weight).sum()
        )
    ),
    "what the pass left": lambda m: lambda o, t: cross_entropy(o, t) + m.kept.var(),
}


@pytest.mark.parametrize("make", HONEST.values(), ids=HONEST)
def test_honest_criteria(make):
    assert reach(make) == ""


@pytest.mark.parametrize("make", MORE.values(), ids=MORE)
def test_training_on_more(make):
    assert "the criterion" in reach(make)


def test_a_teacher_is_named():
    teacher = Small().eval()

    def distil(outputs, targets, images=IMAGES):
        with torch.no_grad():
            soft = teacher(images).softmax(1)
        return cross_entropy(outputs, targets) + cross_entropy(outputs, soft)

    assert reach(lambda m: distil) == "the criterion asks another network, Small"


def test_a_patched_loss_is_not_torchs(monkeypatch):
    assert is_plain(nn.CrossEntropyLoss())
    assert is_plain(functional.cross_entropy)
    monkeypatch.setattr(functional, "cross_entropy", lambda *given, **named: torch.zeros(()))
    assert not is_plain(nn.CrossEntropyLoss())
