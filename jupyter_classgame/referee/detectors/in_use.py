"""The techniques in use."""

from jupyter_classgame.referee.detectors.detector_table import DETECTORS
from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts


def techniques_in_use(facts: Facts) -> dict[str, Evidence]:
    """Return the evidence of each technique in use, by name, from an option or from the facts."""
    found = {}
    for technique, detect in DETECTORS.items():
        option = facts.options.get(technique)
        evidence = Evidence(1, option) if option else detect(facts)
        if evidence is not None:
            found[technique] = evidence
    return found
