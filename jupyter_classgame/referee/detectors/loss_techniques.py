"""Detectors of techniques in the loss and its targets."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def class_weight(facts: Facts) -> Evidence | None:
    """Detect classes with a higher weight in the loss."""
    if facts.criterion is None or not facts.criterion.weights:
        return None
    return Evidence(1, f"criterion: {facts.criterion.weights}")


def label_smoothing(facts: Facts) -> Evidence | None:
    """Detect label smoothing, in the criterion or in the targets of the loader."""
    if facts.criterion is not None and facts.criterion.smoothing:
        text = f"{facts.criterion.name}: label smoothing of {facts.criterion.smoothing:g}"
        return Evidence(1, f"criterion: {text}")
    if facts.train is not None and facts.train.smoothing:
        mixed = facts.train.effects.keys() & {"mixup", "cutmix"}
        if not mixed:
            return Evidence(1, f"train_loader: targets are smoothed by {facts.train.smoothing:g}")
    return None


def weight_decay(facts: Facts) -> Evidence | None:
    """Detect weight decay by the optimizer, or a penalty on weights in the criterion."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.decay:
            return Evidence(1, f"{name}: {optimizer.decay}")
    if facts.criterion is not None and facts.criterion.penalty:
        return Evidence(1, f"criterion: {facts.criterion.penalty}")
    return None
