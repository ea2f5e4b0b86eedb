"""Batches that the training loop cannot take apart into images and targets."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "batch-form"

PAIR = "end the dataset's __getitem__ with return image, label"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    told = facts.criterion is not None and facts.criterion.mismatch == "no-targets"
    for data in (facts.train, facts.val):
        if data is not None and data.unusable and not (told and data is facts.train):
            pair = f": {PAIR}" if data.unusable.unpaired else ""
            return Finding(CODE, "error", data.unusable.what, f"{data.unusable.advice}{pair}")
    return None
