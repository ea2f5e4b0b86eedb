"""A learning rate orders of magnitude off, from the first steps on a copy."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "learning-rate"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    steps = facts.steps
    if steps is None or not steps.verdict or not steps.losses:
        return None
    if (
        facts.model is not None
        and facts.criterion is not None
        and (facts.model.output_kind == "probabilities" and facts.criterion.softmaxes_itself)
    ):
        return None  # two softmaxes explain it, and are told
    if steps.verdict != "low" and "learning-rate-schedule" in facts.options:
        return None  # a warm-up begins with a fraction of it
    losses = f"{steps.losses[0]:.3g} to {steps.losses[-1]:.3g}"
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
        f"try lr={steps.lr / 100:g}",
    )
