"""The images that a loader can yield: indices in sources and arrays, and files."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Subset, TensorDataset

from jupyter_classgame.referee.isolation import file_overlay
from jupyter_classgame.referee.isolation.object_graph import walk
from jupyter_classgame.referee.isolation.time_budget import TimeBudget
from jupyter_classgame.referee.loader.cached_items import Caches
from jupyter_classgame.referee.loader.file_store import FileStore
from jupyter_classgame.referee.loader.image_fetcher import ImageFetcher, is_dataset, sized, split
from jupyter_classgame.referee.loader.image_identity import SECONDS, Key
from jupyter_classgame.referee.loader.image_stores import ArrayStore, ListStore, find_stores

EPOCHS = 8


class ReachableImages:
    """The images that a loader can yield, by where they are stored.

    Attributes
    ----------
    keys
        Where each image is stored.
    homes
        By id: the sources, arrays and lists that hold images.
    guessed
        The number of images is an estimate.
    number_only
        Only the number of images is known, not which ones they are.
    """

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.homes: dict[int, Any] = {}
        self.guessed = False
        self.number_only = False

    def add(self, kind: str, home: Any, indices: Iterable[Any]) -> None:
        """Add the images stored in `home` at `indices`; `kind` says what kind of store it is."""
        self.homes[id(home)] = home
        self.keys.extend((kind, id(home), i) for i in indices)


def find_reachable_images(loader: Any) -> ReachableImages | None:
    """Return the images that a loader can yield; None where that is unknown.

    A sampler may draw other images in each epoch, so epochs are read until no new image comes.
    """
    fetcher = ImageFetcher(loader)
    indices, whole = fetcher.indices()
    if indices is None:
        return _reachable_of_own_loader(loader, fetcher)
    if whole:
        indices = _of_all_epochs(fetcher, indices)
    else:
        # An endless sampler draws from a dataset that has an end.
        size = sized(fetcher.dataset)
        if size is None:
            return None
        indices = list(range(size))
    sampler = getattr(loader, "sampler", None)
    if getattr(sampler, "replacement", False) and (size := sized(fetcher.dataset)):
        weights = getattr(sampler, "weights", None)
        chosen = range(size) if weights is None else np.flatnonzero(np.asarray(weights) > 0)
        indices = [int(i) for i in chosen]
    reachable = ReachableImages()
    _resolve(fetcher.dataset, sorted(set(indices)), reachable, TimeBudget(SECONDS))
    return reachable


def _of_all_epochs(fetcher: ImageFetcher, first: list[int]) -> list[int]:
    found = set(first)
    budget = TimeBudget(SECONDS)
    for _ in range(EPOCHS):
        more = set(fetcher.indices()[0] or ()) - found
        if not more or budget.over:
            break
        found |= more
    return sorted(found)


def _reachable_of_own_loader(loader: Any, fetcher: ImageFetcher) -> ReachableImages | None:
    """Return the images of a loader of a user's class: those of the loaders or stores in it."""
    if fetcher.one_shot:
        return None
    if isinstance(loader, (list, tuple)):
        return _reachable_of_batches(loader)
    references = list(walk(loader, "loader"))
    inner = [r.value for r in references[1:] if ImageFetcher(r.value).by_index]
    if inner:
        return _union([find_reachable_images(one) for one in inner])
    stores = [s for s in find_stores(references) if isinstance(s, (ArrayStore, ListStore))]
    if not stores:
        return None
    home = max((s.reference.value for s in stores), key=len)
    count = _count_images(loader, len(home))
    if count is None:
        return None
    reachable = ReachableImages()
    # Where it yields only a part of them, it is unknown which part.
    reachable.guessed = reachable.number_only = count < len(home)
    reachable.add(
        "row" if reachable.guessed or not isinstance(home, list) else "item", home, range(count)
    )
    return reachable


def _reachable_of_batches(batches: Sequence[Any]) -> ReachableImages:
    reachable = ReachableImages()
    for batch in batches:
        images, _ = split(batch)
        reachable.add("row", images, range(len(images)))
    return reachable


def _union(parts: Sequence[ReachableImages | None]) -> ReachableImages | None:
    whole = ReachableImages()
    for part in parts:
        if part is None:
            return None
        whole.keys.extend(part.keys)
        whole.homes.update(part.homes)
        whole.guessed |= part.guessed
        whole.number_only |= part.number_only
    return whole


def _count_images(loader: Any, most: int) -> int | None:
    """Return how many images an epoch yields, at most `most`; None where that takes too long."""
    budget = TimeBudget(SECONDS)
    count = 0
    for batch in loader:
        images, _ = split(batch)
        count += len(images)
        if count >= most:
            return most
        if budget.over:
            return None
    return count


def _resolve(
    dataset: Any, indices: Sequence[int], reachable: ReachableImages, budget: TimeBudget
) -> None:
    if isinstance(dataset, Subset):
        _resolve(
            dataset.dataset, sorted({int(dataset.indices[i]) for i in indices}), reachable, budget
        )
    elif isinstance(dataset, ConcatDataset):
        start = 0
        for part, stop in zip(dataset.datasets, dataset.cumulative_sizes, strict=True):
            inside = [i - start for i in indices if start <= i < stop]
            if inside:
                _resolve(part, inside, reachable, budget)
            start = stop
    elif callable(getattr(getattr(dataset, "source", None), "images", None)) and hasattr(
        dataset, "indices"
    ):
        reachable.add("source", dataset.source, (int(dataset.indices[i]) for i in indices))
    elif isinstance(dataset, TensorDataset):
        reachable.add("row", dataset.tensors[0], indices)
    elif isinstance(samples := getattr(dataset, "samples", None), list) and callable(
        getattr(dataset, "loader", None)
    ):
        reachable.add("file", None, (str(samples[i][0]) for i in indices))
    elif isinstance(data := getattr(dataset, "data", None), (np.ndarray, torch.Tensor)) and len(
        data
    ) == sized(dataset):
        reachable.add("row", data, indices)
    elif isinstance(dataset, (list, tuple)):
        reachable.add("item", dataset, indices)
    else:
        _record_reads(dataset, indices, reachable, budget)


class _RecordingDataset:
    """A dataset that records which items are read, and yields the same item for each of them."""

    def __init__(self, inner: Any, recorded: list[int]) -> None:
        self.inner, self.recorded = inner, recorded
        self.item = inner[0]

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: int) -> Any:
        self.recorded.append(int(index))
        if index >= len(self.inner):
            raise IndexError(index)
        return self.item

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def _record_reads(
    dataset: Any, indices: Sequence[int], reachable: ReachableImages, budget: TimeBudget
) -> None:
    """Read the items of a dataset of a user's class and record which images it reads."""
    references = list(walk(dataset, "dataset"))
    inner = [
        r for r in references[1:] if r.put is not None and is_dataset(r.value)
        and r.value is not dataset and sized(r.value) and "source" not in r.path
    ]  # fmt: skip
    outer: list[Any] = []
    for reference in inner:
        if not any(reference.path.startswith(other.path + ".") for other in outer):
            outer.append(reference)
    caches = Caches(references)
    if outer:
        _record_datasets(dataset, indices, reachable, outer, caches, budget)
        return
    arrays = [s for s in find_stores(references) if isinstance(s, (ArrayStore, ListStore))]
    if arrays:
        home = arrays[0].reference.value
        count, size = len(home), sized(dataset) or len(indices)
        if size >= count:
            reachable.add("row", home, sorted({i % count for i in indices}))
        else:
            reachable.add("part", home, indices)
        return
    files: Counter[str] = Counter()
    store = FileStore(None)
    store.show(lambda name: files.update([name]) or np.full((64, 64, 3), 0.5), uniform=True)
    try:
        _read_items(dataset, indices, budget)
    finally:
        store.undo()
        file_overlay.forget()
        caches.restore()
    if files:
        reachable.add("file", None, sorted(files))
    else:
        reachable.guessed = True
        reachable.add("item", dataset, indices)


def _record_datasets(
    dataset: Any,
    indices: Sequence[int],
    reachable: ReachableImages,
    references: list[Any],
    caches: Caches,
    budget: TimeBudget,
) -> None:
    recorded: list[list[int]] = [[] for _ in references]

    def reads() -> int:
        return sum(map(len, recorded))

    try:
        for reference, indices_read in zip(references, recorded, strict=True):
            reference.put(_RecordingDataset(reference.value, indices_read))
        read, kept = _read_items(dataset, indices, budget, reads)
        elsewhere = _still_unread(dataset, kept if reads() else [], caches, budget, reads)
    finally:
        for reference in references:
            reference.undo()
        file_overlay.forget()
        caches.restore()
    found = sum(len(set(indices_read)) for indices_read in recorded)
    if found == 0:
        reachable.guessed = True
        reachable.add("item", dataset, indices)
        return
    if elsewhere and not _read_with_others(dataset, elsewhere, references, recorded):
        # They come from a cache that was filled before, or from nowhere that is known.
        reachable.guessed = True
        reachable.add("item", dataset, elsewhere)
    for reference, indices_read in zip(references, recorded, strict=True):
        if read < len(indices) and found >= read:
            # The time is over, and so far each item read another image: the rest will too.
            indices_read.extend(range(min(len(indices), len(reference.value))))
            reachable.guessed = True
        if indices_read:
            _resolve(reference.value, sorted(set(indices_read)), reachable, budget)


def _read_with_others(
    dataset: Any, indices: Sequence[int], references: list[Any], recorded: list[list[int]]
) -> bool:
    """Return whether items were read as others were, as in a chunk: from the same places."""
    return any(
        sized(reference.value) == sized(dataset) and set(indices) <= set(indices_read)
        for reference, indices_read in zip(references, recorded, strict=True)
    )


def _still_unread(
    dataset: Any,
    indices: Sequence[int],
    caches: Caches,
    budget: TimeBudget,
    reads: Callable[[], int],
) -> list[int]:
    """Return the items that read nothing with empty caches either, where others hid it before."""
    unread = []
    for index in indices:
        caches.restore()
        if budget.over or _read_items(dataset, [index], budget, reads)[1]:
            unread.append(index)
    return unread


def _read_items(
    dataset: Any,
    indices: Sequence[int],
    budget: TimeBudget,
    reads: Callable[[], int] = lambda: 0,
) -> tuple[int, list[int]]:
    """Read items; return how many there was time for, and those whose reading was not recorded."""
    unrecorded: list[int] = []
    for number, index in enumerate(indices):
        if budget.over:
            return number, unrecorded
        before = reads()
        try:
            dataset[index]
        except Exception:  # noqa: BLE001, S112 - the item may not suit, but reading it was recorded
            continue
        finally:
            if reads() == before:
                unrecorded.append(index)
    return len(indices), unrecorded
