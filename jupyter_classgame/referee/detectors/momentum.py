"""Steps that go on when the gradient is gone."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "momentum"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    if facts.optimizer is None or not facts.optimizer.momentum:
        return None
    return Evidence(1, f"optimizer: {facts.optimizer.momentum}")
