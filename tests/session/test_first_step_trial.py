"""What cannot take its first step is told in one line, before a run begins."""

import copy
import os

import pytest
import torch
from helpers.models import Net, model, plain
from torch import nn

from jupyter_classgame.session.verdicts import RefusedError


class WrongWidth(Net):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(7, 3)


class NoReturn(Net):
    def forward(self, images):
        super().forward(images)


class Decided(Net):
    def forward(self, images):
        return super().forward(images).argmax(1)


class TrainsAlone(Net):
    def forward(self, images):
        if not self.training:
            raise ValueError("no such branch")
        return super().forward(images)


MODELS = [
    (TrainsAlone, r"no such branch \(in forward, line \d+: `raise"),
    (WrongWidth, r"mat1 and mat2 shapes cannot be multiplied .* \(in forward, line \d+: `return"),
    (NoReturn, "the model returns NoneType; class scores"),
    (Decided, r"the model returns \(8,\); class scores"),
]


@pytest.mark.parametrize(("kind", "said"), MODELS)
def test_a_broken_model_uses_no_run_number(ready, kind, said):
    net = kind()
    optimizer = plain(net)
    weights, random = copy.deepcopy(net.state_dict()), torch.get_rng_state()
    with pytest.raises(RefusedError, match=said) as refused:
        ready.train(net, optimizer, epochs=1)
    assert "\n" not in str(refused.value)
    assert str(refused.value).endswith("or --force to see it raised")
    verdict = refused.value.verdict
    assert [finding.code for finding in verdict.findings] == ["unreadable"]
    assert verdict.unknown == []
    assert ready.runs().runs == ()
    assert ready.histories == []
    torch.testing.assert_close(net.state_dict(), weights)
    assert torch.equal(torch.get_rng_state(), random)
    assert optimizer.state == {}
    assert all(p.grad is None for p in net.parameters())


def forgotten(image):
    image * 2


def misspelt(image):
    return imge  # noqa: F821


@pytest.mark.parametrize(
    ("transform", "said"),
    [
        (forgotten, "transform forgotten returned NoneType"),
        (misspelt, r"'imge' is not defined \(in misspelt"),
    ],
)
def test_so_does_a_broken_transform(ready, namespace, transform, said):
    namespace["train_loader"] = ready.loader("train", batch_size=8, transform=transform)
    with pytest.raises(RefusedError, match=said) as refused:
        ready.train(epochs=1)
    assert [finding.code for finding in refused.value.verdict.findings] == ["unreadable"]
    assert ready.runs().runs == ()


def test_force_goes_on_to_the_error_itself(ready):
    net = WrongWidth()
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        ready.train(net, plain(net), epochs=1, force=True)
    assert [run.stopped_by for run in ready.runs().runs] == ["error"]


def test_check_gives_the_finding_and_raises_nothing(ready):
    net = WrongWidth()
    (finding,) = ready.check(net, plain(net)).findings
    assert finding.code == "unreadable"
    assert ready.check().findings == []


def test_practice_is_stopped_too(ready):
    net = NoReturn()
    with pytest.raises(RefusedError):
        ready.train(net, plain(net), epochs=1, practice=True)


def test_what_fails_only_where_the_referee_looks_is_no_error(ready):
    class Homebound(Net):
        def __init__(self):
            super().__init__()
            self.home = os.getpid()

        def forward(self, images):
            if os.getpid() != self.home:
                raise RuntimeError("not here")
            return super().forward(images)

    net = Homebound()
    history = ready.train(net, plain(net), epochs=1)
    assert (history.stopped_by, history.ranked) == ("epochs", False)
    assert "not here" in history.notes[-1]


def test_a_good_model_after_a_broken_one_is_run_1(ready):
    net = WrongWidth()
    with pytest.raises(RefusedError):
        ready.train(net, plain(net), epochs=1)
    good = model()
    assert ready.train(good, plain(good), epochs=1).ranked
    assert [run.number for run in ready.runs().runs] == [1]
