"""Training images in the same order every epoch."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "not-shuffled"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.train is None or facts.train.shuffled is not False:
        return None
    return Finding(
        CODE,
        "warning",
        "train_loader hands out images in the same order every epoch, often class by class",
        "build train_loader with shuffle=True",
    )
