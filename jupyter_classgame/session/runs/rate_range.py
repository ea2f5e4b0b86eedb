"""The range test of a game: its objects found in the notebook, and kept to itself meanwhile."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jupyter_classgame.session.namespace import name_of
from jupyter_classgame.session.run_registry import release_ended, reserve
from jupyter_classgame.session.runs.notebook_request import request_from_notebook
from jupyter_classgame.training.device.backend_flags import gradients_on
from jupyter_classgame.training.options.values import Options
from jupyter_classgame.training.range_test.range_test import RangeTest, sweep_rates
from jupyter_classgame.training.run_control import RunControl

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


def lr_find(
    game: "Context",
    given: Mapping[str, Any],
    *,
    first: float,
    last: float,
    steps: int,
    seeds: int,
    options: Mapping[str, Any],
    watch: Callable[[int, int, float], None],
) -> RangeTest:
    """Sweep the learning rate as :meth:`Game.lr_find` says."""
    chosen = Options(epochs=1, **options)
    game = game.reachable()
    request, _ = request_from_notebook(game, given, chosen)
    control = RunControl()
    reserve(game, request, control)
    try:
        with gradients_on():
            return sweep_rates(
                request,
                first=first,
                last=last,
                steps=steps,
                seeds=seeds,
                names=(
                    name_of(request.model, game.namespace, "model"),
                    name_of(request.optimizer, game.namespace, "optimizer"),
                ),
                control=control,
                watch=watch,
            )
    finally:
        control.end()
        release_ended()
