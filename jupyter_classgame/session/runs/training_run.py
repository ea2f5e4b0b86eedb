"""A run of the game: what is needed is found, checked, trained and recorded."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import Event, Judged, Judging
from jupyter_classgame.referee import RunGuard, Verdict
from jupyter_classgame.session.images.team_images import check_own, check_train
from jupyter_classgame.session.namespace import DEFINE, name_of, optional, required
from jupyter_classgame.session.run_registry import at_rest, release_ended, reserve
from jupyter_classgame.session.runs.background_run import in_background
from jupyter_classgame.session.runs.configured_defaults import defaults, whose_words
from jupyter_classgame.session.runs.resumption import CutOff, cut_off, resumed_options
from jupyter_classgame.session.runs.run_recorder import Recorder
from jupyter_classgame.session.verdicts import refuse, verdict_on_plan, why_unranked
from jupyter_classgame.session.weights_origin import Start
from jupyter_classgame.training.history import History
from jupyter_classgame.training.launch import launch_run
from jupyter_classgame.training.launch.job_folder import README, ImportedRun, export_job
from jupyter_classgame.training.loop.training_loop import Run
from jupyter_classgame.training.options.values import Options, check_names
from jupyter_classgame.training.plan import Many, Monitor, Plan
from jupyter_classgame.training.random_state import check_seed, draw_seed
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.model_export import ModelFile
from jupyter_classgame.training.tracker import check_tracker

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


PRACTICE = "practice: not ranked"
ELSEWHERE = "trained elsewhere: not ranked"


class RunInterrupted(KeyboardInterrupt):
    """A kernel interrupt ended a run; what was trained is kept. ``history`` is the run's."""

    def __init__(self, history: History) -> None:
        super().__init__(history.message)
        self.history = history

    def _render_traceback_(self) -> list[str]:
        return [f"Interrupted: {self.history.message}"]


def _options(game: "Context", given: Mapping[str, Any]) -> tuple[Options, CutOff | None]:
    """Read options of a run, those left out from the game, its configuration or a cut-off run.

    Returns
    -------
    tuple
        The options, and the run that is gone on with where they ask for that.

    Raises
    ------
    TrainingError
        There is no such option, or a value is not what it should be.
    """
    check_names(given)
    chosen = {name: value for name, value in given.items() if value is not None}
    resumed = cut_off(game) if chosen.get("resume") else None
    if resumed is not None:
        chosen = resumed_options(resumed, chosen)
        if then := resumed.facts["then"]:
            chosen.setdefault("then", required(None, then, game.namespace))
    return Options(**(defaults(game) | chosen)), resumed


def train(
    game: "Context", given: dict[str, Any], asked: Mapping[str, Any], control: RunControl | None
) -> History:
    """Train as :meth:`Game.train` says."""
    control = control or RunControl()
    with whose_words(asked):
        return _train(game, given, asked, control)


def _train(
    game: "Context", given: dict[str, Any], asked: Mapping[str, Any], control: RunControl
) -> History:
    chosen, resumed = _options(game, asked)
    plan = _plan(game, given, chosen)
    if chosen.export_job is not None:
        return export(game, plan, chosen, control)
    under_way = reserve(game, plan, control)
    try:
        run, publish = _begin(game, plan, chosen, control, resumed)
        under_way.history = run.history
        if chosen.background:
            return in_background(run, publish)
        history = run.execute(publish)
    except BaseException:
        control.end()
        raise
    finally:
        release_ended()
    if control.interrupted:
        raise RunInterrupted(history)
    return history


def _begin(
    game: "Context", plan: Plan, chosen: Options, control: RunControl, resumed: CutOff | None
) -> tuple[Run, Callable[[Event], None]]:
    """Do all that comes before the first step: judge, refuse what is to be refused, record."""
    imported = None if chosen.import_job is None else Path(chosen.import_job).expanduser()
    practice = chosen.practice or game.practice or imported is not None
    if chosen.log is not None:
        check_tracker(chosen.log)
    export = ModelFile(chosen.save) if chosen.save is not None else None
    if resumed is not None:
        resumed.plan_on(game, plan, chosen)
    else:
        plan.seed = draw_seed() if chosen.seed is None else check_seed(chosen.seed)
    _check_images(game, plan, practice=practice)
    with resumed.restoration.tried_on(plan) if resumed else nullcontext():
        start = resumed.start(game, plan) if resumed else Start.of(game, plan.model)
        plan.first_epoch = start.epochs
        _check_epochs(game, plan, practice=practice)
        game.events.publish(Judging())
        verdict, guard = _judge(game, plan, start, practice=practice)
        if resumed is not None and (news := resumed.news(game, verdict)):
            verdict.unranked.append(news)
        game.events.publish(Judged(verdict))
        refuse(verdict, practice=practice, force=chosen.force)
        reason = ELSEWHERE if imported is not None else PRACTICE if practice else ""
        reason = reason or why_unranked(verdict, force=chosen.force)
        plan.ranked = not reason
        if reason:
            plan.notes = (*plan.notes, reason)
            plan.unranked_reasons = (*plan.unranked_reasons, reason)
        if imported is None:
            run = launch_run(plan, control)
        else:
            run = ImportedRun(plan, control, imported)
    run.history.earlier, run.history.others = game.earlier_runs(), game.histories
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
    recorder = Recorder(game, run, record, start, verdict, guard)
    recorder.observe(chosen, export, resumed)
    return run, recorder


def export(game: "Context", plan: Plan, chosen: Options, control: RunControl) -> History:
    """Write a run to a folder; its history is empty."""
    plan.seed = draw_seed() if chosen.seed is None else check_seed(chosen.seed)
    _check_images(game, plan, practice=True)
    with at_rest(plan.model, *plan.optimizers):
        plan.first_epoch = Start.of(game, plan.model).epochs
        folder = export_job(plan, Path(str(chosen.export_job)).expanduser())
    control.end()
    history = History(label=f"job in {folder}", epochs_requested=plan.epochs, seed=plan.seed)
    history.stopped_by, history.message = (
        "user",
        f"exported; {folder / README} says what is next",
    )
    return history


def check(game: "Context", given: dict[str, Any]) -> Verdict:
    """Judge as :meth:`Game.check` says."""
    plan = _plan(game, given, Options(epochs=1))
    _check_images(game, plan, practice=game.practice)
    with at_rest(plan.model, *plan.optimizers):
        start = Start.of(game, plan.model)
        verdict = _judge(game, plan, start, practice=game.practice)[0]
    game.events.publish(Judged(verdict))
    return verdict


def _judge(
    game: "Context", plan: Plan, start: Start, *, practice: bool
) -> tuple[Verdict, RunGuard]:
    """Give the whole verdict on a run, and what watches that it stays true."""
    verdict = verdict_on_plan(game, plan, known_start=start.known)
    verdict = verdict.for_practice() if practice else verdict
    guard = _guard(game, plan, verdict, start)
    if not practice:
        verdict.unranked.extend(filter(None, (start.why_unranked, *guard.check())))
    return verdict, guard


def _guard(game: "Context", plan: Plan, verdict: Verdict, start: Start) -> RunGuard:
    schedules = ("learning-rate-decay", "learning-rate-schedule")
    items = {getattr(game.item_for(technique), "slug", technique) for technique in schedules}
    return RunGuard(
        plan.model,
        plan.optimizer,
        criterion=plan.criterion,
        train_loader=plan.train_loader,
        val_loader=plan.val_loader,
        scheduler=plan.scheduler,
        then=plan.then,
        scheduled=bool(items & verdict.in_use.keys()),
        edits=start.edits,
        rates=start.rates,
    )


def _plan(game: "Context", given: dict[str, Any], chosen: Options) -> Plan:
    names = game.namespace
    _check_there(given, names)
    criterion = optional(given["criterion"], "criterion", names)
    val_loader = optional(given["val_loader"], "val_loader", names)
    notes = [] if criterion is not None else ["no criterion: cross-entropy is used"]
    if val_loader is None and given["val_loader"] is None:
        notes.append(_unvalidated(chosen, "loss" if "loss" in game.config.monitor else "accuracy"))
    return Plan(
        model=required(given["model"], "model", names),
        optimizer=required(given["optimizer"], "optimizer", names),
        train_loader=required(given["train_loader"], "train_loader", names),
        val_loader=val_loader,
        criterion=nn.CrossEntropyLoss() if criterion is None else criterion,
        scheduler=optional(given["scheduler"], "scheduler", names),
        epochs=chosen.epochs or game.config.epochs,
        classes=len(game.classes),
        devices=None if chosen.devices is None else str(chosen.devices),
        many=Many(
            chosen.sync_bn,
            chosen.accelerate_config,
            game.config.devices_idle,
            game.config.devices_patience,
        ),
        monitor=cast("Monitor | None", chosen.monitor),
        usual=game.config.monitor,
        keep=cast("Any", chosen.keep),
        precision=chosen.precision,
        channels_last=None,
        accumulate=chosen.accumulate,
        then=chosen.then,
        at=chosen.at,
        callbacks=chosen.callbacks(),
        background=chosen.background,
        notes=tuple(notes),
    )


def _unvalidated(chosen: Options, number: str) -> str:
    """Say that nothing is validated, and what is watched instead."""
    watched = "" if chosen.patience is None else f"; --patience follows the training {number}"
    return (
        f'no val_loader: nothing is validated{watched}; val_loader = game.loader("val") makes one'
    )


def _check_there(given: dict[str, Any], names: Mapping[str, Any]) -> None:
    """Name all that is missing at once, where it is more than one thing."""
    missing = [name for name in DEFINE if given[name] is None and names.get(name) is None]
    if len(missing) > 1:
        lines = "; ".join(f"{name}, such as {DEFINE[name]}" for name in missing)
        raise TrainingError(f"there is nothing to train yet; define in a cell: {lines}")


def _check_images(game: "Context", plan: Plan, *, practice: bool) -> None:
    """Refuse images that neither the referee nor the coach could tell apart from the game's own."""
    check_own(game, plan.train_loader, "train_loader")
    check_own(game, plan.val_loader, "val_loader")
    if not practice:
        check_train(plan.train_loader)


def _check_epochs(game: "Context", plan: Plan, *, practice: bool) -> None:
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
