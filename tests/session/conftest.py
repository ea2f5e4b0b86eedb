import pytest
import torch
from helpers.models import model, plain

from jupyter_classgame import start_game


@pytest.fixture
def namespace():
    """What a notebook would hold."""
    return {}


@pytest.fixture
def game(image_folder, namespace):
    return start_game(image_folder, team="red", image_size=16, namespace=namespace)


@pytest.fixture
def ready(game, namespace):
    """A game with model, optimizer and loaders in the namespace."""
    torch.manual_seed(0)
    namespace["model"] = model()
    namespace["optimizer"] = plain(namespace["model"])
    namespace["train_loader"] = game.loader("train", batch_size=8)
    namespace["val_loader"] = game.loader("val")
    return game
