"""What an augmentation does: a few training images before and after it, made by its own recipe.

The recipe runs apart, in a forked child, where nothing of the notebook can be changed: neither its
random state nor its names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from jupyter_classgame.data.addressed_rng import random_state_kept, seed_sample
from jupyter_classgame.data.data_loader import make_loader
from jupyter_classgame.data.dataset import GameDataset
from jupyter_classgame.data.images.picture_decoder import Pixels
from jupyter_classgame.packs import Pack
from jupyter_classgame.referee.isolation import fork
from jupyter_classgame.session.run_registry import any_under_way
from jupyter_classgame.shop.item import AUGMENTATION

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context
    from jupyter_classgame.shop import Item

COUNT = 4
"""Images shown."""

TRIES = 24
"""Seeds that are tried until most images come out changed: a coin may leave them as they are."""

MOST = 3
"""How many changed images are enough."""

SEEN = 0.03
"""Mean change of a pixel, in [0, 1], from which on a difference is seen."""

SECONDS = 20.0
"""How long a recipe may take."""

_one_at_a_time = Lock()


@dataclass(frozen=True, eq=False)
class Examples:
    """Images before and after: uint8 of shape (height, width, 3), and their classes."""

    before: Sequence[Pixels]
    after: Sequence[Pixels]
    labels: Sequence[str]


def examples(context: "Context", item: "Item") -> Examples | str:
    """Show what an augmentation does to some of the images that a team trains on.

    The same game and item give the same pictures. It takes some tens of milliseconds, or as long
    as torchvision takes to load.

    Returns
    -------
    Examples or str
        Or, in a line, why there are none: the item changes no images, its recipe does not run by
        itself, or this system cannot fork and a run is under way.
    """
    if item.group != AUGMENTATION:
        return f"{item.name} changes no images"
    data = GameDataset.of(context.images, "train", context.pack.rules.base_fraction)

    def made() -> Examples:
        return _made(data, context.pack, item, context.image_size)

    with _one_at_a_time:
        if fork.can_fork():
            result = fork.gather({"made": made}, limit=SECONDS, reads_files=False)["made"]
        elif any_under_way():
            return "a run is under way; open the details again when it has ended"
        else:
            with random_state_kept():
                result = fork.run_here(made)
    return result.reason if isinstance(result, fork.Unobserved) else result


class _StandIn:
    """What a recipe may ask its game for: training images, and facts about them."""

    def __init__(self, data: GameDataset, image_size: tuple[int, int]) -> None:
        self.classes = data.classes
        self.image_size = image_size
        self._data = data

    def dataset(self, _split: str, _fraction: Any = None, transform: Any = None) -> GameDataset:
        data = self._data
        return GameDataset(
            data.source, data.indices, transform, data.split, data.fraction, data.classes
        )

    def loader(
        self, split: str, batch_size: int = 64, transform: Any = None, fraction: Any = None,
        **options: Any,
    ) -> Any:  # fmt: skip
        data = self.dataset(split, fraction, transform)
        return make_loader(data, batch_size=batch_size, **options)


def _made(data: GameDataset, pack: Pack, item: "Item", size: tuple[int, int]) -> Examples:
    names: dict[str, Any] = {"game": _StandIn(data, size)}
    exec(pack.recipe(item, names), names)  # noqa: S102 - the pack's own code, which players run
    loader = names["train_loader"]
    samples = [data[index] for index in _chosen(data.labels)]
    before = torch.stack([image for image, _ in samples])
    best, most = before, -1
    for seed in range(TRIES):
        after = _after(loader, samples, seed)
        changed = _changed(before, after)
        if changed > most:
            best, most = after, changed
        if most >= MOST:
            break
    labels = [data.classes[label] for _, label in samples]
    return Examples(_pixels(before), _pixels(best), labels)


def _chosen(labels: Any) -> list[int]:
    """Give the first image of one class after another, then the second ones."""
    classes = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    rounds = max(len(positions) for positions in classes)
    order = [int(own[n]) for n in range(rounds) for own in classes if n < len(own)]
    return [order[n % len(order)] for n in range(COUNT)]


def _after(loader: Any, samples: Sequence[tuple[Tensor, int]], seed: int) -> Tensor:
    seed_sample((seed, seed, seed))
    transform = loader.dataset.transform or (lambda image: image)
    images, _ = loader.collate_fn([(transform(image), label) for image, label in samples])
    return images.clamp(0, 1)  # type: ignore[no-any-return]


def _changed(before: Tensor, after: Tensor) -> int:
    """Count the images that came out unlike every one that went in: mixup may just swap them."""
    if before.shape != after.shape:
        return len(after)
    apart_from = (after[:, None] - before[None]).abs().mean(dim=(2, 3, 4))
    return int((apart_from.amin(dim=1) > SEEN).sum())


def _pixels(images: Tensor) -> list[Pixels]:
    whole = images.mul(255).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous()
    return list(whole.numpy())
