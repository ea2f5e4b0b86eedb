"""Outputs and targets that do not suit the criterion."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts, Mismatch

CODE = "targets-mismatch"

FIXES: dict[Mismatch, str] = {
    "no-targets": "let the dataset return image, class number",
    "outputs": "let forward return the scores alone, of shape (batch, classes)",
    "loss": "let it return the mean over the batch as a tensor: reduction='mean', no .item()",
    "raised": (
        "nn.CrossEntropyLoss() takes scores of shape (batch, classes) and int64 class numbers"
    ),
}


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    criterion = facts.criterion
    if criterion is None or criterion.takes_targets or _out_of_range(facts):
        return None
    given = ""
    if facts.train is not None and facts.train.target_dtype:
        given = f" (targets: {facts.train.target_dtype}, shape {facts.train.target_shape})"
    return Finding(
        CODE,
        "error",
        f"{criterion.name} does not take what the model and train_loader give{given}: "
        f"{criterion.complaint}",
        FIXES[criterion.mismatch],
    )


def _out_of_range(facts: Facts) -> bool:
    if facts.train is None or facts.model is None or facts.train.target_kind != "classes":
        return False
    width = facts.model.outputs[-1] if facts.model.outputs else 0
    return facts.train.target_low < 0 or facts.train.target_high >= width
