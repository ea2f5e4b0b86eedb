"""A batch of one image, which batch normalisation cannot take."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "last-batch-of-one"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    model, train = facts.model, facts.train
    if model is None or train is None or not model.needs_batch or 1 not in train.batch_sizes:
        return None
    return Finding(
        CODE,
        "error",
        "the last batch holds one image, and batch normalisation of vectors needs two",
        "build train_loader with drop_last=True",
    )
