"""The table of detectors, by the name of the technique."""

from collections.abc import Callable, Mapping
from functools import partial

from jupyter_classgame.referee.detectors import (
    data_techniques,
    loss_techniques,
    model_techniques,
    optimizer_techniques,
    schedule_techniques,
)
from jupyter_classgame.referee.detectors.common import in_model, of_images
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

Detector = Callable[[Facts], Evidence | None]

IN_IMAGES = (
    "blur",
    "colour-jitter",
    "cutmix",
    "cutout",
    "flip",
    "mixup",
    "rand-augment",
    "resampling",
    "rotation",
    "shear",
    "shift",
    "unknown-augmentation",
    "warp",
)
"""Techniques that change training images, in the loader or inside the model."""

IN_MODEL = (
    "attention",
    "batch-norm",
    "dropout",
    "group-norm",
    "instance-norm",
    "layer-norm",
    "residual",
    "squeeze-excitation",
    "stochastic-depth",
    "tta",
    "weight-norm",
)
"""Techniques that run in a forward pass of the model."""

IN_OTHER_FACTS: dict[str, Detector] = {
    "more-data": data_techniques.more_data,
    "noise": data_techniques.noise,
    "weighted-sampling": data_techniques.weighted_sampling,
    "convolution": model_techniques.convolution,
    "ensembling": model_techniques.ensembling,
    "pretrained": model_techniques.pretrained,
    "adaptive-step": optimizer_techniques.adaptive_step,
    "ema": optimizer_techniques.ema,
    "gradient-clipping": optimizer_techniques.gradient_clipping,
    "momentum": optimizer_techniques.momentum,
    "class-weight": loss_techniques.class_weight,
    "label-smoothing": loss_techniques.label_smoothing,
    "weight-decay": loss_techniques.weight_decay,
    "learning-rate-decay": schedule_techniques.learning_rate_decay,
    "learning-rate-schedule": schedule_techniques.learning_rate_schedule,
}
"""Techniques with a detector of their own."""


_ALL: dict[str, Detector] = {
    **{name: partial(of_images, technique=name) for name in IN_IMAGES},
    **{name: partial(in_model, technique=name) for name in IN_MODEL},
    **IN_OTHER_FACTS,
}

DETECTORS: Mapping[str, Detector] = dict(sorted(_ALL.items()))
"""All techniques that the referee recognises, in alphabetical order."""
