"""Deterministic transforms: torchvision's own code, which accepts whole batches."""

from typing import Any

import torch
from torch import Tensor
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, fill_fits, fill_of


def _same(transform: Any, images: Tensor, _draws: Draws, _stream: int) -> Tensor:
    # Later kernels write into their input, so it must not be an expanded view.
    return transform(images).contiguous()  # type: ignore[no-any-return]


def _nothing(_transform: Any, images: Tensor, _draws: Draws, _stream: int) -> Tensor:
    return images


def _pads(transform: Any) -> bool:
    return fill_fits(transform) and (
        isinstance(transform, v2.Pad) or not isinstance(fill_of(transform), (list, tuple))
    )


def _float32(transform: Any) -> bool:
    return bool(transform.dtype == torch.float32)


KERNELS = (
    BatchKernel((v2.Resize, v1.Resize, v2.CenterCrop, v1.CenterCrop), _same, random=False),
    BatchKernel((v2.Pad, v1.Pad), _same, _pads, random=False),
    BatchKernel((v2.Normalize, v1.Normalize), _same, random=False),
    BatchKernel((v2.Grayscale, v1.Grayscale, v2.RGB), _same, random=False),
    # Conversions to what the images are already.
    BatchKernel(
        (v2.Identity, v2.ToImage, v2.ToPureTensor, v2.PILToTensor, torch.nn.Identity),
        _nothing,
        random=False,
    ),
    BatchKernel(
        (v2.ToDtype, v2.ConvertImageDtype, v1.ConvertImageDtype), _nothing, _float32, random=False
    ),
)
