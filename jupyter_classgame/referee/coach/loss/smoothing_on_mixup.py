"""Label smoothing together with mixed images."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "smoothing-on-mixup"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    train, criterion = facts.train, facts.criterion
    if train is None or not train.effects.keys() & {"mixup", "cutmix"}:
        return None
    if criterion is None or not criterion.smoothing:
        return None
    if "label-smoothing" in facts.options:
        return None  # the run sets it, and lets it rest while images are mixed
    return Finding(
        CODE,
        "warning",
        f"images are mixed and {criterion.name} smooths labels by {criterion.smoothing:g}: "
        "both soften targets, which hurts more than it helps",
        "use one of the two: nn.CrossEntropyLoss() while images are mixed",
    )
