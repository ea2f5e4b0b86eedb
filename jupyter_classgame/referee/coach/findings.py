"""The findings of the coach on a run."""

import pkgutil
from importlib import import_module
from types import ModuleType

from jupyter_classgame.referee import coach
from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import Facts


def _checks() -> tuple[ModuleType, ...]:
    """Import all modules in the folders of the coach, in alphabetical order of their names."""
    found = pkgutil.walk_packages(coach.__path__, f"{coach.__name__}.")
    names = sorted((m.name for m in found if not m.ispkg), key=lambda name: name.split(".")[-1])
    modules = (import_module(name) for name in names if name != __name__)
    return tuple(modules)


CHECKS = _checks()


def findings(facts: Facts) -> list[Finding]:
    """Return all findings, errors first."""
    found = [finding for check in CHECKS if (finding := check.check(facts)) is not None]
    return sorted(found, key=lambda finding: finding.severity != "error")
