"""Techniques that come with an item, as a pack says."""

import pytest
from helpers.models import model, plain
from torchvision.transforms import v2

from jupyter_classgame import start_game
from jupyter_classgame.session.verdicts import RefusedError

PACK = """
format = 1
name = "bundles"
title = "Bundles"
extends = "first-game"
[data]
source = "folder"
path = "images"
image_size = [16, 16]
[[items]]
slug = "geometry"
name = "Geometry"
technique = "shear"
price = 15
group = "Augmentation"
card = "geometry.md"
contains = ["flip", "warp"]
"""
CARD = """# Geometry

All that moves.

## What it is

Moves.

## Recipe

Paste.

```python
x = 1
```
"""


@pytest.fixture
def game(image_folder, tmp_path, namespace):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "pack.toml").write_text(PACK)
    (folder / "geometry.md").write_text(CARD)
    (folder / "images").symlink_to(image_folder, target_is_directory=True)
    game = start_game(folder, team="red", namespace=namespace)
    namespace["model"] = model()
    namespace["optimizer"] = plain(namespace["model"])
    namespace["train_loader"] = game.loader(
        "train", batch_size=8, transform=v2.RandomHorizontalFlip()
    )
    namespace["val_loader"] = game.loader("val")
    return game


def test_what_comes_with_an_item_that_is_owned_may_be_used(game):
    with pytest.raises(RefusedError, match="Flip trick"):
        game.train(epochs=1)
    game.buy("Geometry")
    assert game.owns("flip")
    assert game.train(epochs=1).ranked
    assert game.runs().runs[-1].in_use == {"geometry": 1}


def test_what_was_bought_for_itself_counts_as_that(game):
    game.order("buy Geometry, Flip trick")
    game.train(epochs=1)
    assert game.runs().runs[-1].in_use == {"flip-trick": 1}
