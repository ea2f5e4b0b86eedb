"""Where a model's weights come from: another team's runs are not this team's."""

import copy

import pytest
from helpers.models import model, plain

from jupyter_classgame import start_game


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
