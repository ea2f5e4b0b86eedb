"""An optimizer of torch that does not use its fused step on a GPU."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "unfused-optimizer"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    slow = [it for it in facts.optimizers.values() if it.unfused]
    if not slow:
        return None
    return Finding(
        CODE,
        "warning",
        f"{slow[0].maker} changes the weights in several passes; a GPU can do it in one, faster",
        f"{slow[0].maker}(..., fused=True)",
    )
