"""Where a run begins: at its first epoch, or where another was cut off."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jupyter_classgame.training.history import History


@dataclass(frozen=True)
class RunStart:
    """What is known of a run when it begins, beside what was asked for.

    Attributes
    ----------
    number, label
        The run's number, 0 as long as it has none, and its name.
    ranked
        Whether it may be ranked.
    notes
        What a player should know, a line each.
    unranked_reasons
        Those of the notes that say why it is not ranked.
    unused
        What the team owns and the run does not use, a line each.
    done, history
        Epochs that were trained before, and their numbers.
    restore
        Puts those epochs into the objects of the run that it is given, once all callbacks have
        begun.
    """

    number: int = 0
    label: str = "run"
    ranked: bool = False
    notes: tuple[str, ...] = ()
    unranked_reasons: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    done: int = 0
    history: History | None = None
    restore: Callable[[Any], None] | None = None

    def ranked_unless(self, reason: str) -> "RunStart":
        """Give the start of a run that is ranked, or not for a reason that the player is told."""
        if not reason:
            return replace(self, ranked=True)
        return replace(
            self,
            ranked=False,
            notes=tuple(dict.fromkeys([*self.notes, reason])),  # a resumed run has them already
            unranked_reasons=tuple(dict.fromkeys([*self.unranked_reasons, reason])),
        )


FRESH_START = RunStart()
"""A run from its first epoch on, of which nothing else is known."""
