"""Batches of one image, which batch normalisation, or another layer, cannot handle."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "last-batch-of-one"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    model, train = facts.model, facts.train
    if model is None or train is None or 1 not in train.batch_sizes:
        return None
    if not model.needs_batch and "batch-norm" not in model.runs:
        return None
    always = set(train.batch_sizes) == {1}
    which = "every batch holds one image" if always else "the last batch holds one image"
    if "batch-norm" not in model.runs:
        why = "the model cannot be trained on one alone"
    elif model.needs_batch:
        why = "batch normalisation of vectors needs two"
    else:
        why = "batch normalisation would take it alone for the average image"
    return Finding(
        CODE,
        "error" if model.needs_batch else "warning",
        f"{which}, and {why}",
        "build train_loader with "
        + ("a batch_size of 2 or more, better 32" if always else "drop_last=True"),
    )
