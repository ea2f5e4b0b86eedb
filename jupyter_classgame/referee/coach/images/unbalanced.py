"""Classes so unbalanced that accuracy is misleading."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "unbalanced"
FEWEST = 30
SHARE = 0.5
MOST = 0.8


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    train = facts.train
    if train is None or len(train.label_counts) < 2 or train.weighted:
        return None
    total = sum(train.label_counts.values())
    label, most = max(train.label_counts.items(), key=lambda item: item[1])
    if total < FEWEST or most / total < max(SHARE, min(MOST, 3 / len(train.label_counts))):
        return None
    return Finding(
        CODE,
        "warning",
        f"about {most / total:.0%} of the images are of class {label}: always guessing it would "
        "give that accuracy",
        "look at the F1 score of each class: report = %evaluate",
    )
