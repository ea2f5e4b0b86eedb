"""Classes that count more than others in the loss."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "class-weight"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.criterion is None or not facts.criterion.weights:
        return None
    return Evidence(1, f"criterion: {facts.criterion.weights}")
