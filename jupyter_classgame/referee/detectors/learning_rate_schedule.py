"""Any other course of the learning rate."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

from .rates import scheduled

TECHNIQUE = "learning-rate-schedule"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    found = scheduled(facts, "schedule")
    if found is not None:
        return found
    if facts.optimizer is not None and facts.optimizer.moved_lr:
        return Evidence(
            1, f"optimizer: its steps change the learning rate: {facts.optimizer.moved_lr} %"
        )
    if facts.steps is not None and facts.steps.lr_changed:
        return Evidence(1, f"training steps change the learning rate: {facts.steps.lr_changed}")
    return None
