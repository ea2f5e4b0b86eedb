"""A softmax before a criterion that takes one itself."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "double-softmax"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    model, criterion = facts.model, facts.criterion
    if model is None or criterion is None or not criterion.softmaxes_itself:
        return None
    if model.output_kind == "probabilities":
        return Finding(
            CODE,
            "error",
            f"the model ends in a softmax and {criterion.name} takes one itself: "
            "gradients become tiny",
            "return the scores without softmax",
        )
    if model.output_kind == "log-probabilities":
        return Finding(
            CODE,
            "warning",
            f"the model ends in a log-softmax and {criterion.name} takes one itself: "
            "the second one does nothing",
            "return the scores without log_softmax, or use nn.NLLLoss()",
        )
    return None
