import copy

import torch
from helpers.models import model
from torch import nn

from jupyter_classgame.training.state.weights_fingerprint import fingerprint, unwrapped


def test_the_same_weights_have_the_same_fingerprint():
    net = model()
    assert fingerprint(copy.deepcopy(net)) == fingerprint(net)
    assert len(fingerprint(net)) == 64


def test_one_other_number_is_another_fingerprint():
    net = model(norm=True)
    before = fingerprint(net)
    with torch.no_grad():
        net.fc.bias[0] += 1e-3
    changed = fingerprint(net)
    net.norm.running_mean += 1
    assert len({before, changed, fingerprint(net)}) == 3


def test_a_wrapper_changes_nothing():
    net = model()
    before = fingerprint(net)
    for wrapped in (torch.compile(net), nn.DataParallel(net), nn.DataParallel(torch.compile(net))):
        assert unwrapped(wrapped) is net
        assert fingerprint(wrapped) == before
    net.conv = torch.compile(net.conv)
    assert fingerprint(net) == before
