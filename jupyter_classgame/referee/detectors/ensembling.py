"""Several networks joined into one."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "ensembling"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.model is None or facts.model.members < 2:
        return None
    return Evidence(1, f"model: the scores of {facts.model.members} separate networks are joined")
