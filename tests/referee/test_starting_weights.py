"""First weights are taken for what they are, however they were drawn."""

import copy

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
    "xavier": nn.init.xavier_uniform_,
    "kaiming": nn.init.kaiming_normal_,
    "truncated": lambda w: nn.init.trunc_normal_(w, std=0.02),
    "zeros": nn.init.zeros_,
    "heavy tails": lambda w: w.copy_(
        torch.randn_like(w) / torch.randn_like(w).abs().clamp_min(0.05)
    ),
    "two values": lambda w: w.copy_(torch.randn_like(w).sign()),
    "larger in some inputs": lambda w: w.normal_().mul_(torch.randn(1, w.shape[1], 1, 1).exp()),
    "larger in some filters": lambda w: w.normal_().mul_(torch.randn(len(w), 1, 1, 1).exp()),
    "of one length": lambda w: w.normal_().div_(w.pow(2).sum((1, 2, 3), keepdim=True).sqrt()),
    "the identity and noise": lambda w: nn.init.dirac_(w).add_(0.05 * torch.randn_like(w)),
    "of low rank": lambda w: w.copy_(
        (torch.randn(len(w), 3) @ torch.randn(3, w[0].numel())).view_as(w)
    ),
    "symmetric": lambda w: w.copy_(w.normal_() + w.flip(-1)),
    "grey": lambda w: w.copy_(w.normal_().mean(1, keepdim=True).expand_as(w)),
    "signs mirrored": lambda w: w.normal_()[: len(w) // 2].copy_(-w[len(w) // 2 :]),
}


@pytest.mark.parametrize("init", FRESH.values(), ids=FRESH)
def test_fresh_weights(init):
    facts = observe_start(deep(init), [])
    assert facts.smooth_filters == ""
    assert facts.learnt == ""


def small():
    """A network as the baseline's."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.AdaptiveAvgPool2d(4),
        nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    """The same, trained for a while on patches of light."""
    model, generator = small(), torch.Generator().manual_seed(0)
    labels = torch.arange(200) % 10
    images = 0.3 * torch.rand(200, 3, 16, 16, generator=generator)
    for image, label in zip(images, labels.tolist(), strict=True):
        image[label % 3, 2 * (label % 5) : 2 * (label % 5) + 6, label : label + 5] += 0.7
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    for _ in range(120):
        some = torch.randperm(200, generator=generator)[:64]
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images[some]), labels[some]).backward()
        optimizer.step()
    return model


def permuted(model):
    model[-1].weight.data = model[-1].weight.data.roll(1, 0)


HEADS = {
    "as it was": lambda model: None,
    "zeroed": lambda model: nn.init.zeros_(model[-1].weight),
    "drawn again": lambda model: model[-1].reset_parameters(),
    "permuted": permuted,
    "another": lambda model: model.append(nn.Linear(10, 10)),
}


@pytest.mark.parametrize("change", HEADS.values(), ids=HEADS)
def test_a_trained_backbone_is_known_whatever_its_head(trained, change):
    model = copy.deepcopy(trained)
    change(model)
    assert "suit each other" in observe_start(model, []).learnt


def test_layers_that_were_copied_are_new():
    torch.manual_seed(0)
    layer = nn.Linear(64, 64)
    with torch.no_grad():
        nn.init.eye_(layer.weight).add_(0.05 * torch.randn(64, 64))
    copies = nn.Sequential(*(copy.deepcopy(layer) for _ in range(4)))
    assert observe_start(copies, []).learnt == ""
    assert observe_start(small(), []).learnt == ""


def blurred(weight):
    weight.normal_()
    rows = weight[..., :1, :] + weight[..., 1:2, :]
    weight.add_(rows).add_(weight.mean((2, 3), keepdim=True))


@pytest.mark.parametrize("groups", [1, 128])
def test_trained_weights_are_smooth(groups):
    assert "4 of 4" in observe_start(deep(blurred, groups), []).smooth_filters
