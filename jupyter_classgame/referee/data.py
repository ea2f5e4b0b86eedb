"""Observe a loader: what its images and targets are like, and what random things happen to them."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import WeightedRandomSampler

from . import augment, mixing
from .apart import explain
from .augment import Draw, UnreachedError, UnrepeatableError
from .facts import DataFacts, Effect
from .feed import Feed, as_array, sized, split
from .parts import Part, parts_of, policies_of
from .probes import Array, texture
from .randomness import Randomness, is_generator
from .stores import FileStore, Store, find_stores
from .walk import Place, walk

BATCH = 8
SEEDS = 8
COMMON_SEED = 1000


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

    def draw(self, choose: Callable[[Any], Array], seed: int, count: int, *, uniform: bool) -> Any:
        """Return one batch while every store shows what `choose` says."""
        for store in self.stores:
            store.show(choose, uniform=uniform)
        try:
            return self.batch(seed, count)
        finally:
            for store in self.stores:
                store.undo()

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
        and len(p.value) <= 4096 and ".__" not in p.path  # noqa: PLR2004
    ]  # fmt: skip

    def tidy() -> None:
        for clear in caches:
            clear()
        for container, before in kept:
            if len(container) != len(before):
                container.clear()
                container.update(before)

    return tidy


def observe_effects(loader: Any, name: str) -> tuple[dict[str, Effect], bool, bool]:
    """Find what random things happen to images on their way through a loader.

    Returns
    -------
    tuple
        Effects by kind; whether anything random happens; whether probe images came through.
    """
    pipeline = open_pipeline(loader, name)
    if pipeline.feed.one_shot:
        raise ValueError(f"{name} can be read only once, so nothing can be read ahead")
    count = BATCH if _plain_collate(pipeline.feed) else 2
    before = pipeline.randomness.state()
    real = _real(pipeline, count)
    drawn = pipeline.randomness.moved(before)
    effects: list[Effect] = []
    usable = _usable(pipeline, count)
    if usable is None:
        if not drawn and not _real_varies(real):
            return {}, False, False
        return _fallback(pipeline, real)
    draw, size = usable
    busy = augment.varies(draw, size, range(COMMON_SEED, COMMON_SEED + 2)) or drawn
    seeds = range(COMMON_SEED, COMMON_SEED + (SEEDS * BATCH // count if busy else 1))
    policies: list[Effect] = []
    if busy:
        policies = _policies(pipeline, draw, size)
        busy = not policies or augment.varies(draw, size, seeds)
    effects = augment.measure(draw, size, seeds)
    found = {effect.kind: effect for effect in effects}
    if not busy:
        found = {kind: e for kind, e in found.items() if kind in ("flip", "blur")}
    elif not found and augment.varies(draw, size, seeds):
        found["unknown-augmentation"] = Effect(
            "unknown-augmentation", 1.0, "the same image comes out differently each time"
        )
    for policy in policies:
        found[policy.kind] = policy
    if found and busy:
        _name(found, parts_of(pipeline.places))
    random = bool(found) and busy
    return found, random, True


def _real(pipeline: Pipeline, count: int) -> Callable[[int], Array]:
    def draw(seed: int) -> Array:
        return as_array(split(pipeline.batch(seed, count))[0])

    draw(COMMON_SEED)
    return draw


def _real_varies(real: Callable[[int], Array]) -> bool:
    first = real(COMMON_SEED)
    for seed in range(COMMON_SEED + 1, COMMON_SEED + 4):
        again = real(seed)
        if again.shape != first.shape or not np.allclose(again, first, atol=1e-6):
            return True
    return False


def _plain_collate(feed: Feed) -> bool:
    from torch.utils.data import default_collate  # noqa: PLC0415

    return feed.by_index and feed.collate is default_collate


def _usable(pipeline: Pipeline, count: int) -> tuple[Draw, tuple[int, int]] | None:
    """Return how to draw probe images, if they come through at all."""
    files = [store for store in pipeline.stores if isinstance(store, FileStore)]
    held = [store for store in pipeline.stores if not isinstance(store, FileStore)]
    for stores in (held, files, held + files):
        if not stores:
            continue
        pipeline.stores = stores
        size = stores[0].size
        for store in stores:
            if store.size != size and isinstance(store, FileStore):
                store.size = size

        def draw(picture: Array, seed: int) -> Array:
            batch = pipeline.draw(lambda _: picture, seed, count, uniform=True)
            return as_array(split(batch)[0])

        try:
            augment.check(draw, size)
        except UnreachedError:
            continue
        return draw, size
    return None


def _policies(pipeline: Pipeline, draw: Draw, size: tuple[int, int]) -> list[Effect]:
    """Find library policies (RandAugment and its kin) that act, and take them out."""
    found = []
    for place in policies_of(pipeline.places):
        before = [draw(texture(size, 1), seed) for seed in range(4)]
        if place.put is None:
            continue
        place.put(_Nothing())
        after = [draw(texture(size, 1), seed) for seed in range(4)]
        same = all(
            a.shape == b.shape and np.allclose(a, b, atol=1e-6)
            for a, b in zip(before, after, strict=True)
        )
        if same:
            place.undo()
            continue
        text = "each image gets a few of many operations, at random"
        found.append(Effect("rand-augment", 1.0, text, f"{_repr(place.value)} in {place.path}"))
    return found


class _Nothing(torch.nn.Module):
    def forward(self, *images: Any) -> Any:
        """Return what was given."""
        return images[0] if len(images) == 1 else images


def _fallback(
    pipeline: Pipeline, real: Callable[[int], Array]
) -> tuple[dict[str, Effect], bool, bool]:
    """Compare draws of real images: exact mirror images are certain, all else is not."""
    random = _real_varies(real)
    if not random:
        return {}, False, False
    if not pipeline.feed.by_index:
        # Shuffling alone makes batches differ: nothing can be said.
        raise ValueError(f"no place where {pipeline.name} keeps its images was found")
    found = {
        "unknown-augmentation": Effect(
            "unknown-augmentation", 1.0, "the same image comes out differently each time"
        )
    }
    draws = [real(COMMON_SEED + k) for k in range(12)]
    if all(d.shape == draws[0].shape for d in draws):
        mirrored = [
            any(
                np.allclose(a[i], b[i][..., ::-1], atol=1e-6)
                and not np.allclose(a[i], b[i], atol=1e-6)
                for i in range(len(a))
            )
            for a, b in itertools.pairwise(draws)
        ]
        if any(mirrored):
            found = {
                "flip": Effect(
                    "flip", float(np.mean(mirrored)), "an image comes out mirrored at times"
                )
            }
    _name(found, parts_of(pipeline.places))
    return found, True, False


def _name(found: dict[str, Effect], parts: Sequence[Part]) -> None:
    """Say which transform does what, where a transform alone does the same."""
    missing = [effect for effect in found.values() if not effect.where]
    for part in parts:
        if not missing:
            return
        kinds = part.kinds()
        for effect in missing:
            if effect.kind in kinds:
                effect.where = f"{_repr(part.place.value)} in {part.place.path}"
        missing = [effect for effect in missing if not effect.where]


def _repr(value: Any) -> str:
    text = getattr(value, "__qualname__", None) or " ".join(repr(value).split())
    text = text.split(".")[-1] if "<lambda>" in text else text
    return text if len(text) <= 70 else text[:69] + "…"  # noqa: PLR2004


def observe_mixing(loader: Any, name: str) -> dict[str, Effect]:
    """Find whether images are mixed with, or pasted into, one another."""
    pipeline = open_pipeline(loader, name)
    if pipeline.feed.one_shot:
        return {}
    usable = _usable(pipeline, BATCH)
    if usable is None:
        return {}
    _, size = usable
    one, two = texture(size, 1), texture(size, 2)
    keys: dict[Any, bool] = {}

    def either(key: Any) -> Array:
        if key not in keys:
            keys[key] = bool(np.random.default_rng(len(keys)).random() < 0.5)  # noqa: PLR2004
        return one if keys[key] else two

    def draw(which: str, seed: int) -> Array:
        if which == "both":
            batch = pipeline.draw(either, seed, BATCH, uniform=False)
        else:
            picture = one if which == "one" else two
            batch = pipeline.draw(lambda _: picture, seed, BATCH, uniform=True)
        return as_array(split(batch)[0])

    return mixing.measure(draw, range(COMMON_SEED, COMMON_SEED + 12))


def observe_batches(loader: Any, name: str) -> DataFacts:
    """Look at a few batches: sizes, ranges, targets, order."""
    feed = Feed(loader)
    facts = DataFacts(one_shot=feed.one_shot, size=sized(feed.dataset))
    if feed.is_dataloader and isinstance(loader.sampler, WeightedRandomSampler):
        weights = torch.as_tensor(loader.sampler.weights)
        if float(weights.max()) > 1.02 * float(weights.min()):
            facts.weighted = (
                f"WeightedRandomSampler in {name}.sampler draws some images "
                f"{float(weights.max() / weights.min().clamp_min(1e-12)):.3g} times as often"
            )
    facts.shuffled = feed.shuffles()
    indices, whole = feed.indices()
    if indices is not None:
        facts.indices = len(indices) if whole else None
        facts.distinct = len(set(indices)) if whole else None
        facts.endless = not whole
        facts.batch_sizes = _batch_sizes(feed, indices)
    batches = _some_batches(feed, indices)
    images, targets = zip(*(split(batch) for batch in batches), strict=True)
    _describe_images(facts, images)
    _describe_targets(facts, targets)
    return facts


def _batch_sizes(feed: Feed, indices: list[int]) -> tuple[int, ...]:
    if not feed.batched:
        return ()
    size = getattr(feed.loader, "batch_size", None)
    if size is None:
        return tuple(len(batch) for batch in itertools.islice(feed.loader.batch_sampler, 1000))
    last = len(indices) % size
    return (size, last) if last else (size,)


def _some_batches(feed: Feed, indices: list[int] | None) -> list[Any]:
    if feed.by_index and indices:
        step = max(1, len(indices) // 96)
        chosen = indices[::step][:96]
        return [feed.fetch(chosen[k : k + 32]) for k in range(0, len(chosen), 32)]
    return [feed.next_batch()]


def _describe_images(facts: DataFacts, images: Sequence[Any]) -> None:
    first = images[0]
    if not isinstance(first, torch.Tensor):
        raise TypeError(
            f"a batch's images are {type(first).__name__}, not a tensor; "
            "end the transform with v2.ToImage() and v2.ToDtype(torch.float32, scale=True)"
        )
    facts.image_shape, facts.image_dtype = tuple(first.shape), str(first.dtype).split(".")[-1]
    arrays = [image.detach().to("cpu", torch.float32) for image in images]
    facts.low = min(float(a.min()) for a in arrays)
    facts.high = max(float(a.max()) for a in arrays)
    if first.ndim == 4:  # noqa: PLR2004
        joined = torch.cat([a.transpose(0, 1).flatten(1) for a in arrays], 1)
        facts.mean = tuple(round(float(m), 4) for m in joined.mean(1))
        facts.std = tuple(round(float(s), 4) for s in joined.std(1))
    facts.to_tensor_twice = (
        facts.image_dtype.startswith("float")
        and 0 <= facts.low
        and (0 < facts.high <= 1 / 255 + 1e-6)
    )
    facts.sample = first[:8].detach().cpu()


def _describe_targets(facts: DataFacts, targets: Sequence[Any]) -> None:
    if targets[0] is None:
        return
    tensors = [torch.as_tensor(t).detach().cpu() for t in targets]
    first = tensors[0]
    facts.target_shape, facts.target_dtype = tuple(first.shape), str(first.dtype).split(".")[-1]
    facts.target_low = min(float(t.min()) for t in tensors)
    facts.target_high = max(float(t.max()) for t in tensors)
    if first.ndim == 1:
        facts.target_kind = "classes"
        joined = torch.cat(tensors)
        values, counts = joined.unique(return_counts=True)
        facts.label_counts = {int(v): int(c) for v, c in zip(values, counts, strict=True)}
    elif first.ndim == 2 and first.shape[1] > 1:  # noqa: PLR2004
        rows = torch.cat(tensors).double()
        facts.target_kind = "probabilities"
        hard = rows.max(1).values > 1 - 1e-6
        if bool(hard.all()):
            facts.target_kind = "one-hot"
        elif bool((rows.sum(1) - 1).abs().max() < 1e-4):
            facts.smoothing = _smoothing(rows)
        values, counts = rows.argmax(1).unique(return_counts=True)
        facts.label_counts = {int(v): int(c) for v, c in zip(values, counts, strict=True)}
    else:
        facts.target_kind = "other"


def _smoothing(rows: torch.Tensor) -> float:
    """Return the smoothing that all rows share; 0 where they do not."""
    top = rows.max(1).values
    rest = (1 - top) / (rows.shape[1] - 1)
    low = rows.min(1).values
    if float(top.max() - top.min()) < 1e-4 and float((low - rest).abs().max()) < 1e-4:  # noqa: PLR2004
        return round(float(rest.mean()) * rows.shape[1], 4)
    return 0.0


def describe_failure(error: Exception) -> str:
    """One line for a loader that cannot be read."""
    return explain(error)


__all__ = [
    "UnrepeatableError", "describe_failure", "observe_batches", "observe_effects",
    "observe_mixing", "open_pipeline",
]  # fmt: skip
