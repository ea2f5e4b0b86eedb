"""A scheduler of another optimizer."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "scheduler-other-optimizer"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.schedule is None or not facts.schedule.other_optimizer:
        return None
    return Finding(
        CODE,
        "error",
        "the scheduler belongs to another optimizer: this one's learning rate would stay as it is",
        "build the scheduler again after the optimizer: scheduler = ...(optimizer, ...)",
    )
