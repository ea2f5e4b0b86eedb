"""Weights pulled towards zero, by the optimizer or by the criterion."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "weight-decay"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.decay:
            return Evidence(1, f"{name}: {optimizer.decay}")
    if facts.criterion is not None and facts.criterion.penalty:
        return Evidence(1, f"criterion: {facts.criterion.penalty}")
    return None
