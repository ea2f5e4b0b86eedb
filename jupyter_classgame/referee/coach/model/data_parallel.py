"""A model that is already wrapped for several devices."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "data-parallel"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.model is None or not facts.model.parallel:
        return None
    return Finding(
        CODE,
        "warning",
        f"the model is wrapped in {facts.model.parallel}",
        "give the model itself and use %train --devices",
    )
