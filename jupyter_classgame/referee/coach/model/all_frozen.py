"""A model without trainable parameters."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "all-frozen"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    model, steps = facts.model, facts.steps
    if steps is not None and steps.detached:
        return Finding(
            CODE,
            "error",
            "the loss depends on no parameter that can be trained: nothing would be learned",
            "take out torch.no_grad(), .detach(), .item() or .data between the images and the loss",
        )
    if model is None or not model.parameters or model.trainable:
        return None
    return Finding(
        CODE,
        "error",
        "all parameters are frozen (requires_grad is False): nothing would be trained",
        "for p in model.parameters(): p.requires_grad_(True), or those of the last layer only",
    )
