"""A run of the game: what is needed is found, checked, trained and recorded."""

import weakref
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.shop.records import RunRecord
from jupyter_classgame.training.control import RunControl
from jupyter_classgame.training.engine import train as train_plan
from jupyter_classgame.training.fingerprint import fingerprint
from jupyter_classgame.training.history import History
from jupyter_classgame.training.plan import Monitor, Plan
from jupyter_classgame.training.randomness import draw_seed

from .images import check_owned
from .namespace import name_of, optional, required

if TYPE_CHECKING:
    from .game import Game

_lives: "weakref.WeakKeyDictionary[nn.Module, int]" = weakref.WeakKeyDictionary()
"""Epochs each model of this kernel was trained for."""


class RunInterrupted(KeyboardInterrupt):
    """A kernel interrupt ended a run; what was trained is kept. ``history`` is the run's."""

    def __init__(self, history: History) -> None:
        super().__init__(history.message)
        self.history = history

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self.history.message}"]


def train(
    game: "Game",
    given: dict[str, Any],
    *,
    epochs: int,
    seed: int | None,
    devices: str,
    practice: bool,
    patience: int | None,
    monitor: str | None,
    keep: str,
    control: RunControl | None,
) -> History:
    """Train as :meth:`Game.train` says."""
    control = control or RunControl()
    practice = practice or game.practice
    plan = _plan(
        game,
        given,
        epochs=epochs,
        devices=devices,
        patience=patience,
        monitor=monitor,
        keep=keep,
    )
    plan.seed = draw_seed() if seed is None else seed
    plan.ranked = not practice
    if not practice:
        check_owned(game, plan.train_loader)
    plan.first_epoch = _life(game, plan.model)
    _check_epochs(game, plan, practice=practice)
    record = game.ledger.start_run(
        game.record,
        name_of(plan.model, game.namespace, "model"),
        ranked=plan.ranked,
        seed=plan.seed,
    )
    plan.run, plan.label = record.number, f"run {record.number}: {record.label}"
    history: History | None = None

    def publish(event: Any) -> None:
        nonlocal history
        history = getattr(event, "history", history)
        if history is not None:
            _record_end(game, plan, record, history)
        game.events.publish(event)

    history = train_plan(plan, publish, control)
    if control.interrupted:
        raise RunInterrupted(history)
    return history


def _plan(
    game: "Game",
    given: dict[str, Any],
    *,
    epochs: int,
    devices: str,
    patience: int | None,
    monitor: str | None,
    keep: str,
) -> Plan:
    names = game.namespace
    if keep not in ("last", "best"):
        raise TrainingError(f"--keep {keep}: write last or best")
    if not isinstance(epochs, int) or isinstance(epochs, bool) or epochs < 1:
        raise TrainingError(f"--epochs {epochs}: a whole number, at least 1, is needed")
    optimizer = required(given["optimizer"], "optimizer", names)
    scheduler = optional(given["scheduler"], "scheduler", names)
    _check_scheduler(scheduler, optimizer)
    criterion = optional(given["criterion"], "criterion", names)
    notes = () if criterion is not None else ("no criterion: cross-entropy is used",)
    return Plan(
        model=required(given["model"], "model", names),
        optimizer=optimizer,
        train_loader=required(given["train_loader"], "train_loader", names),
        val_loader=optional(given["val_loader"], "val_loader", names),
        criterion=nn.CrossEntropyLoss() if criterion is None else criterion,
        scheduler=scheduler,
        epochs=epochs,
        classes=len(game.classes),
        devices=devices,
        patience=patience,
        monitor=cast("Monitor | None", monitor),
        keep=cast("Any", keep),
        notes=notes,
    )


def _check_scheduler(scheduler: Any, optimizer: Any) -> None:
    other = getattr(scheduler, "optimizer", optimizer)
    if other is not optimizer:
        raise TrainingError(
            f"scheduler: this {type(scheduler).__name__} steps another optimizer; "
            "build it anew on the optimizer of this run, or write --scheduler none"
        )


def _life(game: "Game", model: nn.Module) -> int:
    """Count the epochs a model was trained for: in this kernel, or by its weights in the ledger."""
    known = game.ledger.life_epochs(game.record, fingerprint(model))
    return max(known, _lives.get(model, 0))


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


def _record_end(game: "Game", plan: Plan, record: RunRecord, history: History) -> None:
    life = plan.first_epoch + history.epochs_begun
    _lives[plan.model] = life
    game.histories.append(history)
    best = history.best_epoch - 1
    game.ledger.end_run(
        record,
        stopped_by=str(history.stopped_by),
        epochs=len(history),
        life_epochs=life,
        weights=fingerprint(plan.model),
        ranked=plan.ranked,
        val_acc=history.val_acc[best] if history.val_acc and best >= 0 else None,
        val_loss=history.val_loss[best] if history.val_loss and best >= 0 else None,
    )
