"""Detectors of techniques in the training data and in how it is drawn."""

from jupyter_classgame.referee.detectors.common import in_model, of_images
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def more_data(facts: Facts) -> Evidence | None:
    """Detect more distinct training images than the team may use."""
    images = facts.images
    if images is None or images.distinct is None or images.allowance is None:
        return None
    if images.distinct <= images.allowance:
        return None
    return Evidence(1, f"train_loader: {images.text}, {images.allowance:,} are the base")


def noise(facts: Facts) -> Evidence | None:
    """Detect noise added to training images or inside the model."""
    return of_images(facts, "noise") or in_model(facts, "noise")


def weighted_sampling(facts: Facts) -> Evidence | None:
    """Detect images drawn more often than others."""
    if facts.train is None or not facts.train.weighted:
        return None
    return Evidence(1, facts.train.weighted)
