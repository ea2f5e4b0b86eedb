"""The corpus: small pieces of notebooks, one a module, with what the referee should find.

A case is a module with

``build()``     what the notebook would have: a dict of keywords for ``observe``
``EXPECTED``    techniques in use, by name; a number where the count matters (beyond the baseline)
``ALSO``        techniques that may be found as well, where two readings are right
``FINDINGS``    codes of the coach's findings that must be there
``MAY_FIND``    codes that may be there
``UNKNOWN``     True where something cannot be observed, and must be said

What is neither expected nor allowed is a false alarm. To add a case, add a file to the folder of its
kind; its name is the case's, and begins as its folder's.
"""

import importlib.util
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

NAME = "referee_corpus"
HERE = Path(__file__).parent
BASELINE = {"convolution": 2}


@dataclass
class Case:
    """One case of the corpus."""

    name: str
    build: object
    expected: dict = field(default_factory=dict)
    also: set = field(default_factory=set)
    findings: set = field(default_factory=set)
    may_find: set = field(default_factory=set)
    unknown: bool = False

    @property
    def clean(self):
        return not self.expected and not self.findings and not self.unknown


def names():
    """Return the names of all cases."""
    return sorted(_files())


def load(name):
    """Return one case, freshly imported."""
    _package()
    module = _import(f"{NAME}.{name}", _files()[name])
    expected = getattr(module, "EXPECTED", set())
    return Case(
        name,
        module.build,
        dict(expected) if isinstance(expected, dict) else dict.fromkeys(expected, 1),
        set(getattr(module, "ALSO", set())),
        set(getattr(module, "FINDINGS", set())),
        set(getattr(module, "MAY_FIND", set())),
        getattr(module, "UNKNOWN", False),
    )


@cache
def _files():
    return {path.stem: path for path in HERE.glob("*/*.py")}


def _package():
    if NAME not in sys.modules:
        _import(NAME, HERE / "__init__.py", [str(HERE)])
    if f"{NAME}.base" not in sys.modules:
        _import(f"{NAME}.base", HERE / "base.py")


def _import(name, path, inside=None):
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=inside)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
