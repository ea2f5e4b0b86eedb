"""The detectors: one module a technique, each with ``TECHNIQUE`` and ``detect(facts)``.

To add one, write a module beside these, and name the technique in ``packs/techniques.py``: every
module here that has a ``TECHNIQUE`` is asked.
"""

import pkgutil
from importlib import import_module
from types import ModuleType

from jupyter_classgame.referee.evidence import Evidence
from jupyter_classgame.referee.facts import Facts

_MODULES = [
    import_module(f"{__name__}.{name}")
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__))
]
DETECTORS: tuple[ModuleType, ...] = tuple(m for m in _MODULES if hasattr(m, "TECHNIQUE"))


def techniques_in_use(facts: Facts) -> dict[str, Evidence]:
    """Return the evidence for every technique that is in use, by an option or else by objects."""
    found = {}
    for detector in DETECTORS:
        option = facts.options.get(detector.TECHNIQUE)
        evidence = Evidence(1, option) if option else detector.detect(facts)
        if evidence is not None:
            found[detector.TECHNIQUE] = evidence
    return found
