"""An optimizer with the parameters of another model."""

from jupyter_classgame.referee.code_fixes import model_name, optimizer_line
from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "optimizer-other-model"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    optimizer = facts.optimizer
    if optimizer is None or optimizer.of_model or not optimizer.held or optimizer.stale:
        return None
    whose = f"those of `{optimizer.owner}`" if optimizer.owner else "another model's"
    return Finding(
        CODE,
        "error",
        f"the optimizer holds none of the parameters of {model_name(facts)} but {whose}: "
        "the model would never change",
        optimizer_line(facts),
    )
