"""Images with NaN or infinite values."""

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CODE = "not-finite"


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    for data, what in ((facts.train, "training"), (facts.val, "validation")):
        if data is None or not data.not_finite:
            continue
        after = f" after {data.spoilt_by}" if data.spoilt_by else ""
        return Finding(
            CODE,
            "error",
            f"{what} images hold {data.not_finite}{after}: every loss would be NaN",
            "look in the transform for a division by 0 or a logarithm of 0",
        )
    return None
