"""A loader whose stored images can be replaced by probe images, drawn from repeatedly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jupyter_classgame.referee.isolation import file_overlay
from jupyter_classgame.referee.isolation.object_graph import Reference, walk
from jupyter_classgame.referee.isolation.rng import RandomSources, is_generator
from jupyter_classgame.referee.loader.cached_items import Caches
from jupyter_classgame.referee.loader.image_fetcher import ImageFetcher, sized
from jupyter_classgame.referee.loader.image_stores import ImageStore, SourceStore, find_stores

BATCH = 8
COMMON_SEED = 1000


@dataclass
class ProbePipeline:
    """A loader with the image stores and random sources that were found in it.

    Attributes
    ----------
    fetcher
        Fetches batches of the loader.
    name
        How messages name the loader.
    references
        Everything that the loader refers to.
    random_sources
        The global random generators and those among the references.
    stores
        Where the loader's images are stored.
    indices
        A few indices from all over the dataset; empty without random access.
    tidy
        Empties caches, so that no batch is made of images that an earlier one left there.
    """

    fetcher: ImageFetcher
    name: str
    references: list[Reference]
    random_sources: RandomSources
    stores: list[ImageStore]
    indices: list[int]
    tidy: Callable[[], None]

    def draw(
        self, choose: Callable[[Any], np.ndarray], seed: int, count: int, *, uniform: bool
    ) -> Any:
        """Return one batch while every store holds probe images.

        Parameters
        ----------
        choose
            Returns the picture for a key, (height, width, 3), in [0, 1].
        seed
            Of all random sources.
        count
            Images in the batch; a loader without random access decides for itself.
        uniform
            All pictures are the same.
        """
        self.tidy()  # a cache that is a store itself shows what is in it
        for store in self.stores:
            store.show(choose, uniform=uniform)
        try:
            return self.batch(seed, count)
        finally:
            for store in self.stores:
                store.undo()

    def one_by_one(self, stores: Sequence[Any]) -> list[list[ImageStore]]:
        """Return the references to each object that holds images, the likeliest object first.

        An array beside it, such as a matrix that whitens images, may have the form of images too.
        Where there is one alone, there is nothing to choose from: none is returned.
        """
        groups: dict[int, list[Any]] = {}
        for store in stores:
            groups.setdefault(id(store.reference.value), []).append(store)
        size = sized(self.fetcher.dataset)

        def likely(group: list[Any]) -> tuple[bool, bool]:
            whole = len(group[0].reference.value) == size
            return not isinstance(group[0], SourceStore), not whole

        return sorted(groups.values(), key=likely) if len(groups) > 1 else []

    def draws(self, count: int) -> bool:
        """Return whether making a batch of real images draws from a random source."""
        if not self.fetcher.by_index:
            return True
        self.random_sources.seed(COMMON_SEED)
        before = self.random_sources.state()
        self.tidy()
        self.fetcher.fetch(self.indices[:count])
        return self.random_sources.moved(before)

    def batch(self, seed: int, count: int) -> Any:
        """Return one batch of real images as the loader makes it, after seeding all sources."""
        self.tidy()
        self.random_sources.seed(seed)
        if self.fetcher.by_index:
            return self.fetcher.fetch(self.indices[:count])
        return self.fetcher.next_batch()


def open_pipeline(loader: Any, name: str) -> ProbePipeline:
    """Find the image stores and random sources of a loader.

    Raises
    ------
    ValueError
        The dataset is empty.
    """
    fetcher = ImageFetcher(loader)
    references = list(walk(loader, name))
    generators = [reference.value for reference in references if is_generator(reference.value)]
    indices: list[int] = []
    if fetcher.by_index:
        size = sized(fetcher.dataset)
        if size:
            indices = [round(k * (size - 1) / (BATCH - 1)) for k in range(BATCH)]
        else:
            indices = (fetcher.indices()[0] or [])[:BATCH]
        if not indices:
            raise ValueError(f"{name} is empty: its dataset holds no images")
    return ProbePipeline(
        fetcher, name, references, RandomSources(generators), find_stores(references), indices,
        _tidier(references),
    )  # fmt: skip


def _tidier(references: Sequence[Reference]) -> Callable[[], None]:
    """Return a function that empties caches, dictionaries and lists filled since now."""
    caches = Caches(references)

    def tidy() -> None:
        file_overlay.forget()
        caches.restore()

    return tidy
