"""Random numbers added to images, or to activations inside the model."""

from jupyter_classgame.referee.detectors.helpers import in_model, of_images
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "noise"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    return of_images(facts, TECHNIQUE) or in_model(facts, TECHNIQUE)
