"""Where a model's weights come from: how many epochs they have had, and whether we know."""

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch import nn

from jupyter_classgame.training.state.tensor_marks import RUNS, is_mean, tensor_marks
from jupyter_classgame.training.state.weights_fingerprint import fingerprint, unwrapped

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context
    from jupyter_classgame.shop.storage.records import RunRecord

lives: "weakref.WeakKeyDictionary[nn.Module, tuple[int, str]]" = weakref.WeakKeyDictionary()
"""Epochs each model of this kernel was trained for, and the weights it was left with."""


ANEW = "make the model anew, or go on with all of its weights"
UNRECORDED = "a run that this game's ledger does not have"


@dataclass(frozen=True)
class WeightsOrigin:
    """Where a model's weights come from: the epochs they have had, and whether that is known.

    ``edits`` counts the hand edits of the learning rate in its life, ``rates`` are those it was
    left with; empty where there is no earlier run, or a schedule moved them. ``source`` names the
    run, or the epoch of one, that left them; empty where there is none, or they were changed.
    """

    weights: str
    epochs: int
    known: bool
    why_unranked: str = ""
    edits: int = 0
    rates: tuple[float, ...] = ()
    source: str = ""

    def goes_on(self, epochs: int) -> str:
        """Say that a run trains a model on, for so many epochs; empty for a new model."""
        if not self.epochs:
            return ""
        first, last = self.epochs + 1, self.epochs + epochs
        which = f"epoch {first}" if epochs == 1 else f"epochs {first} to {last}"
        if self.source:
            return f"goes on from {self.source}, {which}"
        return f"goes on with a trained model, {which} of its life"

    @classmethod
    def of(cls, context: "Context", model: nn.Module) -> "WeightsOrigin":
        """Look a model up: by its weights in the ledger, and as an object of this kernel.

        A run that left its model's first weights as they were, such as one that failed in its first
        batch, is ignored.
        """
        weights = fingerprint(model)
        epochs, last = lives.get(unwrapped(model), (0, weights))
        if context.ledger.lost:  # such a run is not ranked
            return cls(weights, epochs, known=bool(epochs))
        runs_of_game = context.ledger.runs(context.record)
        runs = [run for run in runs_of_game if run.weights == weights and run.life_epochs]
        within = context.ledger.epochs(context.record, weights=weights)
        known = [run.life_epochs for run in runs] + [each.life_epochs for each in within]
        epochs = max([epochs, *known])
        if runs:
            last_run = runs[-1]
            rates = tuple(last_run.rates)
            source = f"run {last_run.number}"
            return cls(weights, epochs, True, _why_unranked(runs), last_run.edits, rates, source)
        if within:
            where = f"epoch {within[-1].epoch} of {within[-1].run}"
            reason = f"it goes on from {where}, not from its end"
            return cls(weights, epochs, True, reason, source=where)
        if last != weights:
            return cls(weights, epochs, False, "the weights were changed outside %train")
        other = context.ledger.elsewhere(context.record, weights)
        if other or epochs:
            source = other or UNRECORDED
            advice = "" if other else f"; {_anew(runs_of_game)}"
            return cls(weights, epochs, True, f"it goes on from {source}{advice}", source=source)
        return cls(weights, epochs, False, _of_earlier_runs(context, model))


def _of_earlier_runs(context: "Context", model: nn.Module) -> str:
    """Say that a model which no run has left holds weights that runs did; empty for others."""
    marks = tensor_marks(model)
    if not marks:
        return ""
    digest, run = context.ledger.holder(context.record, {mark.digest for mark in marks.values()})
    name = next((name for name, mark in marks.items() if mark.digest == digest), "")
    if name:
        return f"{name} was trained by {run}; {ANEW}"
    sizes = {mark.size for mark in marks.values() if mark.sketch}
    earlier = context.ledger.sketches(context.record, sizes, most=RUNS)
    if mean := next((name for name, mark in marks.items() if is_mean(mark, earlier)), ""):
        return f"{mean} was made of what earlier runs have trained; {ANEW}"
    return ""


def _why_unranked(runs: "list[RunRecord]") -> str:
    """Say why a model with the weights that these runs left is not ranked any more."""
    if any(run.ranked and run.after_reset for run in runs):
        return ""
    before = next((run for run in reversed(runs) if run.ranked), None)
    run = before or runs[-1]
    why = "was trained before the last reset" if before else "is not ranked"
    return f"it goes on from run {run.number} ({run.label}), which {why}"


def _anew(runs: "Iterable[RunRecord]") -> str:
    """Say how to be ranked again with weights that no ranked run has left, given all runs."""
    ranked = [run.number for run in runs if run.ranked and run.after_reset]
    advice = "to be ranked, make the model anew"
    if ranked:
        advice += f", or put run {ranked[-1]}'s weights back with game.restore({ranked[-1]})"
    return advice
