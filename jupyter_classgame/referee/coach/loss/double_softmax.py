"""A softmax before a criterion that applies one itself."""

from jupyter_classgame.referee.evidence import Finding, Severity
from jupyter_classgame.referee.facts import Facts, OutputKind

CODE = "double-softmax"

FINDINGS: dict[OutputKind, tuple[Severity, str, str]] = {
    "probabilities": (
        "error",
        "the model ends in a softmax and {name} takes one itself: gradients become tiny",
        "return the scores without softmax",
    ),
    "log-probabilities": (
        "warning",
        "the model ends in a log-softmax and {name} takes one itself: the second one does nothing",
        "return the scores without log_softmax, or use nn.NLLLoss()",
    ),
    "over the batch": (
        "error",
        "the model ends in a softmax over the images of a batch, not over the classes",
        "return the scores without softmax; where one is needed, softmax(dim=1)",
    ),
    "between 0 and 1": (
        "warning",
        "the model squeezes its scores between 0 and 1 and {name} takes a softmax of them",
        "return the scores without sigmoid: no class can get much more than another with it",
    ),
}


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    model, criterion = facts.model, facts.criterion
    if model is None or criterion is None:
        return None
    if criterion.softmaxes_twice:
        return Finding(
            CODE,
            "error",
            f"{criterion.name} takes a softmax and then a cross-entropy, which takes one itself: "
            "gradients become tiny",
            "give the scores to nn.CrossEntropyLoss() as they are",
        )
    if model.output_kind not in FINDINGS or not criterion.softmaxes_itself:
        return None
    severity, message, fix = FINDINGS[model.output_kind]
    return Finding(CODE, severity, message.format(name=criterion.name), fix)
