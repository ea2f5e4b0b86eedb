"""First weights are taken for what they are, however they were drawn."""

import pytest
import torch
from torch import nn

from jupyter_classgame.referee.model.starting_weights import observe_start


def deep(init, groups=1):
    """Four convolutions of 3x3, as many as are looked at."""
    torch.manual_seed(0)
    widths = (64, 64, 64, 64) if groups == 1 else (128, 128, 128, 128)
    layers, width = [], 16 if groups == 1 else 128
    for out in widths:
        layers.append(nn.Conv2d(width, out, 3, padding=1, groups=min(groups, width)))
        width = out
    with torch.no_grad():
        for layer in layers:
            init(layer.weight)
    return nn.Sequential(*layers)


FRESH = {
    "as torch draws them": lambda w: w,
    "from 0 to a small number": lambda w: nn.init.uniform_(w, 0, 0.02),
    "all negative": lambda w: nn.init.uniform_(w, -0.02, 0),
    "sizes of normal ones": lambda w: w.copy_(torch.randn_like(w).abs()),
    "around one": lambda w: nn.init.normal_(w, 1, 0.1),
    "exponential": lambda w: w.exponential_(),
    "positive, larger in some filters": lambda w: w.uniform_().mul_(torch.rand(len(w), 1, 1, 1)),
    "positive, summing to one": lambda w: w.uniform_().div_(w.sum((1, 2, 3), keepdim=True)),
    "all the same": lambda w: nn.init.constant_(w, 0.01),
    "orthogonal": nn.init.orthogonal_,
    "the identity": nn.init.dirac_,
    "sparse": lambda w: w.copy_((torch.rand_like(w) > 0.9).float()),
}


@pytest.mark.parametrize("init", FRESH.values(), ids=FRESH)
def test_fresh_weights(init):
    assert observe_start(deep(init), []).smooth_filters == ""


def blurred(weight):
    weight.normal_()
    rows = weight[..., :1, :] + weight[..., 1:2, :]
    weight.add_(rows).add_(weight.mean((2, 3), keepdim=True))


@pytest.mark.parametrize("groups", [1, 128])
def test_trained_weights_are_smooth(groups):
    assert "4 of 4" in observe_start(deep(blurred, groups), []).smooth_filters
