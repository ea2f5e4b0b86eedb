"""What a model's own methods may hide of ``nn.Module``, and what not."""

import types

import pytest
import torch
from helpers.models import model, sgd
from helpers.runs import request
from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.run.checks.hidden_methods import check_methods

ran = []


def validate(batches):
    ran.append(batches)


class Plain(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)


class OwnLoop(Plain):
    def train(self, epochs=1):
        super().train()
        ran.append(epochs)


class OfLoader(Plain):
    def train(self, loader, epochs):
        ran.append((loader, epochs))


class Scored(Plain):
    def eval(self, loader=None):
        return validate(loader)


class Counted(Plain):
    def parameters(self):
        return sum(p.numel() for p in super().parameters())


class Layers(Plain):
    def modules(self):
        return ["fc"]


class Weights(Plain):
    def state_dict(self, path):
        torch.save(super().state_dict(), path)


class Placed(Plain):
    def to(self):
        return self


def with_attribute(name, value):
    made = Plain()
    setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("made", "hidden"),
    [
        (OwnLoop(), "OwnLoop.train hides"),
        (OfLoader(), "OfLoader.train hides"),
        (Scored(), "Scored.eval hides"),
        (Counted(), "Counted.parameters hides"),
        (Layers(), "Layers.modules hides"),
        (Weights(), "Weights.state_dict hides"),
        (Placed(), "Placed.to hides"),
        (with_attribute("train", 0.8), "Plain.train hides"),
        (with_attribute("named_parameters", ["w"]), "Plain.named_parameters hides"),
        (nn.Sequential(nn.Flatten(), Scored()), r"Scored.eval \(model.1\) hides"),
        (nn.DataParallel(OwnLoop()), r"OwnLoop.train \(model.module\) hides"),
        (torch.compile(OwnLoop(), backend="eager"), r"OwnLoop.train \(model._orig_mod\) hides"),
    ],
)
def test_an_own_method_in_the_place_of_a_modules_is_refused_in_one_line(made, hidden):
    with pytest.raises(
        TrainingError, match=rf"^model: {hidden} torch.nn.Module\.\w+, which"
    ) as told:
        check_methods(made, "model")
    assert "\n" not in str(told.value)
    assert "rename it" in told.value.advice
    assert ran == []


class Frozen(Plain):
    def train(self, mode=True):
        super().train(mode)
        self.fc.eval()
        return self

    def eval(self):
        return self.train(False)

    def parameters(self, recurse=True):
        return (p for p in super().parameters(recurse) if p.requires_grad)

    def state_dict(self, *args, **kwargs):
        return super().state_dict(*args, **kwargs)

    def to(self, *args, **kwargs):
        return super().to(*args, **kwargs)


def fixed(self, mode=True):
    return self


@pytest.mark.parametrize(
    "made",
    [
        Plain(), Frozen(), nn.Sequential(Frozen()), with_attribute("type", "small"),
        with_attribute("eval", lambda: None),
        with_attribute("train", types.MethodType(fixed, Plain())), with_attribute("train", fixed),
        torch.compile(Plain(), backend="eager"), "no module",
    ],
)  # fmt: skip
def test_what_does_the_same_and_more_may_stand(made):
    check_methods(made, "model")


def test_a_run_is_refused_for_its_model_and_its_criterion():
    class Loss(nn.CrossEntropyLoss):
        def train(self, epochs):
            ran.append(epochs)

    net = model()
    with pytest.raises(TrainingError, match=r"^criterion: Loss.train hides"):
        request(net, sgd(net), criterion=Loss()).checked()
    assert ran == []
