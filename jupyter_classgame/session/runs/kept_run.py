"""What is kept of a run that has ended, put back into the objects of a later kernel."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import StoppedBy
from jupyter_classgame.session.namespace import required
from jupyter_classgame.session.run_registry import at_rest
from jupyter_classgame.session.runs.notebook_request import request_from_notebook
from jupyter_classgame.session.runs.resumption import kept_of, loose_folders
from jupyter_classgame.shop.storage.database import MEMORY
from jupyter_classgame.shop.storage.records import RunRecord
from jupyter_classgame.training.history import History
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.run.module_tensors import put_tensors
from jupyter_classgame.training.state.checkpoint_file import Checkpoint, CheckpointError
from jupyter_classgame.training.state.restore import Restoration, load_objects
from jupyter_classgame.training.state.run_store import RunFolder
from jupyter_classgame.training.state.state_codec import decode
from jupyter_classgame.training.wording import counted

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context

ANEW = "%train trains anew"


def restore(game: "Context", number: int | None, given: Mapping[str, Any]) -> History:
    """Put a run back as :meth:`Game.restore` says."""
    name, record, folder = _found(game, number)
    try:
        last = folder.last()
        checkpoint = _left(folder, last) if last else None
    except CheckpointError as error:
        raise TrainingError(f"restore: {name} cannot be read: {error}", ANEW) from error
    if checkpoint is None:
        raise TrainingError(f"restore: no epoch of {name} is kept", ANEW)
    request, _ = request_from_notebook(game, given, Options(epochs=1))
    if then := checkpoint.facts["then"]:
        request = replace(request, then=required(None, then, game.namespace))
    restoration = Restoration(checkpoint)
    restoration.check(request)
    average = _average(checkpoint)
    with at_rest(request.model, *request.optimizers):
        load_objects(checkpoint, request)
        if average:
            put_tensors(request.model, average)
    history = restoration.history
    epoch = counted(checkpoint.facts["epoch"], "epoch")
    state = "the average of the weights" if average else "the weights"
    ended = record.stopped_by if record else folder.facts.get("ended")
    history.stopped_by = cast("StoppedBy", ended or "error")
    history.message = f"{state} after {epoch}, and the optimizer's state, are in the objects again"
    return history


def _found(game: "Context", number: int | None) -> tuple[str, RunRecord | None, RunFolder]:
    """Find a run of this number, or the latest, and what is kept of it."""
    if game.ledger.where == MEMORY and number is None:
        for folder in reversed(loose_folders(game)):
            if folder.epochs() and not folder.alive:
                return f"the run of {folder.facts.get('label', 'a model')}", None, folder
    records = game.ledger.runs(game.record)
    chosen = [r for r in records if number is None or r.number == number]
    name = "any run" if number is None else f"run {number}"
    if not records:
        raise TrainingError(f"restore: there is no run of {game.pack.name} yet", "%train makes one")
    if not chosen:
        raise TrainingError(
            f"restore: there is no {name} of {game.pack.name}", "%classgame runs lists them"
        )
    for record in reversed(chosen):
        kept = kept_of(game, record)
        if kept is not None and not kept.alive:
            return f"run {record.number} ({record.label})", record, kept
        if kept is not None and number is not None:
            raise TrainingError(f"restore: {name} is under way", "wait until it has ended")
    raise TrainingError(
        f"restore: nothing of {name} is kept here (checkpoints were off, made room for newer ones, "
        "or are on another machine)",
        ANEW,
    )


def _left(folder: RunFolder, last: Checkpoint) -> Checkpoint:
    """Give the epoch whose weights the run left in the model: the last, or the best if kept."""
    best = last.facts["history"]["best_epoch"]
    keeps_best = last.facts["options"].get("keep") == "best"
    return folder.read(best) if keeps_best and best in folder.epochs() else last


def _average(checkpoint: Checkpoint) -> dict[str, Any]:
    """Give the averaged weights, where the run left them in the model."""
    if checkpoint.facts["options"].get("keep") != "ema":
        return {}
    kept = [c for c in checkpoint.facts["callbacks"] if c["class"] == "WeightAverage"]
    return dict(decode(kept[0]["state"], checkpoint.tensors)["average"]) if kept else {}
