"""Honest runs with every audit forced at every step: none may be called a breach."""

import copy
import functools
import warnings

import pytest
import torch
import torchvision
from helpers.audited_runs import CLASSES, Small, images, loader, look, play
from torch import nn
from torch.nn import functional

from jupyter_classgame.referee.isolation.optimizer_backup import preserve_optimizer
from jupyter_classgame.referee.optimisation.optimizer_behaviour import observe_optimizer
from jupyter_classgame.training.callbacks.clip import GradientClipping
from jupyter_classgame.training.callbacks.ema import WeightAverage
from jupyter_classgame.training.callbacks.smoothing import LabelSmoothing
from jupyter_classgame.training.callbacks.warmup import WarmUp
from jupyter_classgame.training.device.precision import Precision
from jupyter_classgame.widgets.chart.curve_points import summary


@pytest.fixture(autouse=True)
def seeded(every_step):
    torch.manual_seed(0)


class Dropping(Small):
    def forward(self, x):
        return self.fc(functional.dropout(self.features(x), 0.3, self.training))


class Normed(Small):
    def __init__(self):
        super().__init__()
        self.bn, self.gn = nn.BatchNorm2d(6), nn.GroupNorm(2, 8)

    def features(self, x):
        x = functional.max_pool2d(functional.relu(self.bn(self.conv1(x))), 2)
        return functional.max_pool2d(functional.relu(self.gn(self.conv2(x))), 2).flatten(1)


class Parametrised(Small):
    def __init__(self):
        super().__init__()
        nn.utils.parametrizations.weight_norm(self.conv1)
        nn.utils.parametrizations.spectral_norm(self.conv2)
        nn.utils.parametrizations.orthogonal(self.fc)


class Tied(Small):
    def __init__(self):
        super().__init__()
        self.fc2 = nn.Linear(128, CLASSES)
        self.fc2.weight = self.fc.weight

    def forward(self, x):
        return self.fc(self.features(x)) + self.fc2(self.features(x))


class Auxiliary(Small):
    def forward(self, x):
        features = self.features(x)
        return (self.fc(features), self.fc(2 * features)) if self.training else self.fc(features)


class NormalisingInPlace(Small):
    def forward(self, x):
        return super().forward(x.sub_(0.5).div_(0.25))


class Logging(Small):
    """Looks at itself now and then, also with a layer."""

    calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls % 3 == 0:
            self.norm = float(self.conv1.weight.detach().norm())
            self.spread = functional.conv2d(x, self.conv1.weight).std()
        return super().forward(x)


class StochasticDepth(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.drop, self.fc = torchvision.ops.StochasticDepth(0.5, "row"), nn.Linear(8, CLASSES)

    def forward(self, x):
        x = self.a(x).relu()
        return self.fc((x + self.drop(self.b(x).relu())).mean((2, 3)))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(32, 4, 64, dropout=0.1, batch_first=True)
        self.embed, self.head = nn.Linear(48, 32), nn.Linear(32, CLASSES)
        self.encoder = nn.TransformerEncoder(layer, 2)

    def forward(self, x):
        x = x.unfold(2, 4, 4).unfold(3, 4, 4).permute(0, 2, 3, 1, 4, 5).reshape(len(x), 16, 48)
        return self.head(self.encoder(self.embed(x)).mean(1))


class Checkpointed(Small):
    def features(self, x):
        return torch.utils.checkpoint.checkpoint(super().features, x, use_reentrant=False)


class ZeroHead(Small):
    def __init__(self):
        super().__init__()
        nn.init.zeros_(self.fc.weight)
        nn.init.zeros_(self.fc.bias)


def mlp():
    hidden = nn.Linear(3 * 16 * 16, 32), nn.ReLU(), nn.Dropout(0.2)
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(32, CLASSES))


def scripted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it is on its way out, and still written
        return torch.jit.script(Small())


MODELS = [Small, Dropping, Normed, Parametrised, Tied, NormalisingInPlace, Logging, StochasticDepth,
          Transformer, Checkpointed, ZeroHead, mlp, scripted]  # fmt: skip


@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_a_model_passes(make):
    history, breaches, _ = play(make())
    assert not breaches
    assert history.audits == 6
    assert history.failed_audits == 0


OPTIMIZERS = ["Adam", "AdamW", "RMSprop", "Adagrad", "Adamax", "NAdam", "RAdam", "Adadelta", "ASGD",
              "Rprop", "Adafactor"]  # fmt: skip


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_passes(name):
    model = Normed()
    _, breaches, impossible = play(model, getattr(torch.optim, name)(model.parameters(), lr=1e-2))
    assert not breaches
    assert not impossible


class Signs(torch.optim.Optimizer):
    """One of a user's own, with state, a count of its own and random numbers."""

    def __init__(self, parameters, lr=1e-3):
        super().__init__(parameters, {"lr": lr})
        self.count = 0

    @torch.no_grad()
    def step(self, _closure=None):
        self.count += 1
        for group in self.param_groups:
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                mean.lerp_(p.grad, 0.1)
                p.add_(mean.sign() + 0.1 * torch.randn_like(p), alpha=-group["lr"] / self.count)


class Clipped(torch.optim.SGD):
    @torch.no_grad()
    def step(self, closure=None):
        nn.utils.clip_grad_norm_([p for g in self.param_groups for p in g["params"]], 0.1)
        super().step(closure)


class Ahead(torch.optim.Optimizer):
    """Looks ahead (Zhang et al. 2019, arXiv:1907.08610) with another one, whose groups it has."""

    def __init__(self, inner):
        self.inner, self.param_groups, self.state = inner, inner.param_groups, inner.state
        self.defaults = inner.defaults
        self.slow = [p.detach().clone() for g in inner.param_groups for p in g["params"]]
        self.count = 0

    def zero_grad(self, set_to_none=True):
        self.inner.zero_grad(set_to_none)

    @torch.no_grad()
    def step(self, _closure=None):
        self.inner.step()
        self.count += 1
        fast = [p for g in self.param_groups for p in g["params"]]
        for p, slow in zip(fast, self.slow, strict=True):
            if self.count % 2 == 0:
                p.copy_(slow.lerp_(p, 0.5))


FOREIGN = {
    "signs": lambda w: Signs(w, 1e-3),
    "clipped": lambda w: Clipped(w, lr=0.05, momentum=0.9),
    "ahead": lambda w: Ahead(torch.optim.SGD(w, lr=0.05, momentum=0.9)),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_optimizer_passes_and_its_numbers_stay(name):
    weights = []
    for audited in (True, False):
        torch.manual_seed(0)
        model = Normed()
        optimizer = FOREIGN[name](model.parameters())
        _, breaches, impossible = play(model, optimizer, epochs=3, audited=audited)
        assert (breaches, impossible) == ([], {})
        weights.append(list(model.parameters()))
    assert all(map(torch.equal, *weights))


def test_an_optimizer_that_cannot_be_copied_is_said_not_to_be_audited():
    model = Small()
    optimizer = Clipped(model.parameters(), lr=0.05)
    optimizer.model = model
    history, breaches, _ = play(model, optimizer)
    assert not breaches
    why = "Clipped: it holds what cannot be copied, a Small"
    assert summary(history).endswith(f"; not audited: the optimizer's step ({why})")


def test_matrices_pass_with_muon():
    model = nn.Sequential(nn.Flatten(), nn.Linear(768, 8, bias=False), nn.Linear(8, 4, bias=False))
    assert play(model, torch.optim.Muon(model.parameters(), lr=0.01))[1:] == ([], {})


def test_a_loss_that_is_scaled_passes_also_where_steps_are_skipped(monkeypatch):
    scaler = functools.partial(torch.amp.GradScaler, "cpu", init_scale=2.0**127)
    monkeypatch.setattr(Precision, "scaler", lambda _: scaler())
    model = Normed()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    assert play(model, optimizer, epochs=3)[1:] == ([], {})


SETTINGS = {
    "momentum": {"momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
    "foreach": {"foreach": True, "momentum": 0.9},
    "maximize": {"maximize": True},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_of_sgd_pass(name):
    model = Normed()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, **SETTINGS[name])
    assert play(model, optimizer)[1:] == ([], {})


OPTIONS = {
    "accumulate": {"accumulate": 2, "train": loader(batch_size=8)},
    "ema": {"callbacks": (WeightAverage(0.9, keep=True),)},
    "clip": {"callbacks": (GradientClipping(0.1),)},
    "warmup": {"callbacks": (WarmUp(1),)},
    "smooth": {"callbacks": (LabelSmoothing(0.1, 0.0),), "owned": ("label-smoothing",)},
    "bf16": {"precision": "bf16"},
    "channels last": {"channels_last": True},
    "drop_last": {"train": loader(drop_last=True)},
    "tiny batches": {"train": loader(batch_size=3)},
    "a part of the images each epoch": {
        "train": loader(
            sampler=torch.utils.data.RandomSampler(range(40), num_samples=16),
        )
    },
    "workers": {"train": loader(num_workers=2)},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_passes(name):
    model = Normed()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    assert play(model, optimizer, **OPTIONS[name])[1:] == ([], {})


def test_another_optimizer_takes_over_under_a_schedule():
    model = Normed()
    first = torch.optim.SGD(model.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(first, 0.1, total_steps=9)
    then = torch.optim.Adam(model.parameters())
    assert play(model, first, scheduler=schedule, then=then, at=2)[1:] == ([], {})


class Focal(nn.Module):
    def forward(self, outputs, targets):
        losses = functional.cross_entropy(outputs, targets, reduction="none")
        return ((1 - (-losses).exp()) ** 2 * losses).mean()


def binary(outputs, targets):
    hot = functional.one_hot(targets, CLASSES).float()
    return functional.binary_cross_entropy_with_logits(outputs, hot)


CRITERIA = {
    "weights": nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 3.0, 4.0])),
    "sum": nn.CrossEntropyLoss(reduction="sum"),
    "focal": Focal(),
    "binary": binary,
}


@pytest.mark.parametrize("name", CRITERIA)
def test_a_criterion_passes(name):
    assert not play(criterion=CRITERIA[name])[1]


@pytest.mark.parametrize("power", [1, 2])
def test_a_penalty_that_was_looked_at_passes(power):
    model = Normed()
    weights = list(model.parameters())

    def criterion(outputs, targets):
        penalty = sum(w.abs().pow(power).sum() for w in weights)
        return functional.cross_entropy(outputs, targets) + 1e-2 * penalty

    assert not play(model, criterion=criterion)[1]


def test_several_outputs_pass():
    def criterion(outputs, targets):
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        return sum(functional.cross_entropy(each, targets) for each in outputs)

    assert not play(Auxiliary(), criterion=criterion)[1]


def test_soft_targets_pass():
    pictures, labels = images()
    soft = 0.8 * functional.one_hot(labels, CLASSES) + 0.2 * functional.one_hot(3 - labels, CLASSES)
    assert not play(train=loader((pictures, soft)))[1]


def clip(optimizer, _args, _kwargs):
    nn.utils.clip_grad_norm_(optimizer.param_groups[0]["params"], 0.01)


def shrink(optimizer, _args, _kwargs):
    with torch.no_grad():
        for p in optimizer.param_groups[0]["params"]:
            p.mul_(0.999)


def bounded(gradient):
    return gradient.clamp(-1e-3, 1e-3)


@pytest.mark.parametrize("kind", ["clipping", "decay", "bounded gradients"])
def test_hooks_that_the_look_has_seen_pass_and_are_said_not_to_be_audited(kind):
    model = Small()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    if kind == "clipping":
        optimizer.register_step_pre_hook(clip)
    elif kind == "decay":
        optimizer.register_step_post_hook(shrink)
    else:
        for p in model.parameters():
            p.register_hook(bounded)
    facts = look(model)
    with preserve_optimizer(model, optimizer):
        facts.optimizer = observe_optimizer(model, optimizer)
    history, breaches, impossible = play(model, optimizer, facts=facts)
    assert breaches == []
    assert "hooks that the look has seen" in " ".join(impossible.values())
    assert history.audits


def test_frozen_layers_pass():
    model = Normed()
    model.conv1.requires_grad_(False)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.05)
    assert play(model, optimizer)[1:] == ([], {})


def test_audits_change_no_number():
    model = Dropping()
    other = copy.deepcopy(model)
    audited, plain = play(model)[0], play(other, audited=False)[0]
    assert audited.train_loss == plain.train_loss
    assert audited.val_loss == plain.val_loss
    assert all(map(torch.equal, model.parameters(), other.parameters()))


def test_a_model_that_changes_images_at_random_by_what_is_owned_passes():
    class Flipping(Small):
        def forward(self, x):
            if self.training:
                flipped = torch.rand(len(x), 1, 1, 1) < 0.5
                x = torch.where(flipped, x.flip(-1), x)
            return super().forward(x)

    model = Flipping()
    facts = look(model)
    assert facts.model.effects
    assert not play(model, facts=facts)[1]


def test_images_that_are_changed_at_random_are_not_counted():
    class Noise(torch.utils.data.Dataset):
        def __init__(self):
            self.images, self.labels = images()

        def __len__(self):
            return len(self.images)

        def __getitem__(self, index):
            return self.images[index] + torch.randn(3, 16, 16), self.labels[index]

    model = Small()
    facts = look(model)
    facts.train.random = True
    train = torch.utils.data.DataLoader(Noise(), batch_size=16)
    assert not play(model, train=train, facts=facts)[1]
