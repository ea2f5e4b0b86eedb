"""The transforms of a loader, each measured alone."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from jupyter_classgame.referee.augmentation import measurement
from jupyter_classgame.referee.augmentation.probe_images import Array
from jupyter_classgame.referee.augmentation.repeated_draws import Draw
from jupyter_classgame.referee.isolation.object_graph import Reference
from jupyter_classgame.referee.loader.image_fetcher import as_array

SIZE = (64, 64)
SEEDS = range(1)
EACH = 12
POLICIES = ("RandAugment", "AutoAugment", "TrivialAugment", "TrivialAugmentWide", "AugMix")
CONTAINERS = ("Compose", "Sequential", "ModuleList", "AugmentationSequential", "ImageSequential")


@dataclass
class SingleTransform:
    """A transform, and the reference to it."""

    reference: Reference

    def kinds(self) -> set[str]:
        """Return the techniques seen in its effect on probe images of 64 x 64.

        The images come in the first form that the transform accepts.
        """
        for form in FORMS:
            try:
                draw = self._draw(form)
                measurement.check(draw, SIZE)
                return {effect.kind for effect in measurement.measure(draw, SIZE, SEEDS)}
            except Exception:  # noqa: BLE001, S112 - most forms do not suit most transforms
                continue
        return set()

    def _draw(self, form: Callable[[Array], Any]) -> Draw:
        def draw(picture: Array, seed: int) -> Array:
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            torch.default_generator.manual_seed(seed)
            return np.concatenate(
                [_plain(self.reference.value(form(picture))) for _ in range(EACH)]
            )

        return draw


def _plain(image: Any) -> Array:
    if isinstance(image, Image.Image):
        return np.asarray(image.convert("RGB"), np.float32).transpose(2, 0, 1)[None] / 255
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[-1] == 3:
        return image.astype(np.float32).transpose(2, 0, 1)[None]
    return as_array(image)


def _pil(picture: Array) -> Any:
    return Image.fromarray((picture * 255).round().astype(np.uint8))


def _float(picture: Array) -> Any:
    return torch.from_numpy(picture.astype(np.float32).transpose(2, 0, 1).copy())


def _bytes(picture: Array) -> Any:
    return torch.from_numpy((picture * 255).round().astype(np.uint8).transpose(2, 0, 1).copy())


def _rows(picture: Array) -> Any:
    return (picture * 255).round().astype(np.uint8)


FORMS: tuple[Callable[[Array], Any], ...] = (_float, _pil, _bytes, _rows)


def transforms_in(references: Sequence[Reference]) -> Iterator[SingleTransform]:
    """Yield the transforms among references, without containers of transforms."""
    for reference in references:
        value = reference.value
        if not callable(value) or isinstance(value, (type, Dataset, DataLoader)):
            continue
        module = getattr(type(value), "__module__", "") or ""
        if isinstance(value, nn.Module) and module.startswith("torch.nn"):
            continue
        if type(value).__name__ in CONTAINERS or "collate" in getattr(value, "__name__", ""):
            continue
        inner = ("torch.utils", "torch._", "torch.optim", "functools", "builtins")
        if module.startswith(inner) and type(value).__name__ != "function":
            continue
        yield SingleTransform(reference)


def policies_in(references: Sequence[Reference]) -> list[Reference]:
    """Return the references to random policies of torchvision and kornia."""
    return [
        reference for reference in references
        if type(reference.value).__name__ in POLICIES
        and type(reference.value).__module__.startswith(("torchvision", "kornia"))
    ]  # fmt: skip
