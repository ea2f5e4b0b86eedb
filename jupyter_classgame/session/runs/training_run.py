"""A run of the game: what is needed is found, checked, trained and recorded."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import LedgerError, TrainingError
from jupyter_classgame.events import Judged, Judging
from jupyter_classgame.referee import RunGuard, Verdict
from jupyter_classgame.referee.audit.run_audit import RunAudit
from jupyter_classgame.session.images.team_images import check_own, check_train
from jupyter_classgame.session.namespace import name_of, required
from jupyter_classgame.session.run_registry import UnderWay, at_rest, release_ended, reserve
from jupyter_classgame.session.runs.background_run import in_background
from jupyter_classgame.session.runs.configured_defaults import defaults, whose_words
from jupyter_classgame.session.runs.notebook_request import request_from_notebook
from jupyter_classgame.session.runs.resumption import CutOff, cut_off, resumed_options
from jupyter_classgame.session.runs.run_recorder import Recorder
from jupyter_classgame.session.verdicts import (
    permissions,
    refuse,
    verdict_on_request,
    why_unranked,
)
from jupyter_classgame.session.weights_origin import WeightsOrigin
from jupyter_classgame.shop.storage.records import RunRecord
from jupyter_classgame.training.device.backend_flags import gradients_on
from jupyter_classgame.training.history import History
from jupyter_classgame.training.launch.device_choice import choose_devices
from jupyter_classgame.training.launch.job_folder import README, export_job
from jupyter_classgame.training.launch.launcher import import_run, launch_run
from jupyter_classgame.training.module_names import is_eager
from jupyter_classgame.training.options.values import Options, check_names
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.model_export import ModelFile
from jupyter_classgame.training.state.weights_fingerprint import unwrapped
from jupyter_classgame.training.tracker import check_tracker
from jupyter_classgame.training.wording import counted

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


PRACTICE = "practice: not ranked"
ELSEWHERE = "trained elsewhere: not ranked"
STAYS = "nor will be what goes on from it: once the ledger is back, make the model anew"


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
    with whose_words(asked), gradients_on():
        return _train(game, given, asked, control)


def _train(
    game: "Context", given: dict[str, Any], asked: Mapping[str, Any], control: RunControl
) -> History:
    chosen, resumed = _options(game, asked)
    game = game.reachable()
    request, notes = request_from_notebook(game, given, chosen)
    if chosen.export_job is not None:
        return export(game, request, notes, chosen, control)
    under_way = reserve(game, request, control)
    try:
        recorder = _begin(game, under_way, notes, chosen, resumed)
        if chosen.background:
            return in_background(recorder.run, recorder)
        history = recorder.run.execute(recorder)
    except BaseException:
        control.end()
        raise
    finally:
        release_ended()
    if control.interrupted:
        raise RunInterrupted(history)
    return history


def _begin(
    game: "Context",
    under_way: UnderWay,
    notes: tuple[str, ...],
    chosen: Options,
    resumed: CutOff | None,
) -> Recorder:
    """Do all that comes before the first step: judge, refuse what is to be refused, record."""
    request, control = under_way.request, under_way.control
    imported = None if chosen.import_job is None else Path(chosen.import_job).expanduser()
    practice = chosen.practice or game.practice or imported is not None
    if chosen.log is not None:
        check_tracker(chosen.log)
    export = ModelFile(chosen.save) if chosen.save is not None else None
    start = RunStart(notes=notes)
    if resumed is not None:
        request, start = resumed.applied_to(game, request, notes, chosen)
    _check_images(game, request, practice=practice)
    with resumed.restoration.tried_on(request) if resumed else nullcontext():
        model = request.model
        origin = resumed.origin(game, model) if resumed else WeightsOrigin.of(game, model)
        request = replace(request, first_epoch=origin.epochs)
        _check_epochs(game, request, practice=practice)
        game.events.publish(Judging())
        audited = imported is None and is_audited_whole(request)
        verdict, guard = _judge(game, request, origin, practice=practice, audited=audited)
        if resumed is not None and (news := resumed.news(game, verdict)):
            verdict.unranked.append(news)
        game.events.publish(Judged(verdict))
        refuse(verdict, practice=practice, force=chosen.force)
        reason = ELSEWHERE if imported is not None else PRACTICE if practice else ""
        reason = reason or why_unranked(verdict, force=chosen.force)
        if resumed is None and (told := origin.goes_on(request.epochs)):
            start = replace(start, notes=(*start.notes, told))
        start = replace(start.ranked_unless(reason), unused=verdict.unused_lines())
        under_way.to_be_ranked = start.ranked
        if imported is None:
            run = launch_run(request, control, start)
        else:
            run = import_run(request, imported, control, start)
    under_way.run = run
    run.history.compare_with(game.earlier_runs(), game.histories)
    record, why = resumed.record if resumed else None, ""
    if record is None:
        record, why = _record(game, run, verdict)
    run.enter(record.number, f"run {record.number}: {record.label}")
    recorder = Recorder(game, run, record, origin, verdict, guard, why)
    recorder.observe(chosen, export, resumed)
    if run.ranked:
        allowed = permissions(game, record.owned)
        run.auditor = RunAudit(verdict.expected, allowed, recorder.audited)
    return recorder


def is_audited_whole(request: RunRequest) -> bool:
    """Whether audits see whole batches in each layer: not in other processes, or compiled."""
    return choose_devices(request.devices).count == 1 and is_eager(request.model)


def _record(game: "Context", run: Run, verdict: Verdict) -> tuple[RunRecord, str]:
    """Record the start of a run; where the ledger cannot take it, say why it is not ranked."""
    kind = type(unwrapped(run.request.model)).__name__
    label = name_of(run.request.model, game.namespace, "model", kind)
    in_use = {s: e.count for s, e in verdict.in_use.items() if s in game.pack.catalogue}
    try:
        record = game.ledger.start_run(
            game.record, label, ranked=run.ranked, seed=run.request.seed, in_use=in_use
        )
    except LedgerError as error:
        run.confirm_rank(ranked=False)
        record = game.ledger.unrecorded_run(game.record, label, in_use=in_use)
        return record, f"not recorded, and not ranked: {error.what}; {STAYS}"
    return record, ""


def export(
    game: "Context",
    request: RunRequest,
    notes: tuple[str, ...],
    chosen: Options,
    control: RunControl,
) -> History:
    """Write a run to a folder; its history is empty."""
    _check_images(game, request, practice=True)
    with at_rest(request.model, *request.optimizers):
        origin = WeightsOrigin.of(game, request.model)
        request = replace(request, first_epoch=origin.epochs)
        notes = (*notes, *filter(None, [origin.goes_on(request.epochs)]))
        folder = Path(str(chosen.export_job)).expanduser()
        folder = export_job(request, folder, RunStart(notes=notes))
    control.end()
    history = History(label=f"job in {folder}", epochs_requested=request.epochs, seed=request.seed)
    history.stopped_by, history.message = (
        "user",
        f"exported; {folder / README} says what is next",
    )
    return history


def check(game: "Context", given: dict[str, Any]) -> Verdict:
    """Judge as :meth:`Game.check` says."""
    game = game.reachable()
    request, _ = request_from_notebook(game, given, Options(epochs=1))
    _check_images(game, request, practice=game.practice)
    with at_rest(request.model, *request.optimizers), gradients_on():
        origin = WeightsOrigin.of(game, request.model)
        verdict = _judge(game, request, origin, practice=game.practice)[0]
    game.events.publish(Judged(verdict))
    return verdict


def _judge(
    game: "Context",
    request: RunRequest,
    origin: WeightsOrigin,
    *,
    practice: bool,
    audited: bool = False,
) -> tuple[Verdict, RunGuard]:
    """Give the whole verdict on a run, and what watches that it stays true."""
    verdict = verdict_on_request(game, request, known_start=origin.known, audited=audited)
    verdict = verdict.for_practice() if practice else verdict
    guard = _guard(game, request, verdict, origin)
    if not practice:
        verdict.unranked.extend(filter(None, (origin.why_unranked, *guard.check())))
    return verdict, guard


def _guard(
    game: "Context", request: RunRequest, verdict: Verdict, origin: WeightsOrigin
) -> RunGuard:
    schedules = ("learning-rate-decay", "learning-rate-schedule")
    items = {getattr(game.item_for(technique), "slug", technique) for technique in schedules}
    return RunGuard(
        request.model,
        request.optimizer,
        criterion=request.criterion,
        train_loader=request.train_loader,
        val_loader=request.val_loader,
        scheduler=request.scheduler,
        then=request.then,
        scheduled=bool(items & verdict.in_use.keys()),
        edits=origin.edits,
        rates=origin.rates,
    )


def _check_images(game: "Context", request: RunRequest, *, practice: bool) -> None:
    """Refuse images that neither the referee nor the coach could tell apart from the game's own."""
    check_own(game, request.train_loader, "train_loader")
    check_own(game, request.val_loader, "val_loader")
    if not practice:
        check_train(request.train_loader)


def _check_epochs(game: "Context", request: RunRequest, *, practice: bool) -> None:
    limit = game.pack.rules.max_epochs
    left = limit - request.first_epoch
    if practice or request.epochs <= left:
        return
    before = f"; the model has had {request.first_epoch:,}" if request.first_epoch else ""
    remedy = f"--epochs {left} at most" if left > 0 else "build a new model"
    raise TrainingError(
        f"--epochs {request.epochs}: {game.pack.name} allows {counted(limit, 'epoch')} in a "
        f"model's life{before}; {remedy}"
    )
