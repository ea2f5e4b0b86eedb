"""Adaptive step sizes without momentum; with momentum they belong to it."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "adaptive-step"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    optimizer = facts.optimizer
    if optimizer is None or not optimizer.adaptive or optimizer.momentum:
        return None
    return Evidence(1, f"optimizer: {optimizer.adaptive}")
