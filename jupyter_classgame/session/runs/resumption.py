"""Resumption of the run that a dead kernel left behind."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.referee import Verdict
from jupyter_classgame.session.namespace import name_of
from jupyter_classgame.session.weights_origin import WeightsOrigin
from jupyter_classgame.shop.storage.database import MEMORY
from jupyter_classgame.shop.storage.records import RunRecord
from jupyter_classgame.training.launch.device_choice import choose_devices
from jupyter_classgame.training.options.table import BY_NAME
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError
from jupyter_classgame.training.state.restore import Restoration
from jupyter_classgame.training.state.run_store import RunFolder, RunStore
from jupyter_classgame.training.state.weights_fingerprint import fingerprint, unwrapped

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context

MEBIBYTE = 1024**2

ANEW = "write %train without --resume"
LOOSE = "memory-"
"""Begins the folder of a run that no lasting ledger has numbered."""


@dataclass(frozen=True)
class CutOff:
    """A run that never ended, and what is left of it.

    Attributes
    ----------
    record
        The ledger's; None where the ledger that had it is gone.
    """

    name: str
    record: RunRecord | None
    folder: RunFolder
    restoration: Restoration

    @property
    def facts(self) -> dict[str, Any]:
        """What was kept with the last checkpoint."""
        return self.restoration.facts

    @property
    def done(self) -> int:
        """Epochs that were trained."""
        return int(self.facts["epoch"])

    def applied_to(
        self, game: "Context", request: RunRequest, notes: tuple[str, ...], given: Options
    ) -> tuple[RunRequest, RunStart]:
        """Give the rest of the run, with the objects of a request; none of them is changed.

        Parameters
        ----------
        request, notes
            What the line asks for, and what there is to say of it.
        given
            Its options.

        Raises
        ------
        TrainingError
            The objects are not those of the run.
        """
        called = name_of(
            request.model, game.namespace, "model", type(unwrapped(request.model)).__name__
        )
        label = self.facts["run"]["label"]
        if called != label:
            raise TrainingError(
                f"--resume: {self.name} trained {label}, not {called}; write %train {label} ... "
                "--resume, with its optimizer"
            )
        self.restoration.check(request)
        history = self.restoration.history
        known = [*history.notes, *notes, *self.restoration.differences(request)]
        if str(choose_devices(request.devices)) != self.facts["device"]:
            known.append(f"the epochs to come may differ: the run was on {self.facts['device']}")
        elif given.precision == self.facts["options"]["precision"]:
            # what it came to, whatever was asked for
            request = replace(request, precision=self.facts["precision"])
        known.append(f"resumed after epoch {self.done}")
        start = RunStart(
            notes=tuple(dict.fromkeys(known)), unranked_reasons=history.unranked_reasons
        )
        return request, self.restoration.applied_to(start)

    def origin(self, game: "Context", model: nn.Module) -> WeightsOrigin:
        """Look the checkpoint's weights, which the model has now, up in the ledger."""
        life, edits = int(self.facts["first_epoch"]), self.facts["hand_edits"]
        weights = fingerprint(model)
        origin = partial(WeightsOrigin, weights, edits=edits)
        if self.record is None:
            return origin(life, False, "the ledger that had its beginning is gone")
        rows = game.ledger.epochs(game.record, run=self.record)
        same = [row for row in rows if row.epoch == self.done and row.weights == weights]
        life = max((row.life_epochs - row.epoch for row in same or rows), default=life)
        if not same:
            reason = "the checkpoint's weights are not those that the ledger has"
            return origin(life, False, reason)
        if not (self.record.began_ranked and same[-1].ranked):
            return origin(life, True, f"{self.name} was not")
        return origin(life, known=True)

    def news(self, game: "Context", verdict: Verdict) -> str:
        """Say why a run is not ranked that uses more now than when it began."""
        before = self.record.in_use if self.record else {}
        more = [s for s, e in verdict.in_use.items() if e.count > before.get(s, 0)]
        sold = [game.pack.catalogue[slug].name for slug in more if slug in game.pack.catalogue]
        return f"{sold[0]} was not in use when {self.name} began" if sold else ""


def store_of(game: "Context") -> RunStore:
    """Give the store of runs that a game's configuration names."""
    return RunStore(game.config.runs_folder(), game.config.checkpoint_cap * MEBIBYTE)


def folder_of(game: "Context", record: RunRecord) -> RunFolder:
    """Give the folder of a run that begins: another than that of another game of the same name."""
    moment = f"{record.started:%Y%m%d-%H%M%S-%f}"
    if game.ledger.where == MEMORY or not record.recorded:
        return store_of(game).run(game.team, game.pack.name, f"{LOOSE}{moment}")
    folder = store_of(game).run(game.team, game.pack.name, str(record.number))
    if not folder.facts:
        return folder
    return store_of(game).run(game.team, game.pack.name, f"{record.number}-{moment}")


def kept_folder(game: "Context", record: RunRecord) -> RunFolder:
    """Give the folder of a recorded run; another's where this one's is not here."""
    store, number = store_of(game), str(record.number)
    numbered = [store.run(game.team, game.pack.name, number)]
    for folder in store.runs(game.team, game.pack.name):
        numbered += [folder] if folder.name.startswith(f"{number}-") else []
    return min(numbered, key=lambda each: _apart(each.facts.get("started"), record.started))


def kept_of(game: "Context", record: RunRecord) -> RunFolder | None:
    """Find what is kept of a run that the ledger has; None where that is nothing."""
    folder = kept_folder(game, record)
    same = _same_moment(folder.facts.get("started"), record.started)
    return folder if same and folder.epochs() else None


def loose_folders(game: "Context") -> list[RunFolder]:
    """List the folders of the team's runs that no lasting ledger has numbered, oldest first."""
    folders = store_of(game).runs(game.team, game.pack.name)
    loose = (folder for folder in folders if folder.name.startswith(LOOSE) and folder.facts)
    return sorted(loose, key=lambda folder: folder.name)


def how_to_resume(game: "Context") -> str:
    """Say that a run was cut off and how it goes on; empty where none was that can."""
    try:
        found = _in_memory(game) if game.ledger.where == MEMORY else _in_ledger(game)
    except TrainingError:
        return ""
    name, _, folder = found
    epochs = folder.epochs()
    if not epochs:
        return ""
    return (
        f"{name} was cut off after epoch {epochs[0]}: run the cells that make its objects, then "
        "%train --resume goes on with it"
    )


def cut_off(game: "Context") -> CutOff:
    """Find the team's latest run of this pack that never ended.

    Raises
    ------
    TrainingError
        There is none, or nothing is left of it; the message says what to do instead.
    """
    found = _in_memory(game) if game.ledger.where == MEMORY else _in_ledger(game)
    name, record, folder = found
    try:
        checkpoint = folder.last()
    except CheckpointError as error:
        raise TrainingError(f"--resume: {name} cannot be resumed: {error}; {ANEW}") from error
    if checkpoint is None:
        raise TrainingError(
            f"--resume: {name} was cut off before its first epoch had ended, so there is nothing "
            f"to go on from; {ANEW}"
        )
    return CutOff(name, record, folder, Restoration(checkpoint, _best(folder, checkpoint)))


def resumed_options(run: CutOff, given: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the options of a line with those that the run began with.

    Raises
    ------
    TrainingError
        The line asks for another seed, or for fewer epochs than were trained.
    """
    facts = run.facts
    asked = {
        name: value for name, value in given.items() if value is not None and value is not False
    }
    chosen = {n: v for n, v in facts["options"].items() if n in BY_NAME} | asked
    if asked.get("seed", facts["seed"]) != facts["seed"]:
        raise TrainingError(
            f"--seed {asked['seed']}: {run.name} has seed {facts['seed']}; leave it out"
        )
    chosen["seed"], chosen["epochs"] = facts["seed"], asked.get("epochs", facts["epochs"])
    epochs = chosen["epochs"]
    if isinstance(epochs, int) and 0 < epochs < run.done:
        raise TrainingError(
            f"--epochs {epochs}: {run.name} has trained {run.done} already; leave it out to end "
            f"with {facts['epochs']}, or write more"
        )
    return chosen


def _in_ledger(game: "Context") -> tuple[str, RunRecord, RunFolder]:
    records = game.ledger.runs(game.record)
    alive = lost = ""
    for record in reversed(records):
        if record.stopped_by is not None:
            continue
        folder = kept_folder(game, record)
        name = f"run {record.number} ({record.label})"
        if not _same_moment(folder.facts.get("started"), record.started):
            lost = lost or name
        elif folder.alive:
            alive = alive or name
        elif "ended" not in folder.facts:
            return name, record, folder
    if alive:
        raise TrainingError(f"--resume: {alive} is still under way; it was not cut off")
    if lost:
        raise TrainingError(
            f"--resume: {lost} never ended, but no checkpoint of it is here (they were off, made "
            f"room for newer ones, or are on another machine); {ANEW}"
        )
    if not records:
        raise TrainingError(f"--resume: team {game.team} has no run of {game.pack.name}; {ANEW}")
    last = records[-1]
    here = any(history.run == last.number for history in game.histories)
    advice = f"{ANEW[0].upper()}{ANEW[1:]}: it trains on from where the objects are"
    if not here:
        advice = _advice(f"game.restore({last.number})", kept_of(game, last))
    raise TrainingError(
        f"--resume: no run of yours was cut off; the last one, run {last.number} ({last.label}), "
        f"ended by {last.stopped_by}. {advice}"
    )


def _advice(call: str, folder: RunFolder | None) -> str:
    """Say what to do after a run that ended in a kernel that is gone, as its objects are."""
    gone = "The objects of this kernel are new"
    if folder is None:
        return f"{gone}, and no checkpoint of it is here; {ANEW} to train them"
    return (
        f"{gone}: {call} puts what is kept of it into them, and %train without --resume trains "
        "on from there"
    )


def _in_memory(game: "Context") -> tuple[str, None, RunFolder]:
    loose = loose_folders(game)
    for folder in reversed(loose):
        if "ended" not in folder.facts and not folder.alive:
            return f"the run of {folder.facts.get('label', 'a model')}", None, folder
    none = f"--resume: no run of {game.pack.name} without a ledger was cut off here"
    if game.histories or not loose or not loose[-1].epochs():
        raise TrainingError(f"{none}; {ANEW}")
    raise TrainingError(f"{none}. {_advice('game.restore()', loose[-1])}")


def _best(folder: RunFolder, last: Checkpoint) -> Checkpoint | None:
    epoch = last.facts["history"]["best_epoch"]
    if epoch == last.facts["epoch"] or epoch not in folder.epochs():
        return None
    try:
        return folder.read(epoch)
    except CheckpointError:
        return None


def _same_moment(text: Any, moment: datetime) -> bool:
    """Whether a folder's run is the ledger's; some databases keep whole seconds only."""
    return _apart(text, moment) <= 1


def _apart(text: Any, moment: datetime) -> float:
    """Seconds between a moment in a folder's facts and one in the ledger."""
    try:
        return abs((datetime.fromisoformat(text) - moment).total_seconds())
    except (TypeError, ValueError):
        return math.inf
