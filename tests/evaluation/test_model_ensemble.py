import pytest
import torch
from helpers.models import loader, model
from torch import nn

from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.evaluation.model_ensemble import Ensemble, build_ensemble
from jupyter_classgame.training.device.placement import choose_device

CPU = choose_device("cpu")


class Fixed(nn.Module):
    """Always gives the same probabilities, as scores."""

    def __init__(self, *probabilities):
        super().__init__()
        self.scores = nn.Parameter(torch.tensor(probabilities).log())

    def forward(self, x):
        return self.scores.expand(len(x), -1)


A, B, C = (0.6, 0.4, 1e-9), (0.6, 0.4, 1e-9), (1e-9, 0.99, 0.01)


@pytest.mark.parametrize(
    ("vote", "weights", "expected"),
    [
        ("soft", None, [0.4, (0.4 + 0.4 + 0.99) / 3, 0.01 / 3]),
        ("hard", None, [2 / 3, 1 / 3, 0.0]),
        ("weighted", [2, 2, 0], [0.6, 0.4, 0.0]),
    ],
)
def test_votes_are_counted(vote, weights, expected):
    ensemble = Ensemble([Fixed(*A), Fixed(*B), Fixed(*C)], vote=vote, weights=weights)
    probabilities = ensemble(torch.zeros(2, 3, 8, 8)).exp()
    assert probabilities.shape == (2, 3)
    assert probabilities[0].tolist() == pytest.approx(expected, abs=1e-4)


def test_members_may_give_probabilities_or_log_probabilities():
    scores = Fixed(0.5, 0.3, 0.2)
    soft = nn.Sequential(Fixed(0.5, 0.3, 0.2), nn.Softmax(1))
    log = nn.Sequential(Fixed(0.5, 0.3, 0.2), nn.LogSoftmax(1))
    mean = Ensemble([scores, soft, log])(torch.zeros(1, 3, 8, 8)).exp()
    assert mean[0].tolist() == pytest.approx([0.5, 0.3, 0.2], abs=1e-4)


def test_weights_come_from_accuracy():
    good, bad = Fixed(0.8, 0.1, 0.1), Fixed(0.1, 0.8, 0.1)
    images = torch.zeros(10, 3, 8, 8)
    labels = torch.tensor([0] * 7 + [1] * 3)
    ensemble = build_ensemble([good, bad], [(images, labels)], CPU, vote="weighted")
    assert ensemble.member_accuracy == pytest.approx([0.7, 0.3])
    assert ensemble.weights == pytest.approx([0.7, 0.3])
    assert (ensemble.accuracy, ensemble.n) == (0.7, 10)


def test_members_vote_in_eval_mode_and_are_left_as_they_were():
    one, two = model(norm=True, dropout=0.9), model(1, norm=True, dropout=0.9)
    one.train()
    two.eval()
    before = one.norm.running_mean.clone()
    ensemble = build_ensemble([one, two], loader(shuffle=False), CPU)
    first, again = (ensemble(torch.ones(2, 3, 8, 8)) for _ in range(2))
    assert torch.equal(first, again)
    assert (one.training, one.drop.training, two.training) == (True, True, False)
    assert torch.equal(one.norm.running_mean, before)


def test_an_ensemble_can_be_an_ensembles_member():
    pair = Ensemble([Fixed(*A), Fixed(*C)])
    assert Ensemble([pair, Fixed(*B)])(torch.zeros(1, 3, 8, 8)).exp().sum().item() == pytest.approx(
        1
    )


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_are_refused(count):
    with pytest.raises(EvaluationError, match=f"two models or more, not {count}"):
        Ensemble([model() for _ in range(count)])


def test_the_same_object_twice_is_refused():
    net = model()
    with pytest.raises(EvaluationError, match="members 1 and 3 are the same model"):
        Ensemble([net, model(1), net])


def test_members_of_different_class_counts_are_refused():
    with pytest.raises(EvaluationError, match="model 1 3, model 2 5"):
        build_ensemble([model(), model(classes=5)], loader(), CPU)


def test_too_few_classes_are_refused():
    with pytest.raises(EvaluationError, match="predict 3 classes, but there are 7"):
        build_ensemble([model(), model(1)], loader(), CPU, classes=7)


def test_what_is_no_model_or_vote_is_refused():
    with pytest.raises(EvaluationError, match="member 2 is a str"):
        Ensemble([model(), "model"])
    with pytest.raises(EvaluationError, match="--vote loud"):
        Ensemble([model(), model(1)], vote="loud")


@pytest.mark.parametrize(
    "weights", [[0, 0], [1, -1], [1, float("nan")], [1, float("inf")], [1], []]
)
def test_weights_that_make_no_vote_are_refused(weights):
    with pytest.raises(EvaluationError, match="weights"):
        Ensemble([Fixed(*A), Fixed(*C)], vote="weighted", weights=weights)


def test_a_compiled_model_is_no_second_member():
    net = model()
    with pytest.raises(EvaluationError, match="members 1 and 2 are the same model"):
        Ensemble([net, torch.compile(net)])
