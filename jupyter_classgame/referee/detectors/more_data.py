"""More distinct training images than the team may use."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

TECHNIQUE = "more-data"


def detect(facts: Facts) -> Evidence | None:
    """Return the evidence, or None."""
    images = facts.images
    if images is None or images.distinct is None or images.allowance is None:
        return None
    if images.distinct <= images.allowance:
        return None
    return Evidence(1, f"train_loader: {images.text}, {images.allowance:,} are the base")
