"""Ordinary torchvision transforms on whole batches, with a separate draw for every image.

Adding a transform is adding a module with its ``KERNELS`` and listing it here.
"""

from jupyter_classgame.data.vectorised.appearance import (
    blur,
    colour_jitter,
    erasing,
    gaussian_noise,
)
from jupyter_classgame.data.vectorised.composition import (
    deterministic,
    rand_augment,
    random_choice,
    with_probability,
)
from jupyter_classgame.data.vectorised.geometry import affine, crop, flip, resized_crop, rotation
from jupyter_classgame.data.vectorised.kernel import Kernel, register
from jupyter_classgame.data.vectorised.transform_pipeline import Pipeline, Stage, batched

__all__ = ["Kernel", "Pipeline", "Stage", "batched"]

_MODULES = (
    affine, crop, flip, resized_crop, rotation,
    blur, colour_jitter, erasing, gaussian_noise,
    deterministic, rand_augment, random_choice, with_probability,
)  # fmt: skip

for _module in _MODULES:
    register(*_module.KERNELS)
