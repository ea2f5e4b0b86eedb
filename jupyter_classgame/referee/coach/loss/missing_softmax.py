"""A missing softmax before a criterion that expects one."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "missing-softmax"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.criterion is None or not facts.criterion.unbounded:
        return None
    return Finding(
        CODE,
        "error",
        f"{facts.criterion.name} takes log-probabilities and the model returns plain scores: "
        "the loss falls without end, and nothing is learned",
        "use nn.CrossEntropyLoss(), or end the model with log_softmax(dim=1)",
    )
