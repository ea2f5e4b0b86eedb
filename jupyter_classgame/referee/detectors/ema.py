"""An average of past weights."""

from jupyter_classgame.referee.detectors.helpers import in_model
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "ema"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.ema:
            return Evidence(1, f"{name}: {optimizer.ema}")
    return in_model(facts, TECHNIQUE)
