"""Smoothed targets, in the criterion or as the loader hands them out."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "label-smoothing"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.criterion is not None and facts.criterion.smoothing:
        text = f"{facts.criterion.name}: label smoothing of {facts.criterion.smoothing:g}"
        return Evidence(1, f"criterion: {text}")
    if facts.train is not None and facts.train.smoothing:
        mixed = facts.train.effects.keys() & {"mixup", "cutmix"}
        if not mixed:
            return Evidence(1, f"train_loader: targets are smoothed by {facts.train.smoothing:g}")
    return None
