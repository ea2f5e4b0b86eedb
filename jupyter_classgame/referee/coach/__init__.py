"""The coach: one module a mistake, each with ``CODE`` and ``check(facts)``.

To add one, write a module beside these: every module here is asked.
"""

import pkgutil
from importlib import import_module
from types import ModuleType

from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts

CHECKS: tuple[ModuleType, ...] = tuple(
    import_module(f"{__name__}.{name}")
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__))
)


def findings(facts: Facts) -> list[Finding]:
    """Return all findings, errors first."""
    found = [finding for check in CHECKS if (finding := check.check(facts)) is not None]
    return sorted(found, key=lambda finding: finding.severity != "error")
