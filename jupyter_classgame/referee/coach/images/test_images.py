"""Hidden test images that are trained on."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "test-images"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.images is None or not facts.images.hidden:
        return None
    return Finding(
        CODE,
        "error",
        f"{facts.images.hidden_text}: the final score would mean nothing",
        'train on game.loader("train") only',
    )
