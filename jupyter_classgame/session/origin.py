"""Where a model's weights come from: how many epochs they have had, and whether we know."""

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from jupyter_classgame.training.fingerprint import fingerprint

if TYPE_CHECKING:
    from .game import Game

lives: "weakref.WeakKeyDictionary[nn.Module, tuple[int, str]]" = weakref.WeakKeyDictionary()
"""Epochs each model of this kernel was trained for, and the weights it was left with."""


@dataclass(frozen=True)
class Start:
    """Where a model's weights come from: the epochs they have had, and whether that is known."""

    epochs: int
    known: bool
    why_unranked: str = ""

    @classmethod
    def of(cls, game: "Game", model: nn.Module) -> "Start":
        """Look a model up: by its weights in the ledger, and as an object of this kernel."""
        weights = fingerprint(model)
        epochs, last = lives.get(model, (0, weights))
        runs = [run for run in game.ledger.runs(game.record) if run.weights == weights]
        within = game.ledger.epochs(game.record, weights=weights)
        known = [run.life_epochs for run in runs] + [each.life_epochs for each in within]
        epochs = max([epochs, *known])
        if runs:
            if any(run.ranked and run.after_reset for run in runs):
                return cls(epochs, known=True)
            name = f"run {runs[-1].number} ({runs[-1].label})"
            return cls(epochs, True, f"not ranked: it goes on from {name}, which is not")
        if within:
            where = f"epoch {within[-1].epoch} of {within[-1].run}"
            return cls(epochs, True, f"not ranked: it goes on from {where}, not from its end")
        if last != weights:
            return cls(epochs, False, "not ranked: the weights were changed outside %train")
        return cls(epochs, known=False)
