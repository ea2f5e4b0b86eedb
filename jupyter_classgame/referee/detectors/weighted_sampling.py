"""Images drawn more often than others."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "weighted-sampling"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.train is None or not facts.train.weighted:
        return None
    return Evidence(1, facts.train.weighted)
