"""Where a model's weights come from: how many epochs they have had, and whether we know."""

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from jupyter_classgame.training.state.weights_fingerprint import fingerprint, unwrapped

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context
    from jupyter_classgame.shop.storage.records import RunRecord

lives: "weakref.WeakKeyDictionary[nn.Module, tuple[int, str]]" = weakref.WeakKeyDictionary()
"""Epochs each model of this kernel was trained for, and the weights it was left with."""


@dataclass(frozen=True)
class WeightsOrigin:
    """Where a model's weights come from: the epochs they have had, and whether that is known.

    ``edits`` counts the hand edits of the learning rate in its life, ``rates`` are those it was
    left with; empty where there is no earlier run, or a schedule moved them.
    """

    weights: str
    epochs: int
    known: bool
    why_unranked: str = ""
    edits: int = 0
    rates: tuple[float, ...] = ()

    @classmethod
    def of(cls, context: "Context", model: nn.Module) -> "WeightsOrigin":
        """Look a model up: by its weights in the ledger, and as an object of this kernel.

        A run that left its model's first weights as they were, such as one that failed in its first
        batch, is ignored.
        """
        weights = fingerprint(model)
        epochs, last = lives.get(unwrapped(model), (0, weights))
        if context.ledger.lost:  # nothing that it uses is ranked
            return cls(weights, epochs, known=bool(epochs))
        runs = context.ledger.runs(context.record)
        runs = [run for run in runs if run.weights == weights and run.life_epochs]
        within = context.ledger.epochs(context.record, weights=weights)
        known = [run.life_epochs for run in runs] + [each.life_epochs for each in within]
        epochs = max([epochs, *known])
        if runs:
            last_run = runs[-1]
            rates = tuple(last_run.rates)
            return cls(weights, epochs, True, _why_unranked(runs), last_run.edits, rates)
        if within:
            where = f"epoch {within[-1].epoch} of {within[-1].run}"
            return cls(weights, epochs, True, f"it goes on from {where}, not from its end")
        if last != weights:
            return cls(weights, epochs, False, "the weights were changed outside %train")
        other = context.ledger.elsewhere(context.record, weights)
        if other or epochs:
            before = other or "a run that this game's ledger does not have"
            return cls(weights, epochs, True, f"it goes on from {before}")
        return cls(weights, epochs, known=False)


def _why_unranked(runs: "list[RunRecord]") -> str:
    """Say why a model with the weights that these runs left is not ranked any more."""
    if any(run.ranked and run.after_reset for run in runs):
        return ""
    before = next((run for run in reversed(runs) if run.ranked), None)
    run = before or runs[-1]
    why = "was trained before the last reset" if before else "is not ranked"
    return f"it goes on from run {run.number} ({run.label}), which {why}"
