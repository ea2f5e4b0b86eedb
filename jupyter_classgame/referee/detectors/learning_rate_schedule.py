"""Any other course of the learning rate."""

from jupyter_classgame.referee.detectors.rates import scheduled
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "learning-rate-schedule"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    found = scheduled(facts, "schedule")
    if found is not None:
        return found
    for name, optimizer in facts.optimizers.items():
        if optimizer.moved_lr:
            text = f"its steps change the learning rate: {optimizer.moved_lr} %"
            return Evidence(1, f"{name}: {text}")
    if facts.steps is not None and facts.steps.lr_changed:
        return Evidence(1, f"training steps change the learning rate: {facts.steps.lr_changed}")
    return None
