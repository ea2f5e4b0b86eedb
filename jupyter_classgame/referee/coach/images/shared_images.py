"""Validation images that are trained on."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "shared-images"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.images is None or not facts.images.shared:
        return None
    return Finding(
        CODE,
        "error",
        f"{facts.images.shared_text}: the validation score would be too good",
        "build train_loader and val_loader from separate images: "
        'game.loader("train") and game.loader("val")',
    )
