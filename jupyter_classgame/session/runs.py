"""A run of the game: what is needed is found, checked, trained and recorded."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.errors import LedgerError, TrainingError
from jupyter_classgame.events import EpochEnded, Event, Judged, RunEnded, RunStarted
from jupyter_classgame.referee import Verdict, Watch
from jupyter_classgame.shop.records import RunRecord
from jupyter_classgame.training.checkpoint import CheckpointError
from jupyter_classgame.training.control import RunControl
from jupyter_classgame.training.engine import Run
from jupyter_classgame.training.export import ModelFile
from jupyter_classgame.training.fingerprint import fingerprint
from jupyter_classgame.training.history import History
from jupyter_classgame.training.options import Options
from jupyter_classgame.training.plan import Monitor, Plan
from jupyter_classgame.training.randomness import check_seed, draw_seed
from jupyter_classgame.training.tracking import Tracker, check_tracker

from .card import model_card, project_of, settings_of
from .images import check_own, check_owned
from .keeper import Keeper
from .namespace import DEFINE, name_of, optional, required
from .origin import Start, lives
from .resume import CutOff, cut_off, resumed_options
from .verdicts import refuse, verdict_on_plan, why_unranked

if TYPE_CHECKING:
    from .game import Game


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
    if chosen.get("resume"):
        run = cut_off(game)
        chosen = resumed_options(run, chosen)
        chosen.setdefault("then", game.namespace.get(run.facts["then"]))
    chosen = {"epochs": game.config.epochs, "seed": game.seed, **chosen}
    return Options(**chosen)


def train(
    game: "Game", given: dict[str, Any], chosen: Options, control: RunControl | None
) -> History:
    """Train as :meth:`Game.train` says."""
    control = control or RunControl()
    practice = chosen.practice or game.practice
    resumed = cut_off(game) if chosen.resume else None
    if chosen.log is not None:
        check_tracker(chosen.log)
    export = ModelFile(chosen.save) if chosen.save is not None else None
    plan = _plan(game, given, chosen)
    if resumed is not None:
        resumed.plan_on(game, plan, chosen)
    else:
        plan.seed = draw_seed() if chosen.seed is None else check_seed(chosen.seed)
    check_own(game, plan.train_loader, "train_loader")
    check_own(game, plan.val_loader, "val_loader")
    if not practice:
        check_owned(game, plan.train_loader)
    with resumed.restoration.tried_on(plan) if resumed else nullcontext():
        start = resumed.start(game, plan) if resumed else Start.of(game, plan.model)
        plan.first_epoch = start.epochs
        _check_epochs(game, plan, practice=practice)
        verdict = verdict_on_plan(game, plan, known_start=start.known)
        game.events.publish(Judged(verdict))
        refuse(verdict, practice=practice, force=chosen.force)
        reason = start.why_unranked or why_unranked(verdict, force=chosen.force)
        reason = reason or (resumed.news(game, verdict) if resumed else "")
        plan.ranked = not practice and not reason
        if reason and not practice:
            plan.notes = (*plan.notes, reason)
        run = Run(plan, control)
        watch = _watch(game, plan, verdict, resumed.facts["hand_edits"] if resumed else 0)
    record = resumed.record if resumed else None
    if record is None:
        record = game.ledger.start_run(
            game.record,
            name_of(plan.model, game.namespace, "model", type(plan.model).__name__),
            ranked=plan.ranked,
            seed=plan.seed,
            in_use={s: e.count for s, e in verdict.in_use.items() if s in game.pack.catalogue},
        )
    run.enter(record.number, f"run {record.number}: {record.label}")
    recorder = _Recorder(game, run, record, verdict, watch)
    recorder.observe(chosen, export, resumed)
    history = run.execute(recorder)
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
    notes = () if criterion is not None else ("no criterion: cross-entropy is used",)
    return Plan(
        model=required(given["model"], "model", names),
        optimizer=optimizer,
        train_loader=required(given["train_loader"], "train_loader", names),
        val_loader=optional(given["val_loader"], "val_loader", names),
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
        notes=notes,
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


def _watch(game: "Game", plan: Plan, verdict: Verdict, edits: int) -> Watch:
    schedules = ("learning-rate-decay", "learning-rate-schedule")
    items = {getattr(game.item_for(technique), "slug", technique) for technique in schedules}
    return Watch(
        plan.model,
        plan.optimizer,
        criterion=plan.criterion,
        train_loader=plan.train_loader,
        val_loader=plan.val_loader,
        scheduler=plan.scheduler,
        scheduled=bool(items & verdict.in_use.keys()),
        edits=edits,
    )


class _Recorder:
    """Watches a run epoch by epoch, records its end, and passes its events on."""

    def __init__(
        self, game: "Game", run: Run, record: RunRecord, verdict: Verdict, watch: Watch
    ) -> None:
        self.game, self.run, self.plan = game, run, run.plan
        self.record, self.verdict, self.watch = record, verdict, watch
        self.keeper: Keeper | None = None
        self.tracker: Tracker | None = None
        self.export: ModelFile | None = None

    def observe(self, chosen: Options, export: ModelFile | None, resumed: CutOff | None) -> None:
        """Let the run be kept, logged and saved as its options say."""
        game, self.export = self.game, export
        if game.config.checkpoints:
            self.keeper = Keeper(game, self.run, self.record, chosen, resumed, self.run.notice)
        if chosen.log is not None:
            settings = settings_of(game, self.plan, self.verdict)
            self.tracker = Tracker(chosen.log, project_of(game), settings, self.run.notice)

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.game.events.publish(event)
            if self.keeper is not None:
                self.keeper.begin()
        elif isinstance(event, EpochEnded):
            self._look()
            if self.keeper is not None:
                self.keeper.epoch_ended(self.watch.edits)
            self.game.events.publish(event)
        elif isinstance(event, RunEnded):
            try:
                self._end(event.history)
            finally:
                self.game.events.publish(event)
        else:
            self.game.events.publish(event)
        if self.tracker is not None and not isinstance(event, RunEnded):
            self.tracker(event)

    def _look(self) -> None:
        for breach in self.watch.check():
            if self.plan.ranked:
                self.plan.ranked = False
                self.run.notice(f"no longer ranked: {breach}")

    def _end(self, history: History) -> None:
        if self.keeper is not None:
            self.keeper.wait()
        plan, weights = self.plan, fingerprint(self.plan.model)
        life = plan.first_epoch + history.epochs_begun
        lives[plan.model] = life, weights
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
                self.run.notice("not ranked: what the run used was returned meanwhile")
        except LedgerError as error:
            self.run.notice(f"not recorded, and not ranked: {error}")
        history.ranked, history.notes = ranked, plan.notes
        if self.tracker is not None:
            self.tracker(RunEnded(plan.run, history, str(history.stopped_by), history.message))
        if self.export is not None and history.epochs_begun:
            self._save(self.export, history)
        if self.keeper is not None:
            self.keeper.end(str(history.stopped_by))
        history.notes = plan.notes

    def _save(self, export: ModelFile, history: History) -> None:
        plan, owned = self.plan, dict(self.record.owned)
        card = model_card(self.game, plan, self.verdict, history, owned=owned, name=export.name)
        try:
            file, text = export.write(plan.model, card)
        except CheckpointError as error:
            self.run.notice(f"not saved: {error}")
        else:
            self.run.notice(f"saved as {file.name}, with its card {text.name}")
