"""Large gradients cut."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "gradient-clipping"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.clipping:
            return Evidence(1, f"{name}: {optimizer.clipping}")
    return None
