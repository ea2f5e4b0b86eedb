"""Batches that come out the same every epoch, made once: those of the validation images."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from jupyter_classgame.data.feed.batch_builder import Making
from jupyter_classgame.data.feed.batch_order import Contents
from jupyter_classgame.data.feed.device_images import free_memory
from jupyter_classgame.data.images.image_sets import LazyImages, ResidentImages
from jupyter_classgame.data.images.source_pictures import Indices

LIMIT = 256 * 2**20
"""Bytes of images that are kept at most."""

SHARE = 0.25
"""How much of a device's free memory they may take."""


class UnknownError(Exception):
    """A parameter cannot be compared with what it was."""


class KeptBatches:
    """Transformed images by batch, for as long as nothing that makes them changes."""

    def __init__(self) -> None:
        self._recipe: Any = None
        self._batches: dict[int, tuple[Indices, Tensor, int]] = {}
        self._room = 0.0

    def refresh(self, making: Making) -> bool:
        """Forget everything if images would now be made another way; False if none can be kept."""
        recipe = _recipe(making)
        if recipe is None or recipe != self._recipe:
            self._batches.clear()
            self._recipe = recipe
            free = free_memory(making.device) * SHARE or LIMIT
            self._room = min(LIMIT, free)
        return recipe is not None

    def recall(self, contents: Contents) -> Tensor | None:
        """Return the images of a batch if they were kept, are the same and were not overwritten."""
        if contents.number not in self._batches:
            return None
        indices, images, version = self._batches[contents.number]
        if not np.array_equal(indices, contents.images):
            return None
        return images.detach() if images._version == version else None  # noqa: SLF001

    def keep(self, contents: Contents, images: Tensor) -> Tensor:
        """Keep the images of a batch where there is room, and return what to hand out."""
        if images.is_inference():  # what is done to those leaves no trace
            return images
        _, before, _ = self._batches.pop(contents.number, (None, None, 0))
        self._room += before.nbytes if before is not None else 0
        if images.nbytes <= self._room:
            self._room -= images.nbytes
            self._batches[contents.number] = contents.images, images, images._version  # noqa: SLF001
        return images.detach()


def _recipe(making: Making) -> Any:
    """Return what decides how images are made, to compare; None if they are not worth keeping."""
    source, pipeline = making.dataset.source, making.pipeline
    lazy = isinstance(source, LazyImages)
    if making.collate is not None or pipeline.random or not (lazy or pipeline.stages):
        return None
    try:
        parameters = [_frozen(part) for stage in pipeline.stages for part in stage.transforms]
    except UnknownError:
        return None
    version = source.pixels._version if isinstance(source, ResidentImages) else 0  # noqa: SLF001
    return id(source), version, making.device, making.channels_last, parameters


def _frozen(value: Any) -> Any:
    """Return a copy of a parameter that later changes leave alone."""
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
    raise UnknownError


_MODULE = set(vars(nn.Module()))
