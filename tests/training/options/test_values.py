"""The options of a run: every mistake is one line that starts with the option."""

import pytest
import torch
from helpers.models import model, sgd

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callbacks.clip import GradientClipping
from jupyter_classgame.training.callbacks.early_stopping import EarlyStopping
from jupyter_classgame.training.callbacks.ema import WeightAverage
from jupyter_classgame.training.callbacks.mixing import MixUntil
from jupyter_classgame.training.callbacks.smoothing import LabelSmoothing
from jupyter_classgame.training.callbacks.switch import SwitchOptimizer
from jupyter_classgame.training.callbacks.warmup import WarmUp
from jupyter_classgame.training.options.values import Options


def test_a_plain_run_has_no_callback():
    assert Options().callbacks() == ()
    assert Options(warmup=0).callbacks() == ()


def test_each_trick_has_its_callback_in_the_order_in_which_they_build_on_each_other():
    chosen = Options(
        patience=3, warmup=2, ema=0.9, keep="ema", clip=1, mix_until=4, smooth="0.1:0",
        then=sgd(model()), at=2,
    )  # fmt: skip
    assert [type(callback) for callback in chosen.callbacks()] == [
        SwitchOptimizer, WarmUp, MixUntil, LabelSmoothing, GradientClipping, WeightAverage,
        EarlyStopping,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"warmup": -1}, "--warmup -1: a whole number, at least 0"),
        ({"warmup": 1.5}, "--warmup 1.5: a whole number"),
        ({"min_delta": 0.01}, "--min-delta 0.01: add --patience N"),
        ({"ema": 1.0}, "--ema 1.0: a number above 0 and below 1 is needed"),
        ({"ema": 0}, "--ema 0: a number above 0 and below 1 is needed"),
        ({"ema": "much"}, "--ema much: a number above 0 and below 1"),
        ({"ema": float("nan")}, "--ema nan: a number above 0 and below 1"),
        ({"keep": "ema"}, "--keep ema: there is no average; add --ema 0.999"),
        ({"keep": "mean"}, "--keep mean: write one of last, best, ema"),
        ({"clip": 0.0}, "--clip 0.0: a number above 0 is needed"),
        ({"clip": float("inf")}, "--clip inf: a number above 0 is needed"),
        ({"clip": True}, "--clip True: a number above 0 is needed"),
        ({"accumulate": 0}, "--accumulate 0: a whole number, at least 1"),
        ({"mix_until": 0}, "--mix-until 0: a whole number, at least 1"),
        ({"smooth": "0.1"}, "--smooth 0.1: write the smoothing of the first and of the last"),
        ({"smooth": "0.1:1"}, "--smooth 0.1:1: write .* from 0 to below 1"),
        ({"smooth": "-0.1:0"}, "--smooth -0.1:0: write"),
        ({"smooth": "a:b"}, "--smooth a:b: write"),
        ({"smooth": "0.1:0.0:0"}, "--smooth 0.1:0.0:0: write"),
        ({"smooth": 0.1}, "--smooth 0.1: write"),
        ({"at": 3}, "--at 3: add --then OPTIMIZER"),
        ({"then": "optimizer2"}, "--then: add --at EPOCH"),
        ({"then": "optimizer2", "at": 1}, "--at 1: a whole number, at least 2"),
    ],
)
def test_a_mistake_is_one_line_that_starts_with_the_option(given, message):
    with pytest.raises(TrainingError, match=f"^{message}") as refused:
        Options(**given)
    assert "\n" not in str(refused.value)


def test_an_object_that_cannot_be_compared_is_taken_as_it_is():
    weights = torch.zeros(2)
    assert Options(then=weights, at=2).then is weights
    with pytest.raises(TrainingError, match=r"^--then: add --at EPOCH"):
        Options(then=weights)
