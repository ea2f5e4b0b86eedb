"""What a run may use from beginning to end, wherever it is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_classgame.referee.detectors.in_use import techniques_in_use
from jupyter_classgame.referee.facts import Facts
from jupyter_classgame.referee.verdict import judge


@dataclass(frozen=True)
class Permissions:
    """A pack's rules and what a team owns: values that travel to other processes.

    Attributes
    ----------
    catalogue, owned, free, baseline
        As :func:`~jupyter_classgame.referee.judge` takes them.
    """

    catalogue: tuple[Any, ...]
    owned: Mapping[str, int]
    free: tuple[str, ...]
    baseline: Mapping[str, int]

    def __call__(self, facts: Facts) -> list[str]:
        """Give a line for each technique in facts that is not owned, or not allowed."""
        verdict = judge(techniques_in_use(facts), **vars(self))
        return list(verdict.reasons)
