"""Convolutional layers, counted on the longest way through the model."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "convolution"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.model is None or facts.model.convolutions == 0:
        return None
    return Evidence(facts.model.convolutions, f"model: {facts.model.depth_text}")
