"""Where a model's weights come from: another team's runs are not this team's."""

import copy

import pytest
import torch
from helpers.models import Net, model, plain
from torch import nn

from jupyter_classgame import start_game
from jupyter_classgame.session.weights_origin import WeightsOrigin


@pytest.fixture
def red(ready, namespace):
    """A team that has trained its model."""
    assert ready.train(epochs=1).ranked
    return ready


def test_another_teams_model_is_not_ranked(red, image_folder, namespace):
    blue = start_game(image_folder, team="blue", image_size=16, namespace=namespace)
    history = blue.train(epochs=1)
    assert not history.ranked
    assert history.notes[-1].endswith("it goes on from run 1 of team red in insects")


def test_a_copy_of_its_weights_is_known_too(red, image_folder, namespace):
    blue = start_game(image_folder, team="blue", image_size=16, namespace=namespace)
    net = model(seed=7)
    net.load_state_dict(copy.deepcopy(namespace["model"].state_dict()))
    assert not blue.train(net, plain(net), epochs=1).ranked
    verdict = blue.check(net, plain(net))
    assert not verdict.rankable


def test_a_model_of_a_practice_game_is_not_ranked(image_folder, namespace, game):
    practice = start_game(
        image_folder, team="red", image_size=16, namespace=namespace, practice=True
    )
    net = model()
    namespace["train_loader"] = practice.loader("train", batch_size=8)
    practice.train(net, plain(net), epochs=1)
    history = game.train(net, plain(net), epochs=1)
    assert not history.ranked
    assert "it goes on from" in history.notes[-1]


def test_the_same_first_weights_are_everybodys(red, image_folder, namespace):
    blue = start_game(image_folder, team="blue", image_size=16, namespace=namespace)
    net = model()  # red's began so too
    assert blue.train(net, plain(net), epochs=1).ranked


WIDE = 24


class Wide(Net):
    """With a layer that is large enough to be marked."""

    def __init__(self):
        super().__init__()
        self.deep = nn.Conv2d(6, WIDE, 3, padding=1)
        self.fc = nn.Linear(WIDE, 3)

    def forward(self, x):
        return self.fc(torch.relu(self.deep(torch.relu(self.conv(x)))).mean((2, 3)))


@pytest.fixture
def ended(ready):
    """What runs of wide networks have left."""

    def trained(*seeds):
        found = []
        for seed in seeds:
            torch.manual_seed(seed)
            net = Wide()
            ready.train(net, plain(net, lr=2.0), epochs=1)
            found.append(net.deep.weight.detach().clone())
        return found

    return trained


def origin(game, weight=None):
    torch.manual_seed(9)
    net = Wide()
    if weight is not None:
        net.deep.weight.data.copy_(weight)
    return WeightsOrigin.of(game.context, net).why_unranked


def test_one_layer_of_an_earlier_run_is_known_again(ready, ended, image_folder, namespace):
    one, two = ended(1, 2)
    advice = "make the model anew, or go on with all of its weights"
    assert origin(ready, one) == f"deep.weight was trained by run 1 (Wide); {advice}"
    assert "run 2" in origin(ready, -two[torch.randperm(WIDE)])
    assert "deep.weight was made of what earlier runs have trained" in origin(
        ready, (one + two) / 2
    )
    assert origin(ready) == ""
    torch.manual_seed(1)
    assert origin(ready, Wide().deep.weight.detach()) == ""  # from which the first run began
    blue = start_game(image_folder, team="blue", image_size=16, namespace=namespace)
    assert "run 1 (Wide) of team red in insects" in origin(blue, one)
