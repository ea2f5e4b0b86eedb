"""Weights trained elsewhere."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "pretrained"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    start = facts.start
    if start is None:
        return None
    if start.above_chance and start.accuracy is not None:
        text = f"{start.accuracy:.0%} of {start.images} images right before the first step"
        return Evidence(1, f"model: {text} ({start.chance:.0%} by chance)")
    if start.smooth_filters:
        return Evidence(1, f"model: {start.smooth_filters}")
    return None
