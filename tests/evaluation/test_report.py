import numpy as np
import pytest
import torch
from helpers.models import loader, model
from torch import nn

from jupyter_classgame.errors import EvaluationError, TrainingError
from jupyter_classgame.evaluation.report import build_report, score
from jupyter_classgame.training.device.placement import choose_device

CPU = choose_device("cpu")
LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2])
PREDICTIONS = np.array([0, 0, 0, 1, 1, 0, 0, 0])


def test_the_sums_are_those_of_the_textbook():
    result = build_report(LABELS, PREDICTIONS, ("a", "b", "c"), "model", "these")
    assert result.confusion.tolist() == [[3, 1, 0], [1, 1, 0], [2, 0, 0]]
    assert result.accuracy == 0.5
    assert result.precision == pytest.approx((3 / 6 + 1 / 2 + 0) / 3)
    assert result.recall == pytest.approx((3 / 4 + 1 / 2 + 0) / 3)
    assert result.f1 == pytest.approx((0.6 + 0.5 + 0) / 3)
    assert result.n == 8
    frame = result.frame()
    assert frame.loc["a", "support"] == 4
    assert frame.loc["c", "precision"] == 0
    assert "accuracy 0.5000" in repr(result)


def test_a_class_without_images_is_kept():
    result = build_report(LABELS, PREDICTIONS, ("a", "b", "c", "d"), "model", "these")
    assert result.confusion.shape == (4, 4)
    assert result.frame().loc["d"].tolist() == [0, 0, 0, 0]


def test_a_model_is_scored_and_left_as_it_was():
    net = model(norm=True, dropout=0.5)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state = torch.get_rng_state()
    result = score(net, loader(one_hot=True), CPU, classes=("a", "b", "c"))
    assert result.n == 96
    assert net.training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)


def test_further_outputs_do_no_harm():
    assert score(model(classes=5), loader(), CPU, classes=("a", "b", "c")).confusion.shape == (3, 3)


@pytest.mark.parametrize(
    ("net", "data", "error", "message"),
    [
        (model(classes=2), loader(), EvaluationError, "gives 2 scores an image"),
        (model(), loader(classes=7), EvaluationError, "labels must be from 0 to 2"),
        (model(), [], EvaluationError, "yields no images"),
        (nn.Flatten(0), loader(), TrainingError, "class scores of shape"),
        (model(), [torch.zeros(2, 3, 8, 8)], TrainingError, "the loader gives a Tensor"),
    ],
)
def test_what_cannot_be_scored_is_told_in_one_line(net, data, error, message):
    with pytest.raises(error, match=message) as refused:
        score(net, data, CPU, classes=("a", "b", "c"))
    assert "\n" not in str(refused.value)


class Own(nn.Module):
    def __init__(self, act):
        super().__init__()
        self.act = act

    def forward(self, images):
        return self.act(images)


@pytest.mark.parametrize(
    ("net", "told"),
    [
        (nn.Sequential(nn.Flatten(), nn.Linear(7, 3)), "RuntimeError: mat1 and mat2 shapes"),
        (nn.Conv2d(1, 3, 3), "RuntimeError: Given groups=1"),
        (Own(lambda images: images.view(1, 5)), r"RuntimeError in line \d+ of <lambda>: shape"),
        (nn.Bilinear(2, 2, 2), "TypeError: .*missing 1 required positional argument"),
    ],
)
def test_a_model_that_does_not_fit_is_told_in_one_line(net, told):
    with pytest.raises(EvaluationError, match=f"does not accept these images, .*: {told}") as said:
        score(net, loader(), CPU, classes=("a", "b", "c"))
    assert "\n" not in str(said.value)
    assert "in a cell of its own" in said.value.advice


def test_scores_that_are_not_finite_are_refused():
    net = model()
    with torch.no_grad():
        net.fc.bias[0] = float("nan")
    with pytest.raises(EvaluationError, match="not finite"):
        score(net, loader(), CPU, classes=("a", "b", "c"))
