import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from jupyter_classgame.packs import load_pack
from jupyter_classgame.referee.isolation import fork
from jupyter_classgame.session import start_game
from jupyter_classgame.session.images import recipe_examples as module
from jupyter_classgame.session.images.recipe_examples import COUNT, Examples, examples
from jupyter_classgame.shop.item import AUGMENTATION

CATALOGUE = load_pack("first-game").catalogue
AUGMENTATIONS = [item for item in CATALOGUE if item.group == AUGMENTATION]
OTHERS = [item for item in CATALOGUE if item.group != AUGMENTATION]


@pytest.fixture
def game(image_folder):
    return start_game(image_folder, team="red", image_size=32)


def random_states():
    return random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()


@pytest.mark.parametrize("item", AUGMENTATIONS, ids=lambda item: item.slug)
def test_every_augmentation_shows_what_it_does_to_training_images(game, item):
    before = random_states()
    made = examples(game.context, item)
    assert random_states() == before
    assert isinstance(made, Examples), made
    assert len(made.before) == len(made.after) == len(made.labels) == COUNT
    assert set(made.labels) == set(game.classes)
    own = game.dataset("train")
    trained = {own[i][0].mul(255).round().byte().numpy().tobytes() for i in range(len(own))}
    shown = {np.ascontiguousarray(image.transpose(2, 0, 1)).tobytes() for image in made.before}
    assert shown <= trained
    changed = [not any(np.array_equal(a, b) for b in made.before) for a in made.after]
    assert sum(changed) >= 3  # and not only swapped, as a mixup of nearly nothing does


def test_the_pictures_are_the_same_every_time(game):
    item = CATALOGUE["whirl-and-swirl"]
    random.seed(5)
    first = examples(game.context, item)
    torch.manual_seed(7)
    again = examples(game.context, item)
    assert all(map(np.array_equal, first.after, again.after))


def test_a_flip_mirrors(game):
    made = examples(game.context, CATALOGUE["flip-trick"])
    mirrored = [np.array_equal(a[:, ::-1], b) for a, b in zip(made.before, made.after, strict=True)]
    assert sum(mirrored) >= 3


def test_the_ledger_is_not_asked_and_the_notebook_gets_no_names(game, monkeypatch):
    monkeypatch.setattr(type(game), "wallet", property(lambda _game: 1 / 0))
    monkeypatch.setattr(type(game), "owned", property(lambda _game: 1 / 0))
    before = dict(game.namespace)
    assert isinstance(examples(game.context, CATALOGUE["mixup-mixer"]), Examples)
    assert dict(game.namespace) == before


@pytest.mark.parametrize("item", OTHERS, ids=lambda item: item.slug)
def test_other_items_have_none(game, item):
    assert examples(game.context, item) == f"{item.name} changes no images"


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        ("augmentations = 1 / 0", "division by zero"),
        ("import os; os._exit(3)", "ended without an answer"),
        ("x = 1", "KeyError: 'train_loader'"),
        ("train_loader = game.loader('train', transform=lambda image: image.sum())", "Error"),
    ],
)
def test_a_recipe_that_does_not_run_by_itself_has_none(game, recipe, reason):
    item = CATALOGUE["flip-trick"]
    broken = replace(item, card=replace(item.card, recipe=recipe))
    assert reason in examples(game.context, broken)


def test_where_nothing_forks_the_random_state_is_put_back(game, monkeypatch):
    monkeypatch.setattr(fork, "can_fork", lambda: False)
    before = random_states()
    assert isinstance(examples(game.context, CATALOGUE["cutout-mask"]), Examples)
    assert random_states() == before
    monkeypatch.setattr(module, "any_under_way", lambda: True)
    assert "a run is under way" in examples(game.context, CATALOGUE["cutout-mask"])
