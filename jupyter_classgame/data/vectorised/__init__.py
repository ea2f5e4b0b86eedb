"""torchvision's transforms on whole batches, with a separate random draw for every image.

To add a transform, add a module with its ``KERNELS`` and list it here.
"""

from jupyter_classgame.data.vectorised.appearance import (
    blur,
    colour_jitter,
    erasing,
    gaussian_noise,
)
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, register
from jupyter_classgame.data.vectorised.composition import (
    deterministic,
    rand_augment,
    random_choice,
    with_probability,
)
from jupyter_classgame.data.vectorised.geometry import affine, crop, flip, resized_crop, rotation
from jupyter_classgame.data.vectorised.transform_pipeline import (
    Stage,
    TransformPipeline,
    build_pipeline,
)

__all__ = ["BatchKernel", "Stage", "TransformPipeline", "build_pipeline"]

_MODULES = (
    affine, crop, flip, resized_crop, rotation,
    blur, colour_jitter, erasing, gaussian_noise,
    deterministic, rand_augment, random_choice, with_probability,
)  # fmt: skip

for _module in _MODULES:
    register(*_module.KERNELS)
