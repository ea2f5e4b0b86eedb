"""The technique ``warp``."""

from jupyter_classgame.referee.detectors.helpers import of_images
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "warp"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    return of_images(facts, TECHNIQUE)
