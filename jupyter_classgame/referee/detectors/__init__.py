"""The detectors: one module a technique, each with ``TECHNIQUE`` and ``detect(facts)``.

To add one, write a module beside these and add it to ``DETECTORS`` and to
``packs/techniques.py``.
"""

from types import ModuleType

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

from . import (
    adaptive_step,
    attention,
    batch_norm,
    blur,
    class_weight,
    colour_jitter,
    convolution,
    cutmix,
    cutout,
    dropout,
    ema,
    ensembling,
    flip,
    gradient_clipping,
    group_norm,
    instance_norm,
    label_smoothing,
    layer_norm,
    learning_rate_decay,
    learning_rate_schedule,
    mixup,
    momentum,
    more_data,
    noise,
    pretrained,
    rand_augment,
    resampling,
    residual,
    rotation,
    shear,
    shift,
    squeeze_excitation,
    stochastic_depth,
    tta,
    unknown_augmentation,
    warp,
    weight_decay,
    weight_norm,
    weighted_sampling,
)

DETECTORS: tuple[ModuleType, ...] = (
    adaptive_step,
    attention,
    batch_norm,
    blur,
    class_weight,
    colour_jitter,
    convolution,
    cutmix,
    cutout,
    dropout,
    ema,
    ensembling,
    flip,
    gradient_clipping,
    group_norm,
    instance_norm,
    label_smoothing,
    layer_norm,
    learning_rate_decay,
    learning_rate_schedule,
    mixup,
    momentum,
    more_data,
    noise,
    pretrained,
    rand_augment,
    resampling,
    residual,
    rotation,
    shear,
    shift,
    squeeze_excitation,
    stochastic_depth,
    tta,
    unknown_augmentation,
    warp,
    weight_decay,
    weight_norm,
    weighted_sampling,
)


def techniques_in_use(facts: Facts) -> dict[str, Evidence]:
    """Return the evidence for every technique that is in use, by an option or else by objects."""
    found = {}
    for detector in DETECTORS:
        option = facts.options.get(detector.TECHNIQUE)
        evidence = Evidence(1, option) if option else detector.detect(facts)
        if evidence is not None:
            found[detector.TECHNIQUE] = evidence
    return found
