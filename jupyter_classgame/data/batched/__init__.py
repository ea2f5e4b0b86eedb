"""Ordinary torchvision transforms on whole batches, with a separate draw for every image.

Adding a transform is adding a module with its ``KERNELS`` and listing it here.
"""

from . import (
    affine,
    blur,
    choice,
    crop,
    erasing,
    flip,
    gated,
    jitter,
    noise,
    plain,
    policies,
    resized_crop,
    rotation,
)
from .kernel import Kernel, register
from .pipeline import Pipeline, Stage, batched

__all__ = ["Kernel", "Pipeline", "Stage", "batched"]

_MODULES = (
    affine, blur, choice, crop, erasing, flip, gated, jitter, noise, plain, policies, resized_crop,
    rotation,
)  # fmt: skip

for _module in _MODULES:
    register(*_module.KERNELS)
