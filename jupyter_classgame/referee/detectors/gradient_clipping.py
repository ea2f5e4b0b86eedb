"""Large gradients cut."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "gradient-clipping"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.optimizer is None or not facts.optimizer.clipping:
        return None
    return Evidence(1, f"optimizer: {facts.optimizer.clipping}")
