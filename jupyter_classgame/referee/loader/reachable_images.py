"""Find which images a loader reaches: positions in sources and arrays, files."""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Subset, TensorDataset

from jupyter_classgame.referee.isolation import file_overlay
from jupyter_classgame.referee.isolation.object_graph import walk
from jupyter_classgame.referee.loader.file_store import FileStore
from jupyter_classgame.referee.loader.image_fetcher import Feed, is_dataset, sized, split
from jupyter_classgame.referee.loader.image_identity import SECONDS, Key
from jupyter_classgame.referee.loader.image_stores import ArrayStore, ListStore, find_stores

EPOCHS = 8


class Reach:
    """The images of a loader, by where they are kept."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.homes: dict[int, Any] = {}
        self.guessed = False
        self.number_only = False

    def add(self, kind: str, home: Any, indices: Iterable[Any]) -> None:
        """Note images kept in `home`, at `indices`."""
        self.homes[id(home)] = home
        self.keys.extend((kind, id(home), i) for i in indices)


def reach_of(loader: Any) -> Reach | None:
    """Return the images that a loader can hand out; None where that cannot be told.

    A sampler may take other images in the next epoch: it is asked until nothing new comes.
    """
    feed = Feed(loader)
    indices, whole = feed.indices()
    if indices is None:
        return _reach_of_own(loader, feed)
    if whole:
        indices = _of_all_epochs(feed, indices)
    else:
        # A sampler without end still draws from a dataset with one.
        size = sized(feed.dataset)
        if size is None:
            return None
        indices = list(range(size))
    sampler = getattr(loader, "sampler", None)
    if getattr(sampler, "replacement", False) and (size := sized(feed.dataset)):
        weights = getattr(sampler, "weights", None)
        chosen = range(size) if weights is None else np.flatnonzero(np.asarray(weights) > 0)
        indices = [int(i) for i in chosen]
    reach = Reach()
    _resolve(feed.dataset, sorted(set(indices)), reach, time.monotonic() + SECONDS)
    return reach


def _of_all_epochs(feed: Feed, first: list[int]) -> list[int]:
    found = set(first)
    end = time.monotonic() + SECONDS
    for _ in range(EPOCHS):
        more = set(feed.indices()[0] or ()) - found
        if not more or time.monotonic() > end:
            break
        found |= more
    return sorted(found)


def _reach_of_own(loader: Any, feed: Feed) -> Reach | None:
    """Return the images of a loader of the user's own: those of the loaders or stores inside it."""
    if feed.one_shot:
        return None
    if isinstance(loader, (list, tuple)):
        return _reach_of_batches(loader)
    places = list(walk(loader, "loader"))
    inner = [p.value for p in places[1:] if Feed(p.value).by_index]
    if inner:
        return _joined([reach_of(one) for one in inner])
    stores = [s for s in find_stores(places) if isinstance(s, (ArrayStore, ListStore))]
    if not stores:
        return None
    home = max((s.place.value for s in stores), key=len)
    handed = _handed_out(loader, len(home))
    if handed is None:
        return None
    reach = Reach()
    # Which ones cannot be told where it hands out a part: then only their number is known.
    reach.guessed = reach.number_only = handed < len(home)
    reach.add("row" if reach.guessed or not isinstance(home, list) else "item", home, range(handed))
    return reach


def _reach_of_batches(batches: Sequence[Any]) -> Reach:
    reach = Reach()
    for batch in batches:
        images, _ = split(batch)
        reach.add("row", images, range(len(images)))
    return reach


def _joined(parts: Sequence[Reach | None]) -> Reach | None:
    whole = Reach()
    for part in parts:
        if part is None:
            return None
        whole.keys.extend(part.keys)
        whole.homes.update(part.homes)
        whole.guessed |= part.guessed
        whole.number_only |= part.number_only
    return whole


def _handed_out(loader: Any, most: int) -> int | None:
    """Return how many images one epoch hands out, at most `most`; None where that takes long."""
    end = time.monotonic() + SECONDS
    count = 0
    for batch in loader:
        images, _ = split(batch)
        count += len(images)
        if count >= most:
            return most
        if time.monotonic() > end:
            return None
    return count


def _resolve(dataset: Any, indices: Sequence[int], reach: Reach, end: float) -> None:
    if isinstance(dataset, Subset):
        _resolve(dataset.dataset, sorted({int(dataset.indices[i]) for i in indices}), reach, end)
    elif isinstance(dataset, ConcatDataset):
        start = 0
        for part, stop in zip(dataset.datasets, dataset.cumulative_sizes, strict=True):
            inside = [i - start for i in indices if start <= i < stop]
            if inside:
                _resolve(part, inside, reach, end)
            start = stop
    elif callable(getattr(getattr(dataset, "source", None), "images", None)) and hasattr(
        dataset, "indices"
    ):
        reach.add("source", dataset.source, (int(dataset.indices[i]) for i in indices))
    elif isinstance(dataset, TensorDataset):
        reach.add("row", dataset.tensors[0], indices)
    elif isinstance(samples := getattr(dataset, "samples", None), list) and callable(
        getattr(dataset, "loader", None)
    ):
        reach.add("file", None, (str(samples[i][0]) for i in indices))
    elif isinstance(data := getattr(dataset, "data", None), (np.ndarray, torch.Tensor)) and len(
        data
    ) == sized(dataset):
        reach.add("row", data, indices)
    elif isinstance(dataset, (list, tuple)):
        reach.add("item", dataset, indices)
    else:
        _listen(dataset, indices, reach, end)


class _Listening:
    """Stands in for an inner dataset: notes what is asked for, hands out one and the same item."""

    def __init__(self, inner: Any, heard: list[int]) -> None:
        self.inner, self.heard = inner, heard
        self.item = inner[0]

    def __len__(self) -> int:
        return len(self.inner)

    def __getitem__(self, index: int) -> Any:
        self.heard.append(int(index))
        if index >= len(self.inner):
            raise IndexError(index)
        return self.item

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def _listen(dataset: Any, indices: Sequence[int], reach: Reach, end: float) -> None:
    """Ask a user's own dataset for its items and hear what it reads."""
    places = list(walk(dataset, "dataset"))
    inner = [
        p for p in places[1:] if p.put is not None and is_dataset(p.value)
        and p.value is not dataset and sized(p.value) and "source" not in p.path
    ]  # fmt: skip
    outer: list[Any] = []
    for place in inner:
        if not any(place.path.startswith(other.path + ".") for other in outer):
            outer.append(place)
    if outer:
        _hear_datasets(dataset, indices, reach, outer, end)
        return
    arrays = [s for s in find_stores(places) if isinstance(s, (ArrayStore, ListStore))]
    if arrays:
        home = arrays[0].place.value
        count, size = len(home), sized(dataset) or len(indices)
        if size >= count:
            reach.add("row", home, sorted({i % count for i in indices}))
        else:
            reach.add("part", home, indices)
        return
    files: Counter[str] = Counter()
    store = FileStore(None)
    store.show(lambda name: files.update([name]) or np.full((64, 64, 3), 0.5), uniform=True)
    try:
        _ask(dataset, indices, end)
    finally:
        store.undo()
        file_overlay.forget()
    if files:
        reach.add("file", None, sorted(files))
    else:
        reach.guessed = True
        reach.add("item", dataset, indices)


def _hear_datasets(
    dataset: Any, indices: Sequence[int], reach: Reach, places: list[Any], end: float
) -> None:
    heard: list[list[int]] = [[] for _ in places]
    try:
        for place, ears in zip(places, heard, strict=True):
            place.put(_Listening(place.value, ears))
        asked = _ask(dataset, indices, end)
    finally:
        for place in places:
            place.undo()
        file_overlay.forget()
    found = sum(len(set(ears)) for ears in heard)
    if found == 0:
        reach.guessed = True
        reach.add("item", dataset, indices)
        return
    for place, ears in zip(places, heard, strict=True):
        if asked < len(indices) and found >= asked:
            # Cut short: so far every item read another image, so the rest will too.
            ears.extend(range(min(len(indices), len(place.value))))
            reach.guessed = True
        if ears:
            _resolve(place.value, sorted(set(ears)), reach, end)


def _ask(dataset: Any, indices: Sequence[int], end: float) -> int:
    for asked, index in enumerate(indices):
        if time.monotonic() > end:
            return asked
        try:
            dataset[index]
        except Exception:  # noqa: BLE001, S112 - a stand-in item may not suit; the reading was heard
            continue
    return len(indices)
