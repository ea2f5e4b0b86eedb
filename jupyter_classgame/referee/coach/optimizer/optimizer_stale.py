"""An optimizer of an earlier copy of the model."""

from jupyter_classgame.referee.code_fixes import model_name, optimizer_line, rebuild
from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "optimizer-stale"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    optimizer = facts.optimizer
    if optimizer is None or optimizer.of_model or not optimizer.stale:
        return None
    if optimizer.owner:
        return Finding(
            "optimizer-other-model",
            "error",
            f"the optimizer holds the parameters of `{optimizer.owner}`, not of "
            f"{model_name(facts)}: the model would never change",
            optimizer_line(facts),
        )
    return Finding(
        CODE,
        "error",
        "the optimizer holds the parameters of an earlier copy of the model (the model's cell "
        "was run again, the optimizer's was not): the model would never change",
        rebuild(facts),
    )
