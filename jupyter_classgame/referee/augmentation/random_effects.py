"""Observe a loader: the random changes that its images undergo."""

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import default_collate

from jupyter_classgame.referee.augmentation import measurement, mixup_cutmix
from jupyter_classgame.referee.augmentation.measurement import ProbesLostError
from jupyter_classgame.referee.augmentation.probe_images import Array, texture
from jupyter_classgame.referee.augmentation.repeated_draws import Draw, ImageSizesDifferError
from jupyter_classgame.referee.augmentation.single_transforms import (
    SingleTransform,
    policies_in,
    transforms_in,
)
from jupyter_classgame.referee.evidence import display_name
from jupyter_classgame.referee.facts import Effect
from jupyter_classgame.referee.isolation.time_budget import TimeBudget
from jupyter_classgame.referee.loader.file_store import FileStore
from jupyter_classgame.referee.loader.image_fetcher import ImageFetcher, as_array, split
from jupyter_classgame.referee.loader.image_stores import ImageStore
from jupyter_classgame.referee.loader.probe_pipeline import (
    BATCH,
    COMMON_SEED,
    ProbePipeline,
    open_pipeline,
)

SEEDS = 8
MOST_BATCHES = 24
FEWEST_BATCHES = 4
ROWS = 4
SECONDS = 4.0
TIMED = 3
PICTURES = 13
MIXED = 6
COLLATED = 24
STEADY = ("flip", "blur")
"""Changes that are seen where all images undergo them."""

ALONE = 3
"""Stores that are tried one by one."""


def observe_effects(
    loader: Any, name: str, *, thorough: bool = True, twin: Any = None
) -> tuple[dict[str, Effect], bool, bool]:
    """Find the random changes that a loader makes to images.

    Parameters
    ----------
    loader
        A DataLoader, or any iterable of batches.
    name
        How messages name it.
    thorough
        Whether to find blur and mirroring of all images too, and the transforms responsible.
    twin
        The validation loader. If that mirrors all images as well, it is no augmentation.

    Returns
    -------
    tuple
        Effects by technique; whether any of them is random; whether probe images reach the output.

    Raises
    ------
    ValueError
        The loader can be read only once, its dataset is empty, or its images were not found.
    NotReproducibleError
        The same seed leads to other images.
    """
    pipeline = open_pipeline(loader, name)
    if pipeline.fetcher.one_shot:
        raise ValueError(f"{name} can be read only once, so nothing can be read ahead")
    # In a batch of one, an image can be mixed only with itself.
    count = BATCH if _plain_collate(pipeline.fetcher) else 1
    real = _real(pipeline, count)
    busy = pipeline.draws(count) or _real_varies(real)
    finite = bool(np.isfinite(real(COMMON_SEED)).all())  # else nothing can be measured
    if not finite or not (busy or thorough):
        return {}, False, True
    usable = _usable(pipeline, count)
    if usable is None:
        return _fallback(pipeline, real) if busy else ({}, False, False)
    draw, size = usable
    seeds: Sequence[int] = range(
        COMMON_SEED, COMMON_SEED + (_seeds(pipeline, draw, size, count) if busy else 1)
    )
    policies = _policies(pipeline, draw, size) if busy else []
    found, seeds = _measured(draw, size, seeds)
    if busy and found and not policies and _steady(found, draw, size, seeds):
        busy = False  # it draws numbers that change nothing
    if not busy:
        found = {kind: e for kind, e in found.items() if thorough and kind in STEADY}
        if found and twin is not None:
            # what happens to all images, those for validation too, prepares them
            found = {kind: e for kind, e in found.items() if kind not in _steady_kinds(twin)}
    elif not found and not policies and measurement.varies(draw, size, seeds):
        found["unknown-augmentation"] = Effect(
            "unknown-augmentation", 1.0, "the same image comes out differently each time"
        )
    for policy in policies:
        found[policy.kind] = policy
    if found and thorough:
        _name(found, transforms_in(pipeline.references))
    return found, bool(found) and busy, True


def _measured(
    draw: Draw, size: tuple[int, int], seeds: Sequence[int]
) -> tuple[dict[str, Effect], Sequence[int]]:
    resized = None
    try:
        effects = measurement.measure(draw, size, seeds)
    except ImageSizesDifferError:
        seeds, resized = measurement.by_size(draw, size, seeds)
        effects = measurement.measure(draw, size, seeds)
    found = {effect.kind: effect for effect in effects}
    return found | ({"resampling": resized} if resized is not None else {}), seeds


def _steady(
    found: dict[str, Effect], draw: Draw, size: tuple[int, int], seeds: Sequence[int]
) -> bool:
    """Return whether all images undergo the same change, in all draws."""
    always = all(effect.share == 1 for effect in found.values())
    return always and not measurement.varies(draw, size, seeds)


def _steady_kinds(loader: Any) -> set[str]:
    """Return the changes that all images of a loader undergo."""
    pipeline = open_pipeline(loader, "val_loader")
    usable = None if pipeline.fetcher.one_shot else _usable(pipeline, 1)
    if usable is None:
        return set()
    seeds = range(COMMON_SEED, COMMON_SEED + 1)
    return {effect.kind for effect in measurement.measure(*usable, seeds) if effect.share == 1}


def _seeds(pipeline: ProbePipeline, draw: Draw, size: tuple[int, int], count: int) -> int:
    """Return how many batches to draw: 64 images, fewer where making a batch is slow."""
    took = min(_cost(draw, size) for _ in range(TIMED))
    wanted = SEEDS * BATCH // count if pipeline.fetcher.by_index else MOST_BATCHES
    return max(FEWEST_BATCHES, min(wanted, int(SECONDS / PICTURES / max(took, 1e-6))))


def _cost(draw: Draw, size: tuple[int, int]) -> float:
    """Return the seconds that a batch costs."""
    budget = TimeBudget(SECONDS)
    draw(texture(size, 1), 0)
    return budget.spent


def _real(pipeline: ProbePipeline, count: int) -> Callable[[int], Array]:
    def draw(seed: int) -> Array:
        return as_array(split(pipeline.batch(seed, count))[0])

    draw(COMMON_SEED)
    return draw


def _real_varies(real: Callable[[int], Array]) -> bool:
    first = real(COMMON_SEED)
    for seed in range(COMMON_SEED + 1, COMMON_SEED + 4):
        again = real(seed)
        if again.shape != first.shape or not np.allclose(again, first, atol=1e-6, equal_nan=True):
            return True
    return False


def _plain_collate(fetcher: ImageFetcher) -> bool:
    return fetcher.by_index and fetcher.collate is default_collate


def _usable(pipeline: ProbePipeline, count: int) -> tuple[Draw, tuple[int, int]] | None:
    """Return a function that draws probe images and their size; None if they do not get through."""
    files: list[ImageStore] = [s for s in pipeline.stores if isinstance(s, FileStore)]
    held: list[ImageStore] = [
        store for store in pipeline.stores if not isinstance(store, FileStore)
    ]
    alone = pipeline.one_by_one(held)[:ALONE]
    for stores in [*alone, held, files, held + files]:
        if not stores:
            continue
        pipeline.stores = stores
        size = stores[0].size
        for store in stores:
            if store.size != size and isinstance(store, FileStore):
                store.size = size

        def draw(picture: Array, seed: int) -> Array:
            batch = pipeline.draw(lambda _: picture, seed, count, uniform=True)
            images = as_array(split(batch)[0])
            return images if pipeline.fetcher.by_index else images[:ROWS]

        try:
            measurement.check(draw, size, every=stores in alone)
        except ProbesLostError:
            continue
        return draw, size
    return None


def _policies(pipeline: ProbePipeline, draw: Draw, size: tuple[int, int]) -> list[Effect]:
    """Find random policies of libraries that have an effect, and disable them."""
    found = []
    for reference in policies_in(pipeline.references):
        before = [draw(texture(size, 1), seed) for seed in range(4)]
        if reference.put is None:
            continue
        reference.put(_PassThrough())
        after = [draw(texture(size, 1), seed) for seed in range(4)]
        same = all(
            a.shape == b.shape and np.allclose(a, b, atol=1e-6)
            for a, b in zip(before, after, strict=True)
        )
        if same:
            reference.undo()
            continue
        text = "each image gets a few of many operations, at random"
        found.append(
            Effect(
                "rand-augment", 1.0, text, f"{display_name(reference.value)} in {reference.path}"
            )
        )
    return found


class _PassThrough(torch.nn.Module):
    """A transform that changes nothing."""

    def forward(self, *images: Any) -> Any:
        """Return the arguments."""
        return images[0] if len(images) == 1 else images


def _fallback(
    pipeline: ProbePipeline, real: Callable[[int], Array]
) -> tuple[dict[str, Effect], bool, bool]:
    """Compare draws of real images, of which only mirroring can be recognised."""
    random = _real_varies(real)
    if not random:
        return {}, False, False
    if not pipeline.fetcher.by_index:
        # Batches differ by shuffling alone.
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
    _name(found, transforms_in(pipeline.references))
    return found, True, False


def _name(found: dict[str, Effect], parts: Iterable[SingleTransform]) -> None:
    """Attribute effects to the transforms that have the same effect when called alone."""
    missing = [effect for effect in found.values() if not effect.where]
    for part in parts:
        if not missing:
            return
        kinds = part.kinds()
        for effect in missing:
            if effect.kind in kinds:
                effect.where = f"{display_name(part.reference.value)} in {part.reference.path}"
        missing = [effect for effect in missing if not effect.where]


def observe_mixing(loader: Any, name: str) -> dict[str, Effect]:
    """Find mixup and CutMix in a loader, or in its collate function: effects by technique."""
    pipeline = open_pipeline(loader, name)
    fetcher = pipeline.fetcher
    if fetcher.one_shot or (fetcher.by_index and not pipeline.draws(BATCH)):
        return {}
    found: dict[str, Effect] = {}
    if fetcher.by_index and fetcher.batched and not _plain_collate(fetcher):
        found = _mixing_collate(pipeline)
        fetcher.collate = default_collate
        if not pipeline.draws(BATCH):
            return found
    usable = _usable(pipeline, BATCH)
    if usable is None:
        return found
    _, size = usable
    one, two = texture(size, 1), texture(size, 2)
    keys: dict[Any, bool] = {}

    def either(key: Any) -> Array:
        if key not in keys:
            keys[key] = bool(np.random.default_rng(len(keys)).random() < 0.5)
        return one if keys[key] else two

    def draw(which: str, seed: int) -> Array:
        if which == "both":
            batch = pipeline.draw(either, seed, BATCH, uniform=False)
        else:
            picture = one if which == "one" else two
            batch = pipeline.draw(lambda _: picture, seed, BATCH, uniform=True)
        return as_array(split(batch)[0])

    return mixup_cutmix.of_batches(draw, range(COMMON_SEED, COMMON_SEED + MIXED)) | found


def _mixing_collate(pipeline: ProbePipeline) -> dict[str, Effect]:
    """Find mixing by the collate function alone, called with the same items again and again."""
    fetcher = pipeline.fetcher
    pipeline.random_sources.seed(COMMON_SEED)
    fetch = getattr(fetcher.dataset, "__getitems__", None)
    items = fetch(pipeline.indices) if fetch else [fetcher.dataset[i] for i in pipeline.indices]
    if not all(isinstance(i, (tuple, list)) and isinstance(i[0], torch.Tensor) for i in items):
        return {}
    images = [item[0] for item in items]
    generator = torch.Generator().manual_seed(1)
    low, high = min(float(i.min()) for i in images), max(float(i.max()) for i in images)
    others = []
    for image in images:
        values = low + (high - low) * torch.rand(image.shape, generator=generator)
        others.append(values.to(image.dtype))

    def collate(chosen: Sequence[Any], seed: int) -> Array:
        pipeline.random_sources.seed(seed)
        batch = [
            type(item)((image.clone(), *item[1:])) if type(item) in (tuple, list) else item
            for item, image in zip(items, chosen, strict=True)
        ]
        return as_array(split(fetcher.collate(batch))[0])

    plain = [as_array(image[None])[0] for image in images]
    unlike = [as_array(image[None])[0] for image in others]
    made = dict(zip(map(id, [*plain, *unlike]), [*images, *others], strict=True))
    return mixup_cutmix.of_collate(
        lambda chosen, seed: collate([made[id(c)] for c in chosen], seed),
        plain, unlike, range(COMMON_SEED, COMMON_SEED + COLLATED),
    )  # fmt: skip
