"""Something that training needs cannot be run."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "unreadable"
FATAL = {
    "the training data": "try next(iter(train_loader)) in a cell of its own",
    "what happens to training images": "try next(iter(train_loader)) in a cell of its own",
    "the validation data": "try next(iter(val_loader)) in a cell of its own",
    "the model and the criterion": "try model(next(iter(train_loader))[0]) in a cell of its own",
    "the optimizer": "try optimizer.step() in a cell of its own",
}


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.train is not None and facts.train.one_shot:
        return None
    for subject, reason in facts.unobserved.items():
        if subject in FATAL and not reason.startswith(("took longer", "crashed")):
            return Finding(
                CODE,
                "error",
                f"{subject} cannot be run: {reason}",
                FATAL[subject],
            )
    return None
