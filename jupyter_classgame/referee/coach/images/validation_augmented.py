"""Augmented validation images."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "validation-augmented"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.val is None or not facts.val.effects or not facts.val.random:
        return None
    effect = next(iter(facts.val.effects.values()))
    return Finding(
        CODE,
        "error",
        f"validation images are augmented ({effect.evidence()}): every epoch would be scored on "
        "different images",
        "give val_loader a dataset of its own, without the random transforms",
    )
