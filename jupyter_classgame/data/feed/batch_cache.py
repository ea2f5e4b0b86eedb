"""Cache of batches that are the same in every epoch: those of the validation images."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from jupyter_classgame.data.feed.batch_builder import BatchBuilder
from jupyter_classgame.data.feed.batch_order import BatchIndices
from jupyter_classgame.data.feed.device_images import free_memory
from jupyter_classgame.data.images.image_sets import LazyImages, ResidentImages
from jupyter_classgame.data.images.source_pictures import Indices

MAX_BYTES = 256 * 2**20
"""Most bytes of images in a cache."""

MEMORY_SHARE = 0.25
"""Most that a cache takes of a device's free memory, as a share."""


class IncomparableError(Exception):
    """A transform's parameter cannot be compared with its earlier value."""


class BatchCache:
    """Transformed images by batch number, valid while source and transform do not change."""

    def __init__(self) -> None:
        self._recipe: Any = None
        self._batches: dict[int, tuple[Indices, Tensor, int]] = {}
        self._room = 0.0

    def refresh(self, builder: BatchBuilder) -> bool:
        """Empty the cache if source or transform changed; return whether batches can be cached."""
        recipe = _recipe(builder)
        if recipe is None or recipe != self._recipe:
            self._batches.clear()
            self._recipe = recipe
            free = free_memory(builder.device) * MEMORY_SHARE or MAX_BYTES
            self._room = min(MAX_BYTES, free)
        return recipe is not None

    def get(self, indices: BatchIndices) -> Tensor | None:
        """Return the cached images of a batch; None if it is not cached or was overwritten."""
        if indices.number not in self._batches:
            return None
        positions, images, version = self._batches[indices.number]
        if not np.array_equal(positions, indices.images):
            return None
        return images.detach() if images._version == version else None  # noqa: SLF001

    def put(self, indices: BatchIndices, images: Tensor) -> Tensor:
        """Cache the images of a batch if there is room, and return images for the caller to use."""
        if images.is_inference():  # writes to inference tensors are not counted in _version
            return images
        _, before, _ = self._batches.pop(indices.number, (None, None, 0))
        self._room += before.nbytes if before is not None else 0
        if images.nbytes <= self._room:
            self._room -= images.nbytes
            self._batches[indices.number] = indices.images, images, images._version  # noqa: SLF001
        return images.detach()


def _recipe(builder: BatchBuilder) -> Any:
    """Return all that determines the images, for comparison; None if caching is not worth it."""
    source, pipeline = builder.dataset.source, builder.pipeline
    lazy = isinstance(source, LazyImages)
    if builder.collate is not None or pipeline.random or not (lazy or pipeline.stages):
        return None
    try:
        parameters = [_frozen(part) for stage in pipeline.stages for part in stage.transforms]
    except IncomparableError:
        return None
    version = source.pixels._version if isinstance(source, ResidentImages) else 0  # noqa: SLF001
    return id(source), version, builder.device, builder.channels_last, parameters


def _frozen(value: Any) -> Any:
    """Return a copy of a parameter that does not follow later changes to it."""
    if value is None or isinstance(value, (str, bytes, int, float, Enum, torch.dtype)):
        return value
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, dict):
        return [(_frozen(key), _frozen(part)) for key, part in value.items()]
    if isinstance(value, Sequence):
        return [_frozen(part) for part in value]
    if isinstance(value, type):
        return value
    if isinstance(value, nn.Module):
        state = vars(value)
        own = {key: state[key] for key in state if key not in _MODULE}
        return type(value), _frozen(own)
    raise IncomparableError


_MODULE = set(vars(nn.Module()))
