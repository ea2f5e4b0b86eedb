"""Labels for which the model has no output."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import DataFacts, Facts

CODE = "label-out-of-range"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    train, model = facts.train, facts.model
    if train is None or model is None or train.target_kind != "classes" or not model.outputs:
        return None
    width = model.outputs[-1]
    if len(model.outputs) != 2 or (train.target_low >= 0 and train.target_high < width):
        return None
    worst = train.target_high if train.target_high >= width else train.target_low
    return Finding(
        CODE,
        "error",
        f"there is a label {worst:g} and the model has {width} outputs, "
        f"for labels 0 to {width - 1}",
        _fix(train, width, facts.classes),
    )


def _fix(train: DataFacts, width: int, classes: int | None) -> str:
    low, high = int(train.target_low), int(train.target_high)
    if low and high - low < max(width, classes or 0):
        return f"count labels from 0: label {'-' if low > 0 else '+'} {abs(low)}"
    return f"let the last layer have {max(high + 1, classes or 0)} outputs"
