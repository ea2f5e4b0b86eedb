"""Detectors of techniques in the model's structure and its starting weights."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def convolution(facts: Facts) -> Evidence | None:
    """Detect convolutional layers, counted on the longest path through the model."""
    if facts.model is None or facts.model.convolutions == 0:
        return None
    return Evidence(facts.model.convolutions, f"model: {facts.model.depth_text}")


def ensembling(facts: Facts) -> Evidence | None:
    """Detect several networks whose scores are joined."""
    if facts.model is None or facts.model.members < 2:
        return None
    return Evidence(1, f"model: the scores of {facts.model.members} separate networks are joined")


def pretrained(facts: Facts) -> Evidence | None:
    """Detect weights that were trained elsewhere."""
    start = facts.start
    if start is None:
        return None
    if start.above_chance and start.accuracy is not None:
        text = f"{start.accuracy:.0%} of {start.images} images right before the first step"
        return Evidence(1, f"model: {text} ({start.chance:.0%} by chance)")
    if start.smooth_filters:
        return Evidence(1, f"model: {start.smooth_filters}")
    if start.learnt:
        return Evidence(1, f"model: {start.learnt}")
    return None
