"""The request of a run, read from a line's options and the notebook's names."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.session.namespace import DEFINE, optional, required
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.random_state import check_seed, draw_seed
from jupyter_classgame.training.run.run_request import Monitor, RunRequest

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


def request_from_notebook(
    game: "Context", given: Mapping[str, Any], chosen: Options
) -> tuple[RunRequest, tuple[str, ...]]:
    """Find what a run needs.

    Parameters
    ----------
    given
        The objects that were named; None where one is found by its usual name.
    chosen
        The options of the run.

    Returns
    -------
    tuple
        The request, and notes for the player on what was assumed.

    Raises
    ------
    TrainingError
        Something is missing or is not what it should be.
    """
    names = game.namespace
    _check_there(given, names)
    criterion = optional(given["criterion"], "criterion", names)
    val_loader = optional(given["val_loader"], "val_loader", names)
    notes = [] if criterion is not None else ["no criterion: cross-entropy is used"]
    if val_loader is None and given["val_loader"] is None:
        notes.append(_unvalidated(chosen, "loss" if "loss" in game.config.monitor else "accuracy"))
    request = RunRequest(
        model=required(given["model"], "model", names),
        optimizer=required(given["optimizer"], "optimizer", names),
        train_loader=required(given["train_loader"], "train_loader", names),
        val_loader=val_loader,
        criterion=nn.CrossEntropyLoss() if criterion is None else criterion,
        scheduler=optional(given["scheduler"], "scheduler", names),
        epochs=chosen.epochs or game.config.epochs,
        seed=draw_seed() if chosen.seed is None else check_seed(chosen.seed),
        classes=len(game.classes),
        devices=None if chosen.devices is None else str(chosen.devices),
        sync_bn=chosen.sync_bn,
        accelerate_config=chosen.accelerate_config,
        devices_idle=game.config.devices_idle,
        devices_patience=game.config.devices_patience,
        monitor=cast("Monitor | None", chosen.monitor),
        usual=game.config.monitor,
        keep=cast("Any", chosen.keep),
        precision=chosen.precision,
        channels_last=None,
        accumulate=chosen.accumulate,
        then=chosen.then,
        at=chosen.at,
        threads=chosen.threads,
        measure_threads=chosen.threads is None and chosen.seed is None,
        callbacks=chosen.callbacks(),
        background=chosen.background,
    )
    return request.checked(), tuple(notes)


def _unvalidated(chosen: Options, number: str) -> str:
    """Say that nothing is validated, and what is watched instead."""
    watched = "" if chosen.patience is None else f"; --patience follows the training {number}"
    return (
        f'no val_loader: nothing is validated{watched}; val_loader = game.loader("val") makes one'
    )


def _check_there(given: Mapping[str, Any], names: Mapping[str, Any]) -> None:
    """Name all that is missing at once, where it is more than one thing."""
    missing = [name for name in DEFINE if given[name] is None and names.get(name) is None]
    if len(missing) > 1:
        lines = "; ".join(f"{name}, such as {DEFINE[name]}" for name in missing)
        raise TrainingError(f"there is nothing to train yet; define in a cell: {lines}")
