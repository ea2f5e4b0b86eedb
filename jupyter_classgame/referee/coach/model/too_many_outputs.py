"""More outputs than there are classes."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "too-many-outputs"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    model = facts.model
    if model is None or len(model.outputs) != 2 or not facts.classes:
        return None
    width = model.outputs[-1]
    if width <= facts.classes:
        return None
    spare = width - facts.classes
    return Finding(
        CODE,
        "warning",
        f"the model has {width} outputs and the game {facts.classes} classes: no image belongs to "
        f"the other {spare}, and an answer among them is always wrong",
        f"let the last layer have {facts.classes} outputs",
    )
