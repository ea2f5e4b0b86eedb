"""A run of the game: what is needed is found, checked, trained and recorded."""

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.errors import LedgerError, TrainingError
from jupyter_classgame.events import EpochEnded, Event, Judged, Noticed, RunEnded
from jupyter_classgame.referee import Verdict, Watch
from jupyter_classgame.shop.records import RunRecord
from jupyter_classgame.training.control import RunControl
from jupyter_classgame.training.engine import Run
from jupyter_classgame.training.fingerprint import fingerprint
from jupyter_classgame.training.history import History
from jupyter_classgame.training.options import Options
from jupyter_classgame.training.plan import Monitor, Plan
from jupyter_classgame.training.randomness import check_seed, draw_seed

from .images import check_own, check_owned
from .namespace import DEFINE, name_of, optional, required
from .verdicts import refuse, verdict_on_plan, why_unranked

if TYPE_CHECKING:
    from .game import Game

_lives: "weakref.WeakKeyDictionary[nn.Module, tuple[int, str]]" = weakref.WeakKeyDictionary()
"""Epochs each model of this kernel was trained for, and the weights it was left with."""


PRACTICE = "practice: not ranked"


class RunInterrupted(KeyboardInterrupt):
    """A kernel interrupt ended a run; what was trained is kept. ``history`` is the run's."""

    def __init__(self, history: History) -> None:
        super().__init__(history.message)
        self.history = history

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self.history.message}"]


def options(game: "Game", given: Mapping[str, Any]) -> Options:
    """Read options of a run, those left out from the game and its configuration.

    Raises
    ------
    TrainingError
        There is no such option, or a value is not what it should be.
    """
    known = {field.name for field in fields(Options)}
    if strange := [name for name in given if name not in known]:
        near = get_close_matches(strange[0], known, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise TrainingError(f"there is no option {strange[0]}{hint}")
    chosen = {name: value for name, value in given.items() if value is not None}
    chosen = {"epochs": game.config.epochs, "seed": game.seed, **chosen}
    return Options(**chosen)


def train(
    game: "Game", given: dict[str, Any], chosen: Options, control: RunControl | None
) -> History:
    """Train as :meth:`Game.train` says."""
    control = control or RunControl()
    practice = chosen.practice or game.practice
    plan = _plan(game, given, chosen)
    plan.seed = draw_seed() if chosen.seed is None else check_seed(chosen.seed)
    plan.ranked = not practice
    check_own(game, plan.train_loader, "train_loader")
    check_own(game, plan.val_loader, "val_loader")
    if not practice:
        check_owned(game, plan.train_loader)
    start = Start.of(game, plan.model)
    plan.first_epoch = start.epochs
    _check_epochs(game, plan, practice=practice)
    verdict = verdict_on_plan(game, plan, known_start=start.known)
    verdict = verdict.for_practice() if practice else verdict
    game.events.publish(Judged(verdict))
    refuse(verdict, practice=practice, force=chosen.force)
    reason = (
        PRACTICE if practice else start.why_unranked or why_unranked(verdict, force=chosen.force)
    )
    if reason:
        plan.ranked, plan.notes = False, (*plan.notes, reason)
    run = Run(plan, control)
    record = game.ledger.start_run(
        game.record,
        name_of(plan.model, game.namespace, "model", type(plan.model).__name__),
        ranked=plan.ranked,
        seed=plan.seed,
        in_use={s: e.count for s, e in verdict.in_use.items() if s in game.pack.catalogue},
    )
    run.enter(record.number, f"run {record.number}: {record.label}")
    history = run.execute(_Recorder(game, plan, record, verdict))
    if control.interrupted:
        raise RunInterrupted(history)
    return history


def check(game: "Game", given: dict[str, Any]) -> Verdict:
    """Judge as :meth:`Game.check` says."""
    plan = _plan(game, given, Options(epochs=1))
    return verdict_on_plan(game, plan, known_start=Start.of(game, plan.model).known)


def _plan(game: "Game", given: dict[str, Any], chosen: Options) -> Plan:
    names = game.namespace
    _check_there(given, names)
    optimizer = required(given["optimizer"], "optimizer", names)
    scheduler = optional(given["scheduler"], "scheduler", names)
    _check_scheduler(scheduler, optimizer)
    criterion = optional(given["criterion"], "criterion", names)
    val_loader = optional(given["val_loader"], "val_loader", names)
    notes = [] if criterion is not None else ["no criterion: cross-entropy is used"]
    if val_loader is None and given["val_loader"] is None:
        notes.append(_unvalidated(chosen))
    return Plan(
        model=required(given["model"], "model", names),
        optimizer=optimizer,
        train_loader=required(given["train_loader"], "train_loader", names),
        val_loader=val_loader,
        criterion=nn.CrossEntropyLoss() if criterion is None else criterion,
        scheduler=scheduler,
        epochs=chosen.epochs or game.config.epochs,
        classes=len(game.classes),
        devices=chosen.devices,
        monitor=cast("Monitor | None", chosen.monitor),
        keep=cast("Any", chosen.keep),
        precision=chosen.precision,
        channels_last=None,
        accumulate=chosen.accumulate,
        then=chosen.then,
        callbacks=chosen.callbacks(),
        background=chosen.background,
        notes=tuple(notes),
    )


def _unvalidated(chosen: Options) -> str:
    """Say that nothing is validated, and what is watched instead."""
    watched = "" if chosen.patience is None else "; --patience follows the training accuracy"
    return (
        f'no val_loader: nothing is validated{watched}; val_loader = game.loader("val") makes one'
    )


def _check_there(given: dict[str, Any], names: Mapping[str, Any]) -> None:
    """Name all that is missing at once, where it is more than one thing."""
    missing = [name for name in DEFINE if given[name] is None and names.get(name) is None]
    if len(missing) > 1:
        lines = "; ".join(f"{name}, such as {DEFINE[name]}" for name in missing)
        raise TrainingError(f"there is nothing to train yet; define in a cell: {lines}")


def _check_scheduler(scheduler: Any, optimizer: Any) -> None:
    other = getattr(scheduler, "optimizer", optimizer)
    if other is not optimizer:
        raise TrainingError(
            f"scheduler: this {type(scheduler).__name__} steps another optimizer; "
            "build it anew on the optimizer of this run, or write --scheduler none"
        )


def _check_epochs(game: "Game", plan: Plan, *, practice: bool) -> None:
    limit = game.pack.rules.max_epochs
    left = limit - plan.first_epoch
    if practice or plan.epochs <= left:
        return
    before = f"; the model has had {plan.first_epoch}" if plan.first_epoch else ""
    remedy = f"--epochs {left} at most" if left > 0 else "build a new model"
    raise TrainingError(
        f"--epochs {plan.epochs}: {game.pack.name} allows {limit} epochs in a model's life"
        f"{before}; {remedy}"
    )


class _Recorder:
    """Watches a run epoch by epoch, records its end, and passes its events on."""

    def __init__(self, game: "Game", plan: Plan, record: RunRecord, verdict: Verdict) -> None:
        self.game, self.plan, self.record = game, plan, record
        schedules = ("learning-rate-decay", "learning-rate-schedule")
        items = {getattr(game.item_for(technique), "slug", technique) for technique in schedules}
        self.watch = Watch(
            plan.model,
            plan.optimizer,
            criterion=plan.criterion,
            train_loader=plan.train_loader,
            val_loader=plan.val_loader,
            scheduler=plan.scheduler,
            scheduled=bool(items & verdict.in_use.keys()),
        )

    def __call__(self, event: Event) -> None:
        if isinstance(event, EpochEnded):
            self._look()
            self.game.events.publish(event)
        elif isinstance(event, RunEnded):
            try:
                self._end(event.history)
            finally:
                self.game.events.publish(event)
        else:
            self.game.events.publish(event)

    def _look(self) -> None:
        for breach in self.watch.check():
            if self.plan.ranked:
                self.plan.ranked = False
                self._notice(f"no longer ranked: {breach}")

    def _notice(self, message: str) -> None:
        self.plan.notes = (*self.plan.notes, message)
        self.game.events.publish(Noticed(self.plan.run, message))

    def _end(self, history: History) -> None:
        plan, weights = self.plan, fingerprint(self.plan.model)
        life = plan.first_epoch + history.epochs_begun
        _lives[plan.model] = life, weights
        self.game.histories.append(history)
        best = history.best_epoch - 1
        ranked = False
        try:
            ranked = self.game.ledger.end_run(
                self.game.record,
                self.record,
                stopped_by=str(history.stopped_by),
                epochs=len(history),
                life_epochs=life,
                weights=weights,
                ranked=plan.ranked and history.epochs_begun > 0,
                val_acc=history.val_acc[best] if history.val_acc and best >= 0 else None,
                val_loss=history.val_loss[best] if history.val_loss and best >= 0 else None,
            )
            if plan.ranked and history.epochs_begun and not ranked:
                self._notice("not ranked: what the run used was returned meanwhile")
        except LedgerError as error:
            self._notice(f"not recorded, and not ranked: {error}")
        history.ranked, history.notes = ranked, plan.notes


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
        epochs, last = _lives.get(model, (0, weights))
        runs = [run for run in game.ledger.runs(game.record) if run.weights == weights]
        epochs = max([epochs, *(run.life_epochs for run in runs)])
        if runs:
            if any(run.ranked and run.after_reset for run in runs):
                return cls(epochs, known=True)
            name = f"run {runs[-1].number} ({runs[-1].label})"
            return cls(epochs, True, f"not ranked: it goes on from {name}, which is not")
        if last != weights:
            return cls(epochs, False, "not ranked: the weights were changed outside %train")
        return cls(epochs, known=False)
