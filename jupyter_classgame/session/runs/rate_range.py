"""The range test of a game: its objects found in the notebook, and kept to itself meanwhile."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.session.images.team_images import check_own, check_train
from jupyter_classgame.session.namespace import name_of
from jupyter_classgame.session.run_registry import release_ended, reserve
from jupyter_classgame.session.runs.configured_defaults import defaults, whose_words
from jupyter_classgame.session.runs.notebook_request import request_from_notebook
from jupyter_classgame.training.device.backend_flags import gradients_on
from jupyter_classgame.training.options.values import Options, check_names
from jupyter_classgame.training.range_test.range_test import RangeTest, sweep_rates
from jupyter_classgame.training.run_control import RunControl

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


SWEPT = ("devices", "precision", "seed", "threads")
"""The options of a run that a range test takes, too."""


def lr_find(
    game: "Context",
    given: Mapping[str, Any],
    asked: Mapping[str, Any],
    watch: Callable[[int, int, float], None] | None,
    **sweep: Any,
) -> RangeTest:
    """Sweep the learning rate as :meth:`Game.lr_find` says."""
    check_names(asked)
    if strange := sorted(asked.keys() - set(SWEPT)):
        raise TrainingError(f"a range test takes {', '.join(SWEPT)}, not {', '.join(strange)}")
    said = {name: value for name, value in asked.items() if value is not None}
    usual = {name: value for name, value in defaults(game).items() if name in SWEPT}
    with whose_words(asked), gradients_on():
        return _lr_find(game, given, Options(**usual | said, epochs=1), watch, sweep)


def _lr_find(
    game: "Context",
    given: Mapping[str, Any],
    chosen: Options,
    watch: Callable[[int, int, float], None] | None,
    sweep: Mapping[str, Any],
) -> RangeTest:
    game = game.reachable()
    request, _ = request_from_notebook(game, given, chosen)
    check_own(game, request.train_loader, "train_loader")
    if not game.practice:
        check_train(request.train_loader)
    names = (
        name_of(request.model, game.namespace, "model"),
        name_of(request.optimizer, game.namespace, "optimizer"),
    )
    control = RunControl()
    reserve(game, request, control)
    try:
        return sweep_rates(
            request, names=names, control=control, watch=watch or _unwatched, **sweep
        )
    finally:
        control.end()
        release_ended()


def _unwatched(sweep: int, step: int, loss: float) -> None:
    """Let a step pass that nobody watches."""
    del sweep, step, loss
