"""What is seen of small models, on few images and on whole batches."""

import random

import pytest
import torch
import torchvision
from torch import nn
from torch.nn import functional

from jupyter_classgame.referee.model.traced_passes import observe_model
from jupyter_classgame.referee.model.whole_batches import BatchSizes

SIZE = 16
CLASSES = 10


class Net(nn.Module):
    """Two convolutions and a linear layer, with a place for what a case adds."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8 * (SIZE // 4) ** 2, CLASSES)

    def features(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        return functional.max_pool2d(functional.relu(self.conv2(x)), 2).flatten(1)

    def scores(self, x):
        return self.fc(self.features(x))

    def forward(self, x):
        return self.scores(x)


class Averaged(Net):
    """Global average pooling, which changes strides in place for channels_last."""

    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(8)
        self.conv3 = nn.Conv2d(8, 8, 3, padding=1)
        self.fc = nn.Linear(8, CLASSES)

    def features(self, x):
        x = functional.relu(self.bn(self.conv2(functional.relu(self.conv1(x)))))
        return functional.adaptive_avg_pool2d(self.conv3(x), 1).flatten(1)


class Tokens(nn.Module):
    """Patches of the image through a layer of a sequence."""

    def __init__(self, layer):
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 4, 4)
        self.layer, self.fc = layer, nn.Linear(16, CLASSES)

    def forward(self, x):
        x = self.layer(self.patches(x).flatten(2).transpose(1, 2))
        return self.fc(x.mean(1))


class OwnAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        return functional.scaled_dot_product_attention(
            q, k, v, dropout_p=0.1 if self.training else 0.0
        )


class Linearised(OwnAttention):
    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        return functional.relu(q) @ (functional.relu(k).transpose(1, 2) @ v)


class Grouped(nn.Module):
    """Three networks as the groups of one."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(9, 24, 3, padding=1, groups=3)
        self.heads = nn.Conv1d(3 * 8 * 16, 30, 1, groups=3)

    def forward(self, x):
        x = functional.max_pool2d(functional.relu(self.conv(x.repeat(1, 3, 1, 1))), 4).flatten(1)
        return self.heads(x[..., None]).view(len(x), 3, CLASSES).mean(1)


class Einsum(Net):
    """Four stacks of two layers on the features of one network."""

    def __init__(self):
        super().__init__()
        self.one = nn.Parameter(torch.randn(4, 128, 16) / 9)
        self.two = nn.Parameter(torch.randn(4, 16, CLASSES) / 4)

    def forward(self, x):
        h = functional.relu(torch.einsum("ni,mio->nmo", self.features(x), self.one))
        return torch.einsum("nmi,mio->nmo", h, self.two).mean(1)


class Heads(Net):
    def __init__(self, *, deep):
        super().__init__()
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(128, 16), nn.ReLU(), nn.Linear(16, CLASSES))
            if deep
            else nn.Linear(128, CLASSES)
            for _ in range(3)
        )

    def forward(self, x):
        x = self.features(x)
        return torch.stack([head(x) for head in self.heads]).mean(0)


class WideAndDeep(Net):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(3 * SIZE**2, CLASSES)

    def forward(self, x):
        return self.scores(x) + self.wide(x.flatten(1))


class Through(Net):
    """Something that is done to the images in training."""

    def __init__(self, change):
        super().__init__()
        self.change, self.passes = change, 0

    def forward(self, x):
        if self.training:
            self.passes += 1
            x = self.change(self, x)
        return self.scores(x)


class Asked(Net):
    """Something that is done in evaluation."""

    def __init__(self, ask, *, always=False):
        super().__init__()
        self.ask, self.always = ask, always

    def forward(self, x):
        return self.scores(x) if self.training and not self.always else self.ask(self, x)


class MeanWeights(Net):
    """Averages of the weights, kept in buffers, which run in evaluation."""

    def __init__(self):
        super().__init__()
        for name, p in list(self.named_parameters()):
            self.register_buffer("mean_" + name.replace(".", "_"), p.detach().clone())
        self.__dict__["plain"] = Net()

    def forward(self, x):
        means = {
            name: getattr(self, "mean_" + name.replace(".", "_"))
            for name, _ in self.named_parameters()
        }
        if self.training:
            with torch.no_grad():
                for name, p in self.named_parameters():
                    means[name].lerp_(p, 0.05)
            return self.scores(x)
        return torch.func.functional_call(self.plain, means, x)


class HeavyBall(Net):
    def forward(self, x):
        if self.training:
            with torch.no_grad():
                for p in self.parameters():
                    before = getattr(p, "before", p.clone())
                    p.before = p.clone()
                    p.add_(p - before, alpha=0.9)
        return self.scores(x)


class Counting(Net):
    """Counts that change nothing: of passes, and one that goes round in a list."""

    def __init__(self):
        super().__init__()
        self.passes, self.turn, self.log = 0, 0, [0.0, 0.0]

    def forward(self, x):
        self.passes += 1
        self.turn = (self.turn + 1) % 2
        self.log[self.turn] = 0.5
        return self.scores(x)


class InChunks(Net):
    def forward(self, x):
        return torch.cat([self.scores(part) for part in x.split(24)])


class Dropping(Net):
    def features(self, x):
        x = super().features(x)
        return functional.dropout(x, 0.3, self.training and len(x) > 16)


class LateLayer(Net):
    def __init__(self):
        super().__init__()
        self.passes, self.late = 0, nn.Conv2d(8, 8, 3, padding=1)

    def features(self, x):
        self.passes += self.training
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        x = functional.relu(self.late(x)) if self.passes > 60 else x
        return functional.max_pool2d(functional.relu(self.conv2(x)), 2).flatten(1)


class ThroughNumpy(Net):
    def forward(self, x):
        return self.scores(torch.from_numpy(x.numpy() * 2))


def mixed(net, x):
    if not torch.is_grad_enabled():
        return x
    share = float(torch.rand(()))
    return share * x + (1 - share) * x[torch.randperm(len(x))]


def noise_by_count(net, x):
    places = torch.arange(x.numel()).view_as(x)
    return x + 0.2 * (torch.frac(torch.sin(places * 12.9898 + net.passes) * 43758.5) - 0.5)


def mirrored(x, which):
    return torch.where(which[:, None, None, None], x.flip(-1), x)


def both_views(net, x):
    return (net.scores(x) + net.scores(x.flip(-1))) / 2


def one_batch(net, x):
    return net.scores(torch.cat([x, x.flip(-1)])).view(2, len(x), -1).mean(0)


def swin():
    return torchvision.models.SwinTransformer(
        [4, 4], 16, [1, 1], [2, 2], [2, 2], num_classes=CLASSES, stochastic_depth_prob=0.0
    )


def convnext():
    block = torchvision.models.convnext.CNBlockConfig
    return torchvision.models.ConvNeXt(
        [block(8, 16, 1), block(16, None, 1)], stochastic_depth_prob=0.0, num_classes=CLASSES
    )


BLOCK = {"attention", "layer-norm", "residual"}
CASES = {
    "channels_last": (lambda: Averaged().to(memory_format=torch.channels_last), {"batch-norm"}, 3),
    "swin": (swin, BLOCK, 1),
    "convnext": (convnext, {"layer-norm", "residual"}, 4),
    "encoder": (
        lambda: Tokens(nn.TransformerEncoderLayer(16, 2, 16, dropout=0.1, batch_first=True)),
        {*BLOCK, "dropout"},
        1,
    ),
    "attention that drops": (lambda: Tokens(OwnAttention()), {"attention", "dropout"}, 1),
    "attention without softmax": (lambda: Tokens(Linearised()), {"attention"}, 1),
    "groups": (Grouped, {"members"}, 1),
    "stacks": (Einsum, {"members"}, 2),
    "heads of two layers": (lambda: Heads(deep=True), {"members"}, 2),
    "linear heads": (lambda: Heads(deep=False), set(), 2),
    "wide and deep": (WideAndDeep, set(), 2),
    "every second pass": (
        lambda: Through(lambda net, x: x.flip(-1) if net.passes % 2 else x), {"flip"}, 2,
    ),
    "after a while": (
        lambda: Through(lambda net, x: mirrored(x, torch.rand(len(x)) < 0.5 * (net.passes > 60))),
        {"flip"}, 2,
    ),
    "by the system's entropy": (
        lambda: Through(lambda net, x: x.flip(-1) if random.SystemRandom().random() < 0.5 else x),
        {"flip"}, 2,
    ),
    "whole batches alone": (
        lambda: Through(
            lambda net, x: mirrored(x, torch.rand(len(x)) < 0.5) if len(x) > 16 else x
        ),
        {"flip"}, 2,
    ),
    "noise by count": (lambda: Through(noise_by_count), {"noise"}, 2),
    "with gradients alone": (lambda: Through(mixed), {"mixup"}, 2),
    "dropout of whole batches": (Dropping, {"dropout"}, 2),
    "a late layer": (LateLayer, {"stochastic-depth"}, 3),
    "views in both modes": (lambda: Asked(both_views, always=True), {"tta"}, 2),
    "views in one batch": (lambda: Asked(one_batch), {"tta"}, 2),
    "views of large batches": (
        lambda: Asked(lambda net, x: both_views(net, x) if len(x) > 64 else net.scores(x)),
        {"tta"}, 2,
    ),
    "views as one image": (
        lambda: Asked(lambda net, x: net.scores((x + x.roll(1, -1)) / 2)), {"tta"}, 2,
    ),
    "mean weights": (MeanWeights, {"ema"}, 2),
    "weights moved by forward": (HeavyBall, {"unseen"}, 2),
    "numpy": (ThroughNumpy, {"unseen"}, 0),
    "counts": (Counting, set(), 2),
    "chunks": (InChunks, set(), 2),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_seen(name):
    make, expected, convolutions = CASES[name]
    torch.manual_seed(0)
    model = make()
    # A new head may be all zeros, and an image through it as good as none.
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.zeros_like(p).uniform_(-0.02, 0.02))
    facts = observe_model(model, torch.rand(8, 3, SIZE, SIZE), batches=BatchSizes(32, (64, 256)))
    found = {*facts.runs, *facts.effects}
    found |= {"members"} if facts.members > 1 else set()
    found |= {"unseen"} if facts.unseen else set()
    found |= {"unexplained"} if facts.unexplained else set()
    assert found == expected
    assert facts.convolutions == convolutions
