"""Adaptive step sizes without momentum; with momentum they belong to it."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "adaptive-step"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.adaptive and not optimizer.momentum:
            return Evidence(1, f"{name}: {optimizer.adaptive}")
    return None
