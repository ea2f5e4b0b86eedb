"""``%train``: training the objects of the notebook, with a live chart."""

from collections.abc import Mapping
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.config import ClassGame
from jupyter_classgame.magics.arguments import literal, named, number, parse, real, thing
from jupyter_classgame.magics.game_magics import GameMagics, one_line
from jupyter_classgame.magics.option_suggestions import variables
from jupyter_classgame.magics.user_tracebacks import user_traceback
from jupyter_classgame.training.options.table import OPTIONS, Option

READERS = {"whole": number, "number": real, "word": literal, "text": literal}
"""How the value of an option is read, by its kind, if it is no object of the notebook."""


def table_arguments(function: Any) -> Any:
    """Add the arguments of the table of options to a magic."""
    for option in reversed(OPTIONS):
        text = option.help
        if option.found:
            text += f"; by default the name {option.found}"
        if option.configured:
            text += f"; {ClassGame.describe_default(option.name)}"
        if option.positional:
            added = argument(option.name, nargs="?", help=text)
        elif option.kind == "switch":
            added = argument(option.flag, action="store_true", help=text)
        else:
            added = argument(option.flag, help=text)
        function = added(function)
    return function


@magics_class
class TrainMagics(GameMagics):
    """The magic that trains a model."""

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @table_arguments
    @line_magic
    @one_line
    def train(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Train a model in place, with a live chart; the run's metrics are bound as ``history``.

        Objects are found in the notebook by their usual names, or given here. Values are Python
        expressions of the notebook. Training continues from the state of the objects: --epochs 5
        twice is ten. A stop or a kernel interrupt keeps what was trained. Tab suggests options,
        and the notebook's own objects where they fit.

        With --background the cell ends at once and the run continues: history.wait(), .stop(),
        .pause(), .resume(), and `with history.paused():` to change weights by hand. A kernel
        interrupt then ends the current cell, or history.wait(), and not the run. An error is shown
        below the run's cell, and raised by history.wait().

        Examples
        --------
        %train --epochs 5
        %train model2 optimizer2 --epochs EPOCHS --data loaders["small"] --val none
        h = %train --patience 3 --keep best
        """
        from jupyter_classgame.session.verdicts import RefusedError  # noqa: PLC0415 - on first use
        from jupyter_classgame.training.run_control import RunControl  # noqa: PLC0415
        from jupyter_classgame.widgets.chart.run_chart import RunChart  # noqa: PLC0415

        names = {**self.names, **(local_ns or {})}  # in a function, the function's own first
        arguments = parse(self.train, line, names)
        game, control = self.game, RunControl()
        if (arguments.model or "").isdigit():
            raise UsageError(f"write --epochs {arguments.model} for a number of epochs")
        options = {option.name: _value(option, arguments, names) for option in OPTIONS}
        before = len(game.histories)
        history: Any = None
        chart = RunChart(
            game.earlier_runs(), control, game.config.chart_rate, others=game.histories,
            resumable=game.config.checkpoints,
        ).follow(game.events)  # fmt: skip
        try:
            with chart, user_traceback(self.shell):
                history = game.train(**options, control=control)
                return history
        except RefusedError as refused:  # its card is shown
            raise UsageError(refused.brief) from refused
        finally:
            ended = (each for each in game.histories[before:] if each.run == control.number)
            latest = next(ended, None) if history is None else history
            needed = latest is not None and (latest.running or len(latest) > 0)
            if needed or (latest is not None and "history" not in self.names):
                self.names["history"] = latest  # an empty one does not replace a good one


def _value(option: Option, arguments: Any, names: Mapping[str, Any]) -> Any:
    """Read the value of an option from a line, or find its object in the notebook."""
    word = getattr(arguments, option.name)
    if option.kind == "switch":
        return word
    if option.found:
        word = word or named(option.found, names)
    if option.kind == "object":
        there = variables(option.variable, names) if option.variable else ()
        return thing(word, option.flag, names, there)
    return READERS[option.kind](word, option.flag, names)
