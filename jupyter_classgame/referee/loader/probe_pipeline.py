"""A loader with its stores of images and its random sources, to draw from again and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jupyter_classgame.referee.isolation import file_overlay
from jupyter_classgame.referee.isolation.object_graph import Place, walk
from jupyter_classgame.referee.isolation.rng import Randomness, is_generator
from jupyter_classgame.referee.loader.image_fetcher import Feed, sized
from jupyter_classgame.referee.loader.image_stores import Store, find_stores

BATCH = 8
COMMON_SEED = 1000
SMALL_ENOUGH = 4096


@dataclass
class Pipeline:
    """A loader with everything that was found by walking it."""

    feed: Feed
    name: str
    places: list[Place]
    randomness: Randomness
    stores: list[Store]
    indices: list[int]
    tidy: Callable[[], None]

    def draw(
        self, choose: Callable[[Any], np.ndarray], seed: int, count: int, *, uniform: bool
    ) -> Any:
        """Return one batch while every store shows what `choose` says."""
        for store in self.stores:
            store.show(choose, uniform=uniform)
        try:
            return self.batch(seed, count)
        finally:
            for store in self.stores:
                store.undo()

    def draws(self, count: int) -> bool:
        """Whether making a batch draws from a random source."""
        if not self.feed.by_index:
            return True
        self.randomness.seed(COMMON_SEED)
        before = self.randomness.state()
        self.tidy()
        self.feed.fetch(self.indices[:count])
        return self.randomness.moved(before)

    def batch(self, seed: int, count: int) -> Any:
        """Return one batch as the loader would make it, from a seed."""
        self.tidy()
        self.randomness.seed(seed)
        if self.feed.by_index:
            return self.feed.fetch(self.indices[:count])
        return self.feed.next_batch()


def open_pipeline(loader: Any, name: str) -> Pipeline:
    """Walk a loader and make it ready to draw from."""
    feed = Feed(loader)
    places = list(walk(loader, name))
    generators = [place.value for place in places if is_generator(place.value)]
    indices: list[int] = []
    if feed.by_index:
        size = sized(feed.dataset)
        if size:
            indices = [round(k * (size - 1) / (BATCH - 1)) for k in range(BATCH)]
        else:
            indices = (feed.indices()[0] or [])[:BATCH]
        if not indices:
            raise ValueError(f"{name} is empty: its dataset holds no images")
    return Pipeline(
        feed, name, places, Randomness(generators), find_stores(places), indices, _tidier(places)
    )  # fmt: skip


def _tidier(places: Sequence[Place]) -> Callable[[], None]:
    """Return what empties caches that fill while images are drawn."""
    caches = [
        p.value.cache_clear for p in places if callable(getattr(p.value, "cache_clear", None))
    ]
    kept: list[tuple[Any, Any]] = [
        (p.value, p.value.copy()) for p in places if type(p.value) in (dict, set)
        and len(p.value) <= SMALL_ENOUGH and ".__" not in p.path
    ]  # fmt: skip

    def tidy() -> None:
        file_overlay.forget()
        for clear in caches:
            clear()
        for container, before in kept:
            if len(container) != len(before):
                container.clear()
                container.update(before)

    return tidy
