"""``--clip``: gradients no longer than a norm."""

import pytest
import torch
from helpers.models import model, sgd
from helpers.runs import Probe, run
from torch import nn

from jupyter_classgame.training.state.weights_fingerprint import fingerprint


def norm(run):
    gradients = [p.grad.norm() for p in run.request.model.parameters()]
    return float(torch.stack(gradients).norm())


def test_long_gradients_are_shortened_and_short_ones_are_left():
    free, clipped = Probe(norm), Probe(norm)
    run(epochs=2, probes=[free])
    limit = sorted(free.seen)[3]
    assert max(free.seen) > limit
    net = model()
    run(net, sgd(net, lr=0.0), epochs=1, clip=limit, probes=[clipped])
    longest = max(clipped.seen)
    assert longest <= limit * (1 + 1e-5)
    one, other = model(), model()
    run(one, epochs=1)
    run(other, epochs=1, clip=1e6)
    assert fingerprint(one) == fingerprint(other)


def test_the_gradient_of_a_whole_step_is_clipped():
    probe = Probe(norm)
    net = model()
    big = nn.CrossEntropyLoss(reduction="sum")
    run(net, sgd(net, lr=0.0), criterion=big, epochs=1, accumulate=4, clip=0.5, probes=[probe])
    assert probe.seen == pytest.approx([0.5, 0.5], rel=1e-4)
