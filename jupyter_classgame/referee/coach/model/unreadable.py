"""Something that training needs cannot be run."""

from jupyter_classgame.referee.code_fixes import try_batch, try_step
from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "unreadable"
TRAIN, VAL, MODEL = "train_loader", "val_loader", "model"
FATAL = {
    "the training data": TRAIN,
    "what happens to training images": TRAIN,
    "the validation data": VAL,
    "the model and the criterion": MODEL,
    "the optimizer": MODEL,
    "the first steps": MODEL,
}
"""What a run cannot do without, and what to look at in it."""


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.train is not None and facts.train.one_shot:
        return None
    for subject, reason in facts.unobserved.items():
        if subject in FATAL and not reason.startswith(("took longer", "crashed")):
            part = FATAL[subject]
            cell = try_step(facts) if part == MODEL else try_batch(facts, part)
            message = f"{subject} cannot be run: {reason}"
            return Finding(CODE, "error", message, f"try {cell} in a cell of its own")
    return None
