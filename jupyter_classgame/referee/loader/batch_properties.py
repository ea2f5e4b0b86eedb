"""Observe the batches of a loader: sizes, order, images and targets."""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import ConcatDataset, Subset, WeightedRandomSampler

from jupyter_classgame.errors import TrainingError, UnpairedBatchError
from jupyter_classgame.referee.evidence import display_name
from jupyter_classgame.referee.facts import DataFacts, Unusable
from jupyter_classgame.referee.isolation.time_budget import TimeBudget
from jupyter_classgame.referee.loader.image_fetcher import (
    ImageFetcher,
    as_array,
    as_targets,
    sized,
    split,
)
from jupyter_classgame.training.loop.meter import split_batch

NEAR = 1e-4
ALIKE = 0.5
ROUNDS = 25
STREAM_SECONDS = 2.0
FEWEST_READ = 1000
MIXED = 4
"""Images that mixing joins at most, as in a mosaic."""
MOSTLY = 0.5


def observe_batches(loader: Any, name: str) -> DataFacts:
    """Read a few batches of a loader and the order of its sampler.

    Parameters
    ----------
    loader
        A DataLoader, or any iterable of batches.
    name
        How messages name it.

    Raises
    ------
    ValueError
        The dataset is empty.
    TypeError
        The images are not a tensor, or the targets are not numbers.
    """
    fetcher = ImageFetcher(loader)
    facts = DataFacts(one_shot=fetcher.one_shot, size=sized(fetcher.dataset))
    if fetcher.is_dataloader and isinstance(loader.sampler, WeightedRandomSampler):
        weights = torch.as_tensor(loader.sampler.weights)
        if float(weights.max()) > 1.02 * float(weights.min()):
            facts.weighted = (
                f"WeightedRandomSampler in {name}.sampler draws some images "
                f"{float(weights.max() / weights.min().clamp_min(1e-12)):.3g} times as often"
            )
    facts.shuffled = fetcher.shuffles()
    indices, whole = fetcher.indices()
    if indices is not None:
        facts.indices = len(indices) if whole else None
        facts.distinct = len(set(indices)) if whole else None
        facts.endless = not whole
        facts.batch_sizes = _batch_sizes(fetcher, indices)
        if whole and not facts.weighted:
            facts.weighted = _repeated(fetcher, indices)
    if indices is not None and not indices:
        raise ValueError(f"{name} is empty: its dataset holds no images")
    batches = _some_batches(fetcher, indices)
    if _without_length(fetcher):
        facts.endless = _goes_round(fetcher)
    images, targets = zip(*(split(batch) for batch in batches), strict=True)
    _describe_images(facts, images)
    if facts.not_finite:
        facts.spoilt_by = _spoilt_by(fetcher)
    _describe_targets(facts, targets)
    try:
        split_batch(batches[0], name)  # as a run does, which takes less than is understood here
    except TrainingError as error:
        unpaired = isinstance(error, UnpairedBatchError)
        facts.unusable = Unusable(error.what, error.advice, unpaired=unpaired)
    return facts


def _without_length(fetcher: ImageFetcher) -> bool:
    if fetcher.by_index or fetcher.one_shot:
        return False
    return sized(fetcher.dataset) is None and sized(fetcher.loader) is None


def _goes_round(fetcher: ImageFetcher) -> bool:
    """Return whether one pass yields the same few images again and again."""
    budget = TimeBudget(STREAM_SECONDS)
    seen: set[int] = set()
    count = 0
    for batch in fetcher.batches():
        images, _ = split(batch)
        seen.update(hash(as_array(image).tobytes()) for image in images)
        count += len(images)
        if count >= max(FEWEST_READ, ROUNDS * len(seen)):
            return True
        if budget.over:
            return False
    return False


def _repeated(fetcher: ImageFetcher, indices: list[int]) -> str:
    """Describe which images are drawn more often than others in two epochs; empty if none are."""
    first = Counter(_kept_at(fetcher.dataset, indices))
    if len(set(first.values())) < 2 and len(first) == sized(fetcher.dataset):
        return ""
    second = Counter(_kept_at(fetcher.dataset, fetcher.indices()[0] or []))
    keys = first.keys() | second.keys()
    one, two = (np.array([count[k] for k in keys], float) for count in (first, second))
    if one.std() == 0 or two.std() == 0 or np.corrcoef(one, two)[0, 1] < ALIKE:
        return ""  # by chance: other images in the next epoch
    often = max(min(first[k], second[k]) for k in keys)
    return f"some images are drawn {often} times an epoch, others {int((one + two).min() / 2)}"


def _kept_at(dataset: Any, indices: Sequence[int]) -> list[tuple[int, int]]:
    """Return the innermost dataset and the index in it for each of some indices."""
    if isinstance(dataset, Subset):
        return _kept_at(dataset.dataset, [int(dataset.indices[i]) for i in indices])
    if isinstance(dataset, ConcatDataset):
        stops = dataset.cumulative_sizes
        found = []
        for number, part in enumerate(dataset.datasets):
            start = stops[number - 1] if number else 0
            found += _kept_at(part, [i - start for i in indices if start <= i < stops[number]])
        return found
    return [(id(dataset), int(i)) for i in indices]


def _batch_sizes(fetcher: ImageFetcher, indices: list[int]) -> tuple[int, ...]:
    if not fetcher.batched:
        return ()
    size = getattr(fetcher.loader, "batch_size", None)
    if size is None:
        return tuple(len(batch) for batch in itertools.islice(fetcher.loader.batch_sampler, 1000))
    last = len(indices) % size
    return (size, last) if last else (size,)


def _some_batches(fetcher: ImageFetcher, indices: list[int] | None) -> list[Any]:
    if fetcher.by_index and indices:
        step = max(1, len(indices) // 96)
        chosen = indices[::step][:96]
        try:
            return [fetcher.fetch(chosen[k : k + 32]) for k in range(0, len(chosen), 32)]
        except TypeError:
            _check_item(fetcher.dataset[chosen[0]])
            raise
    return [fetcher.next_batch()]


def _check_item(item: Any) -> None:
    """Raise a clear error for an item without an image, which collating does not explain."""
    image, _ = (item, None) if item is None else split(item)
    if image is None:
        raise TypeError("images come out as None; end the transform (or __getitem__) with return")


def _describe_images(facts: DataFacts, images: Sequence[Any]) -> None:
    first = images[0]
    if not isinstance(first, torch.Tensor):
        raise TypeError(
            f"a batch's images are {type(first).__name__}, not a tensor; "
            "end the transform with v2.ToImage() and v2.ToDtype(torch.float32, scale=True)"
        )
    facts.image_shape, facts.image_dtype = tuple(first.shape), str(first.dtype).split(".")[-1]
    arrays = [image.detach().to("cpu", torch.float32) for image in images]
    facts.not_finite = _not_finite(arrays)
    facts.low = min(float(a.min()) for a in arrays)
    facts.high = max(float(a.max()) for a in arrays)
    if first.ndim == 4:
        joined = torch.cat([a.transpose(0, 1).flatten(1) for a in arrays], 1)
        facts.mean = tuple(round(float(m), 4) for m in joined.mean(1))
        facts.std = tuple(round(float(s), 4) for s in joined.std(1))
    facts.to_tensor_twice = (
        facts.image_dtype.startswith("float")
        and facts.low >= 0
        and (0 < facts.high <= 1 / 255 + 1e-6)
    )
    facts.sample = first[:8].detach().cpu()


def _not_finite(arrays: Sequence[torch.Tensor]) -> str:
    if any(bool(a.isnan().any()) for a in arrays):
        return "NaN"
    return "infinite numbers" if any(bool(a.isinf().any()) for a in arrays) else ""


def _spoilt_by(fetcher: ImageFetcher) -> str:
    """Return the dataset's transform if images are finite without it; else empty."""
    dataset = fetcher.dataset
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    transform = getattr(dataset, "transform", None)
    if transform is None or not fetcher.by_index:
        return ""
    indices, _ = fetcher.indices()
    try:
        dataset.transform = lambda image: image
        images, _ = split(fetcher.fetch((indices or [])[:32]))
        finite = bool(torch.as_tensor(as_array(images)).isfinite().all())
    except Exception:  # noqa: BLE001 - whatever a dataset does without its transform
        return ""
    finally:
        dataset.transform = transform
    return f"the transform {display_name(transform)}" if finite else ""


def _describe_targets(facts: DataFacts, targets: Sequence[Any]) -> None:
    if targets[0] is None:
        return
    tensors = [as_targets(t).detach().cpu() for t in targets]
    first = tensors[0]
    facts.target_shape, facts.target_dtype = tuple(first.shape), str(first.dtype).split(".")[-1]
    facts.target_low = min(float(t.min()) for t in tensors)
    facts.target_high = max(float(t.max()) for t in tensors)
    if first.ndim == 1:
        facts.target_kind = "classes"
        joined = torch.cat(tensors)
        values, counts = joined.unique(return_counts=True)  # type: ignore[no-untyped-call]
        facts.label_counts = {int(v): int(c) for v, c in zip(values, counts, strict=True)}
    elif first.ndim == 2 and first.shape[1] > 1:
        rows = torch.cat(tensors).double()
        facts.target_kind = "probabilities"
        hard = rows.max(1).values > 1 - 1e-6
        if bool(hard.all()):
            facts.target_kind = "one-hot"
        elif bool((rows.sum(1) - 1).abs().max() < NEAR):
            facts.smoothing = _smoothing(rows)
            if not facts.smoothing:
                facts.unexplained = _unexplained(rows)
        values, counts = rows.argmax(1).unique(return_counts=True)  # type: ignore[no-untyped-call]
        facts.label_counts = {int(v): int(c) for v, c in zip(values, counts, strict=True)}
    else:
        facts.target_kind = "other"


def _unexplained(rows: torch.Tensor) -> str:
    """Say that most targets name more classes than mixing makes; empty where they do not.

    Mixing and smoothing leave all other classes the very same number.
    """
    least = rows.min(1, keepdim=True).values.clamp_min(1e-7)
    raised = (rows > least * (1 + NEAR)).sum(1)
    several = (raised > MIXED).double().mean()
    if float(several) < MOSTLY:
        return ""
    return f"{several:.0%} of the targets give probabilities to more than {MIXED} classes"


def _smoothing(rows: torch.Tensor) -> float:
    """Return the label smoothing that all rows share; 0 where they differ."""
    top = rows.max(1).values
    rest = (1 - top) / (rows.shape[1] - 1)
    low = rows.min(1).values
    if float(top.max() - top.min()) < NEAR and float((low - rest).abs().max()) < NEAR:
        return round(float(rest.mean()) * rows.shape[1], 4)
    return 0.0
