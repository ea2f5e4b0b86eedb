"""A player's transform as a pipeline of stages, on whole batches where there are kernels."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import (
    Draws,
    random_state_kept,
    seed_sample,
    stream_within,
)
from jupyter_classgame.data.dataset import checked_image, transform_name
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, find_kernel, untouched
from jupyter_classgame.errors import DataError

ImageBatch = Tensor | list[Any]

PIPELINE_STREAM = 1
"""Random stream that contains those of all stages."""

CHAINS = (v2.Compose, v1.Compose, nn.Sequential)
TO_PICTURES = (v2.ToPILImage, v1.ToPILImage)
FROM_PICTURES = (v2.ToImage, v2.PILToTensor, v1.PILToTensor, v1.ToTensor)
BATCH_DIMS = 4


@dataclass(frozen=True)
class Stage:
    """One transform with its kernel, or consecutive transforms without kernels."""

    transforms: tuple[Any, ...]
    kernel: BatchKernel | None
    stream: int

    def __call__(self, images: ImageBatch, draws: Draws) -> ImageBatch:
        """Transform a batch, in place or not; a list results if it is no longer one tensor."""
        if (
            self.kernel is not None
            and isinstance(images, Tensor)
            and images.dtype == torch.float32
            and images.ndim == BATCH_DIMS
        ):
            return self.kernel.apply(self.transforms[0], images, draws, self.stream)
        return _stacked(self._singly(images, draws))

    def _singly(self, images: ImageBatch, draws: Draws) -> list[Any]:
        results = []
        with random_state_kept():
            for image, seeds in zip(images, draws.seeds(self.stream), strict=True):
                seed_sample(seeds)
                result: Any = image
                for transform in self.transforms:
                    result = transform(result)
                results.append(result)
        return results


@dataclass(frozen=True)
class TransformPipeline:
    """A transform of whole batches; see :func:`build_pipeline`.

    Attributes
    ----------
    transform
        The player's transform of one image, or None.
    stages
        Its parts, in their order.
    """

    transform: Any
    stages: tuple[Stage, ...]

    @property
    def per_sample(self) -> tuple[str, ...]:
        """Names of the transforms without kernels, which are applied image by image."""
        names = [
            transform_name(t) for stage in self.stages if not stage.kernel for t in stage.transforms
        ]
        return tuple(dict.fromkeys(names))

    @property
    def random(self) -> bool:
        """Whether the result for an image may differ from one time to the next."""
        return any(stage.kernel is None or stage.kernel.random for stage in self.stages)

    def split_for_cpu(self) -> tuple["TransformPipeline", "TransformPipeline"]:
        """Split after the last stage without a kernel: up to it, images are on the CPU."""
        last = max((n + 1 for n, stage in enumerate(self.stages) if not stage.kernel), default=0)
        return tuple(  # type: ignore[return-value]
            TransformPipeline(self.transform, part)
            for part in (self.stages[:last], self.stages[last:])
        )

    @torch.no_grad()
    def __call__(self, images: Tensor, draws: Draws) -> Tensor:
        """Transform a batch.

        Parameters
        ----------
        images
            float32, shape (batch, channels, height, width), in [0, 1]; may be overwritten. They
            must be on the CPU if a stage has no kernel.
        draws
            The images' addresses.

        Raises
        ------
        DataError
            The transform does not return images, or returns images of different sizes.
        """
        return self.checked(self.run(images, draws))

    def run(self, batch: ImageBatch, draws: Draws) -> ImageBatch:
        """Apply all stages, without checking the result."""
        for stage in self.stages:
            batch = stage(batch, draws)
        return batch

    def checked(self, batch: ImageBatch) -> Tensor:
        """Return the batch if it consists of images of one size, or raise DataError."""
        if isinstance(batch, Tensor):
            if len(batch):
                checked_image(batch[0], self.transform)
            return batch
        images = [checked_image(image, self.transform) for image in batch]
        shapes = sorted({tuple(image.shape) for image in images})
        raise DataError(
            f"transform {transform_name(self.transform)} returned images of different sizes, "
            f"{shapes[0]} and {shapes[-1]}",
            "a batch needs one size, end with v2.Resize((H, W)).",
        )


def build_pipeline(transform: Any) -> TransformPipeline:
    """Build a pipeline from a transform of single images.

    torchvision's own transforms, v2 and v1, run on whole batches with a draw for every image. A
    transform without a kernel (a player's function or class, or unsupported parameters) is called
    image by image, with the random state of Python, NumPy and torch seeded by the image's address.
    The structure of the transform is read now, which takes microseconds; parameters are read at
    every batch.
    """
    transforms = [] if transform is None else list(_flattened(transform))
    kernels = [find_kernel(part) for part in transforms]
    _remove_kernels(transforms, kernels)
    stages: list[Stage] = []
    for place, (part, kernel) in enumerate(zip(transforms, kernels, strict=True)):
        if kernel is None and stages and stages[-1].kernel is None:
            before = stages.pop()
            stages.append(Stage((*before.transforms, part), None, before.stream))
        else:
            stages.append(Stage((part,), kernel, stream_within(PIPELINE_STREAM, place)))
    return TransformPipeline(transform, tuple(stages))


def _flattened(transform: Any) -> Iterator[Any]:
    """Yield the transforms of a chain and of the chains within it, in their order."""
    if type(transform) in CHAINS and untouched(transform):
        parts = transform if isinstance(transform, nn.Sequential) else transform.transforms
        for part in parts:
            yield from _flattened(part)
    else:
        yield transform


def _remove_kernels(transforms: Sequence[Any], kernels: list[BatchKernel | None]) -> None:
    """Set to None, in place, the kernels of transforms whose inputs are not plain float tensors."""
    pictures = False
    for place, transform in enumerate(transforms):
        if type(transform) in TO_PICTURES:
            pictures = True
        if pictures:
            kernels[place] = None
        if type(transform) in FROM_PICTURES:
            pictures = False
    # After ToImage, a player's code must see torchvision's Image type, as in the plain transform.
    unknown = [place for place, kernel in enumerate(kernels) if kernel is None]
    typed = [place for place, part in enumerate(transforms) if type(part) is v2.ToImage]
    if unknown and typed and typed[0] < unknown[-1]:
        kernels[typed[0] : unknown[-1]] = [None] * (unknown[-1] - typed[0])


def _stacked(results: list[Any]) -> ImageBatch:
    """Stack images into one batch if they are tensors of one shape, dtype and device."""
    if results and all(isinstance(image, Tensor) for image in results):
        kinds = {(image.shape, image.dtype, image.device) for image in results}
        if len(kinds) == 1:
            return torch.stack([image.as_subclass(Tensor) for image in results])
    return results
