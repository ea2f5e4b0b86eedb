"""Images divided by 255 twice."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "to-tensor-twice"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.train is None or not facts.train.to_tensor_twice:
        return None
    return Finding(
        CODE,
        "error",
        f"images lie between 0 and {facts.train.high:.4f}: they were divided by 255 twice",
        "convert once: game images are floats in [0, 1] already, without ToTensor() or / 255",
    )
