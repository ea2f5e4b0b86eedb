"""Evidence that several detectors look up in the same way."""

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def of_images(facts: Facts, technique: str) -> Evidence | None:
    """Return the evidence of a change of training images, by the loader or inside the model."""
    for side in (facts.train, facts.model):
        effect = side.effects.get(technique) if side is not None else None
        if effect is not None:
            return Evidence(1, effect.evidence())
    return None


def in_model(facts: Facts, technique: str) -> Evidence | None:
    """Return the evidence of a technique that runs inside the model."""
    if facts.model is None or technique not in facts.model.runs:
        return None
    count, text = facts.model.runs[technique]
    times = f" ({count} times in one pass)" if count > 1 else ""
    return Evidence(1, f"model: {text or technique + ' runs'}{times}")
