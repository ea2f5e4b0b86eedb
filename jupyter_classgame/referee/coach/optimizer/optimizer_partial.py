"""An optimizer with only some of the model's parameters."""

from jupyter_classgame.referee.code_fixes import optimizer_line
from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "optimizer-partial"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    optimizer = facts.optimizer
    if facts.model is not None and facts.model.strays:
        return Finding(
            CODE,
            "error",
            "the model computes with weights that model.parameters() does not list "
            f"({facts.model.strays} tensors): they would not be trained",
            "keep layers in nn.ModuleList or nn.ModuleDict, not in a list or a dict, "
            "and make the optimizer again",
        )
    if optimizer is None or not optimizer.of_model or not optimizer.missing:
        return None
    shown = ", ".join(optimizer.missing[:3]) + (", ..." if len(optimizer.missing) > 3 else "")
    return Finding(
        CODE,
        "error",
        f"the optimizer lacks {len(optimizer.missing)} of the model's parameters ({shown}), "
        "which would stay as they are",
        optimizer_line(facts)
        + ("" if facts.voting else ", or freeze them with requires_grad_(False)"),
    )
