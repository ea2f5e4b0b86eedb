"""The technique ``residual``."""

from jupyter_classgame.referee.detectors.helpers import in_model
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "residual"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    return in_model(facts, TECHNIQUE)
