"""Which weights a model holds: of which run, of which of its epochs, and how good they were."""

from typing import TYPE_CHECKING

from torch import nn

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.session.run_registry import training
from jupyter_classgame.session.weights_origin import WeightsOrigin
from jupyter_classgame.training.state.weights_fingerprint import fingerprint
from jupyter_classgame.training.wording import score_text

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context
    from jupyter_classgame.shop.storage.records import RunRecord
    from jupyter_classgame.training.history import History


def held_weights(context: "Context", model: nn.Module) -> str:
    """Say which weights a model holds.

    Returns
    -------
    str
        Such as ``run 3 (model), epoch 10, the last: val acc 0.7968; best epoch 7: val acc 0.8125``;
        empty where it holds none yet, as a lazy one before its first batch. While the ledger is
        out of reach it says that they are not known.
    """
    if (label := training(model)) is not None:
        return f"{label} trains them now"
    try:
        weights = fingerprint(model)
    except (RuntimeError, ValueError, TypeError, NotImplementedError):
        return ""
    try:
        return _recorded(context, model, weights)
    except LedgerError:  # a score is worth having all the same
        return "not known while the ledger is out of reach"


def _recorded(context: "Context", model: nn.Module, weights: str) -> str:
    """Say which weights a model holds by what is recorded of runs."""
    ended = [run for run in context.ledger.runs(context.record) if run.weights == weights]
    trained = [run for run in ended if run.epochs]
    if trained or ended:
        run = (trained or ended)[-1]
        history = next((h for h in reversed(context.histories) if h.run == run.number), None)
        name = f"run {run.number} ({run.label})"
        return f"{name}, {_left_by(run) if history is None else _kept_by(history)}"
    if within := context.ledger.epochs(context.record, weights=weights):
        return f"epoch {within[-1].epoch} of {within[-1].run}, not its end"
    origin = WeightsOrigin.of(context, model)
    if origin.source:
        return origin.source
    return "changed since their run ended" if origin.epochs else "of no run yet"


def _left_by(run: "RunRecord") -> str:
    """Say what the ledger knows of a run of another kernel."""
    if run.val_acc is None:
        return "its end"
    return f"its end; its best epoch had val acc {score_text(run.val_acc)}"


def _kept_by(history: "History") -> str:
    """Say which weights a run of this kernel has left, and what else it had."""
    epoch, best = history.kept_epoch, history.best_epoch
    match history.kept:
        case "last" | "best":
            rank = "the last and best" if best == len(history) else f"the {history.kept}"
            held = f"{history.named(epoch)}, {rank}"
        case "averaged":
            held = f"averaged up to {history.named(epoch)}"
        case "unfinished":
            held = f"from within epoch {epoch + 1}, not validated"
        case _:
            held = "which left them as they were"
    score = "" if history.kept_acc is None else f": val acc {score_text(history.kept_acc)}"
    other = f"; best {history.named(best)}: {history.scored(best)}" if best else ""
    return held + score + (other if history.kept != "best" and best != epoch else "")
