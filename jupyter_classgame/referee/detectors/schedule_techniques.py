"""Detectors of changes of the learning rate."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def learning_rate_decay(facts: Facts) -> Evidence | None:
    """Detect a learning rate that falls by steps or exponentially."""
    return _scheduled(facts, "decay")


def learning_rate_schedule(facts: Facts) -> Evidence | None:
    """Detect any other change of the learning rate."""
    found = _scheduled(facts, "schedule")
    if found is not None:
        return found
    for name, optimizer in facts.optimizers.items():
        if optimizer.moved_lr:
            text = f"its steps change the learning rate: {optimizer.moved_lr} %"
            return Evidence(1, f"{name}: {text}")
    if facts.steps is not None and facts.steps.lr_changed:
        return Evidence(1, f"training steps change the learning rate: {facts.steps.lr_changed}")
    return None


def _scheduled(facts: Facts, kind: str) -> Evidence | None:
    """Return the evidence of a scheduler of one kind, the run's or one stepped by hand."""
    schedule = facts.schedule
    if schedule is None:
        return None
    if schedule.kind == kind:
        return Evidence(1, f"scheduler: {schedule.text}")
    for found, text in schedule.stepped:
        if found == kind:
            return Evidence(1, text)
    return None
