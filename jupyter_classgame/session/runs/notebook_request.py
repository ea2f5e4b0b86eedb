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
    request.checked()
    if val_loader is None:
        notes += _unvalidated(request, chosen, wanted=given["val_loader"] is not None)
    return request, tuple(notes)


def _unvalidated(request: RunRequest, chosen: Options, *, wanted: bool) -> list[str]:
    """Say what "best" means where nothing is validated; ``wanted`` if the player left it out."""
    number = request.watched.removeprefix("train_").replace("acc", "accuracy")
    asked = {"--patience": chosen.patience is not None, "--keep best": chosen.keep == "best"}
    following = [flag for flag, there in asked.items() if there]
    told = f'"best" means the best training {number}'
    if following:
        verb = "follow" if len(following) > 1 else "follows"
        told = f"{' and '.join(following)} {verb} the training {number}"
    if wanted:
        return [f"--val none: {told}"] if following else []
    return [
        f'no val_loader: nothing is validated; {told}; val_loader = game.loader("val") makes one'
    ]


def _check_there(given: Mapping[str, Any], names: Mapping[str, Any]) -> None:
    """Name all that is missing at once, where it is more than one thing."""
    missing = [name for name in DEFINE if given[name] is None and names.get(name) is None]
    if len(missing) > 1:
        lines = "; ".join(f"{name}, such as {DEFINE[name]}" for name in missing)
        raise TrainingError(f"there is nothing to train yet; define in a cell: {lines}")
