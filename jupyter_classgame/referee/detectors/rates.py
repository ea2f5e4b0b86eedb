"""Learning-rate schedules by kind."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def scheduled(facts: Facts, kind: str) -> Evidence | None:
    """Return the evidence of a schedule passed, or stepped by hand, of one kind."""
    schedule = facts.schedule
    if schedule is None:
        return None
    if schedule.kind == kind:
        return Evidence(1, f"scheduler: {schedule.text}")
    for found, text in schedule.stepped:
        if found == kind:
            return Evidence(1, text)
    return None
