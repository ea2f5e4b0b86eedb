"""Steps that go on when the gradient is gone."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "momentum"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    for name, optimizer in facts.optimizers.items():
        if optimizer.momentum:
            return Evidence(1, f"{name}: {optimizer.momentum}")
    return None
