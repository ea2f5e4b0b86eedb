"""The images a team may have: shares of the training images, and no test images."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from jupyter_classgame.data import GameDataset
from jupyter_classgame.errors import ClassGameWarning, DataError, TrainingError
from jupyter_classgame.session.context import MORE_DATA, Context
from jupyter_classgame.shop.item import amount

DEEPEST = 20
"""How many levels of nested datasets are searched."""


def dataset(
    context: "Context",
    split: str,
    fraction: float | None,
    transform: Callable[[Any], Any] | None,
) -> GameDataset:
    """Give a split of a game's images; see :meth:`Game.dataset`.

    A warning names the line that called the game's method.
    """
    if split == "test":
        raise DataError('the test images stay hidden; the splits are "train" and "val"')
    if fraction is None:
        fraction = context.pack.rules.base_fraction if split == "train" else 1.0
    data = GameDataset.of(context.images, split, fraction, transform)
    if refusal := beyond_owned(context, data):
        warnings.warn(f"{refusal}; %train stops on more", ClassGameWarning, stacklevel=3)
    return data


def check_own(context: "Context", loader: Any, name: str) -> None:
    """Refuse images of another game.

    Raises
    ------
    TrainingError
        The loader was built for another game.
    """
    for data in game_datasets(loader):
        if data.source not in (context.images.train, context.images.val):
            raise TrainingError(
                f"{name} has images of another game than {context.pack.name}; run its cell again"
            )


def check_train(train_loader: Any) -> None:
    """Refuse to train on the images to measure by: without a val_loader nobody else would see it.

    Raises
    ------
    TrainingError
        There are images of another split than "train" among them.
    """
    for data in game_datasets(train_loader):
        if data.split != "train":
            raise TrainingError(
                f"train_loader has {data.split} images in it, which are there to measure by; "
                'build it with game.loader("train", ...)'
            )


def beyond_owned(context: "Context", data: GameDataset) -> str:
    """Say what is wrong with training on a dataset; nothing when it is owned."""
    if data.split != "train" or data.fraction <= context.pack.rules.base_fraction:
        return ""
    if data.fraction <= context.fraction:
        return ""
    item = context.item_for(MORE_DATA)
    remedy = f'buy "{item.name}"' if item else f"use fraction={context.fraction:g}"
    return (
        f"fraction {data.fraction:g} of the training images is more than the "
        f"{context.fraction:g} that is owned; {remedy}"
        + (f" ({amount(item.price)})" if item else "")
    )


def declared_fraction(train_loader: Any) -> float:
    """Give the largest share of the training images that a loader was built on; 0 for none."""
    return max((d.fraction for d in game_datasets(train_loader) if d.split == "train"), default=0.0)


def game_datasets(thing: Any, depth: int = DEEPEST) -> Iterator[GameDataset]:
    """Find the game's own datasets in a loader, through subsets, concatenations and wrappers."""
    if isinstance(thing, GameDataset):
        yield thing
    elif depth and thing is not None:
        inner = getattr(thing, "datasets", None) or [getattr(thing, "dataset", None)]
        for part in inner if isinstance(inner, (list, tuple)) else []:
            yield from game_datasets(part, depth - 1)
