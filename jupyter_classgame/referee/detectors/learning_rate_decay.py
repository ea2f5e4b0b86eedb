"""A learning rate that falls by steps or exponentially."""

from jupyter_classgame.referee.detectors.rates import scheduled
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "learning-rate-decay"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    return scheduled(facts, "decay")
