"""Whole notebooks under the referee: honest ones end ranked, and their techniques are named."""

import random
import warnings

import numpy as np
import pytest
import torch
from PIL import Image
from referee.whole_runs import honest, unfair

from jupyter_classgame import start_game
from jupyter_classgame.session.verdicts import RefusedError

PACK = """
format = 1
name = "liberal"
title = "Liberal"
summary = "What a notebook says it uses is free"
extends = "first-game"
[rules]
free = [{free}]
max_epochs = 20
[data]
source = "folder"
path = "{folder}"
image_size = [32, 32]
"""


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Six classes of stripes, twenty images each: direction, width and colour tell them apart."""
    folder, rng = tmp_path_factory.mktemp("photographs") / "stripes", np.random.default_rng(0)
    across, down = np.meshgrid(np.arange(32), np.arange(32))
    for number in range(6):
        (folder / f"kind{number}").mkdir(parents=True)
        angle, width = np.pi * number / 6, 0.4 + 0.15 * (number % 3)
        place = np.cos(angle) * across + np.sin(angle) * down
        for index in range(20):
            stripes = np.sin(width * place + rng.uniform(0, 6))[..., None]
            colour = np.array([30, 20, 10])[[(number + k) % 3 for k in range(3)]]
            pixels = 120 + stripes * colour + rng.normal(0, 25, (32, 32, 3))
            image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
            image.save(folder / f"kind{number}" / f"{index:03}.png")
    return folder


@pytest.fixture
def play(photographs, tmp_path):
    """Start a game in which some techniques are free, with the parts of a notebook."""

    def started(make, uses):
        free = ", ".join(f'"{name}"' for name in (*uses, "adaptive-step"))
        pack = tmp_path / "pack.toml"
        pack.write_text(PACK.format(free=free, folder=photographs))
        namespace = {}
        game = start_game(pack, team="red", namespace=namespace, seed=0)
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the notebooks are other people's code
            namespace.update(make(game))
        return game

    return started


@pytest.mark.parametrize("name", honest.CASES)
def test_an_honest_notebook_is_ranked(play, every_step, name):
    make, uses, options = honest.CASES[name]
    game = play(make, uses)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = game.train(**{"epochs": 2, "seed": 1, **options})
    assert history.ranked, history.unranked_reasons
    assert history.unranked_reasons == ()


@pytest.mark.parametrize("name", unfair.CASES)
def test_an_unfair_notebook_is_not(play, every_step, name):
    make, options = unfair.CASES[name]
    game = play(make, ())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            history = game.train(**{"epochs": 2, "seed": 1, **options})
        except RefusedError:
            return
    assert not history.ranked
    assert history.unranked_reasons
