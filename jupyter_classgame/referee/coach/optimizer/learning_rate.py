"""A learning rate that is wrong by orders of magnitude, as the first steps show."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts, FirstStepsFacts

CODE = "learning-rate"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    steps = facts.steps
    if steps is None or not steps.verdict or not steps.losses or _explained(facts):
        return None
    if steps.verdict != "low" and "learning-rate-schedule" in facts.options:
        return None  # a warm-up begins with a fraction of it
    if steps.verdict == "zero":
        return Finding(
            CODE,
            "error",
            "the learning rate is 0: the model would never change",
            "give the optimizer a rate, such as lr=0.01",
        )
    last = steps.losses[-1] if steps.verdict != "high" else max(steps.losses)
    losses = f"{steps.losses[0]:.3g} to {last:.3g}"
    if steps.verdict == "low":
        return Finding(
            CODE,
            "warning",
            f"with a learning rate of {steps.lr:g} the loss hardly moves in {len(steps.losses)} "
            f"steps on one batch ({losses}); with {steps.factor:g} times as much it does",
            f"try lr={steps.lr * steps.factor:g}",
        )
    return Finding(
        CODE,
        "error" if steps.verdict == "diverges" else "warning",
        f"with a learning rate of {steps.lr:g} the loss goes from {losses} in "
        f"{len(steps.losses)} steps on one batch",
        _lower(facts, steps),
    )


def _explained(facts: Facts) -> bool:
    """Return whether a superfluous or missing softmax explains it, which is another finding."""
    if facts.model is None or facts.criterion is None:
        return False
    twice = facts.model.output_kind == "probabilities" and facts.criterion.softmaxes_itself
    return twice or facts.criterion.unbounded


def _lower(facts: Facts, steps: FirstStepsFacts) -> str:
    if steps.summed:
        name = facts.criterion.name if facts.criterion is not None else "the criterion"
        return (
            f"{name} sums over the batch, which makes steps as many times as large: "
            "let it take the mean (reduction='mean')"
        )
    if not steps.factor:
        return "no lower rate mends it: look at the model's last layers and at the criterion"
    return f"try lr={steps.lr * steps.factor:g}"
