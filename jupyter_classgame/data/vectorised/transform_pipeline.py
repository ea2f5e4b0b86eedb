"""A player's transform as a list of stages: batched where it can be, image by image elsewhere."""

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
from jupyter_classgame.data.dataset import checked_image, title
from jupyter_classgame.data.vectorised.kernel import Kernel, find, untouched
from jupyter_classgame.errors import DataError

Batch = Tensor | list[Any]

STAGES = 1
"""The stream of all that a pipeline draws."""

CHAINS = (v2.Compose, v1.Compose, nn.Sequential)
TO_PICTURES = (v2.ToPILImage, v1.ToPILImage)
FROM_PICTURES = (v2.ToImage, v2.PILToTensor, v1.PILToTensor, v1.ToTensor)
BATCH_DIMS = 4


@dataclass(frozen=True)
class Stage:
    """One known transform with its kernel, or unknown ones that follow each other, without."""

    transforms: tuple[Any, ...]
    kernel: Kernel | None
    stream: int

    def __call__(self, images: Batch, draws: Draws) -> Batch:
        """Transform a batch, which may be overwritten; a list where images became other things."""
        if (
            self.kernel is not None
            and isinstance(images, Tensor)
            and images.dtype == torch.float32
            and images.ndim == BATCH_DIMS
        ):
            return self.kernel.apply(self.transforms[0], images, draws, self.stream)
        return _stacked(self._singly(images, draws))

    def _singly(self, images: Batch, draws: Draws) -> list[Any]:
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
class Pipeline:
    """What happens to a batch of images; see :func:`batched`.

    Attributes
    ----------
    transform : callable or None
        What it was made of.
    stages : tuple of Stage
    """

    transform: Any
    stages: tuple[Stage, ...]

    @property
    def per_sample(self) -> tuple[str, ...]:
        """Names of the transforms that go image by image, seeded by each image's address."""
        names = [title(t) for stage in self.stages if not stage.kernel for t in stage.transforms]
        return tuple(dict.fromkeys(names))

    @property
    def random(self) -> bool:
        """Whether an image may come out differently another time."""
        return any(stage.kernel is None or stage.kernel.random for stage in self.stages)

    def parted(self) -> tuple["Pipeline", "Pipeline"]:
        """Part what needs the images on the CPU, up to the last stage that goes one by one."""
        last = max((n + 1 for n, stage in enumerate(self.stages) if not stage.kernel), default=0)
        return tuple(  # type: ignore[return-value]
            Pipeline(self.transform, part) for part in (self.stages[:last], self.stages[last:])
        )

    @torch.no_grad()
    def __call__(self, images: Tensor, draws: Draws) -> Tensor:
        """Transform a batch.

        Parameters
        ----------
        images : Tensor of float32, shape (batch, channels, height, width)
            In [0, 1]; may be overwritten. On the CPU where a stage goes image by image.
        draws : Draws
            One address an image.

        Raises
        ------
        DataError
            If the transform returns anything but images of one size.
        """
        return self.checked(self.run(images, draws))

    def run(self, batch: Batch, draws: Draws) -> Batch:
        """Apply all stages; the result may be no images, or not of one size."""
        for stage in self.stages:
            batch = stage(batch, draws)
        return batch

    def checked(self, batch: Batch) -> Tensor:
        """Return images of one size, or raise DataError."""
        if isinstance(batch, Tensor):
            if len(batch):
                checked_image(batch[0], self.transform)
            return batch
        images = [checked_image(image, self.transform) for image in batch]
        shapes = sorted({tuple(image.shape) for image in images})
        raise DataError(
            f"transform {title(self.transform)} returned images of different sizes, {shapes[0]} "
            f"and {shapes[-1]}; a batch needs one size, end with v2.Resize((H, W))."
        )


def batched(transform: Any) -> Pipeline:
    """Make a pipeline of a transform of single images.

    torchvision's own transforms, of v2 and v1, run on the whole batch with a draw for every image.
    What is not known, a function or a class of one's own or parameters that a kernel does not
    take, is called image by image with Python's, NumPy's and torch's random sources seeded by the
    image's address. Parameters are read when a batch is made; what the transform consists of, and
    which of it is known, when the pipeline is made, which takes microseconds.

    Parameters
    ----------
    transform : callable or None
    """
    transforms = [] if transform is None else list(_flat(transform))
    kernels = [find(part) for part in transforms]
    _leave_alone(transforms, kernels)
    stages: list[Stage] = []
    for place, (part, kernel) in enumerate(zip(transforms, kernels, strict=True)):
        if kernel is None and stages and stages[-1].kernel is None:
            before = stages.pop()
            stages.append(Stage((*before.transforms, part), None, before.stream))
        else:
            stages.append(Stage((part,), kernel, stream_within(STAGES, place)))
    return Pipeline(transform, tuple(stages))


def _flat(transform: Any) -> Iterator[Any]:
    """Give the transforms of a chain, and of chains in it, in their order."""
    if type(transform) in CHAINS and untouched(transform):
        parts = transform if isinstance(transform, nn.Sequential) else transform.transforms
        for part in parts:
            yield from _flat(part)
    else:
        yield transform


def _leave_alone(transforms: Sequence[Any], kernels: list[Kernel | None]) -> None:
    """Take the kernels from transforms that do not get plain float tensors."""
    pictures = False
    for place, transform in enumerate(transforms):
        if type(transform) in TO_PICTURES:
            pictures = True
        if pictures:
            kernels[place] = None
        if type(transform) in FROM_PICTURES:
            pictures = False
    # After ToImage, code of one's own sees torchvision's Image type, as it does by hand.
    unknown = [place for place, kernel in enumerate(kernels) if kernel is None]
    typed = [place for place, part in enumerate(transforms) if type(part) is v2.ToImage]
    if unknown and typed and typed[0] < unknown[-1]:
        kernels[typed[0] : unknown[-1]] = [None] * (unknown[-1] - typed[0])


def _stacked(results: list[Any]) -> Batch:
    """Put images back into one batch, where they are tensors of one kind."""
    if results and all(isinstance(image, Tensor) for image in results):
        kinds = {(image.shape, image.dtype, image.device) for image in results}
        if len(kinds) == 1:
            return torch.stack([image.as_subclass(Tensor) for image in results])
    return results
