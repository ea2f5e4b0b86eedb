"""``%train``: training the objects of the notebook, with a live chart."""

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from .arguments import choice, named, number, parse, text, thing
from .base import GameMagics, one_line
from .user_errors import user_errors

OBJECTS = (
    ("model", "model", "MODEL"),
    ("optimizer", "optimizer", "OPTIMIZER"),
    ("data", "train_loader", "--data"),
    ("val", "val_loader", "--val"),
    ("criterion", "criterion", "--criterion"),
    ("scheduler", "scheduler", "--scheduler"),
)
"""Each object of a run: its option, the name it is found by, and how a message calls it."""

MONITORS = ("val_acc", "val_loss", "train_acc", "train_loss")


@magics_class
class TrainMagics(GameMagics):
    """The magic of training."""

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("model", nargs="?", help="a torch.nn.Module; by default the name model")
    @argument("optimizer", nargs="?", help="its optimizer; by default the name optimizer")
    @argument("--epochs", help="how many; 10 by default")
    @argument("--data", help="training loader; by default the name train_loader")
    @argument("--val", help="validation loader, or none; by default the name val_loader")
    @argument("--criterion", help="by default the name criterion, or cross-entropy")
    @argument("--scheduler", help="learning-rate scheduler, or none; by default the name scheduler")
    @argument("--seed", help="seed of every random draw; by default the game's or torch's")
    @argument("--devices", default="auto", help="auto, cpu, or one device such as cuda:0")
    @argument("--practice", action="store_true", help="do not rank this run")
    @argument("--force", action="store_true", help="train in spite of the coach's errors; unranked")
    @argument("--patience", help="stop after so many epochs without a better --monitor")
    @argument("--monitor", help=f"one of {', '.join(MONITORS)}; by default val_acc")
    @argument("--keep", default="last", help="last or best: whose weights the model is left with")
    @line_magic
    @one_line
    def train(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Train a model in place, with a live chart; the run's numbers are bound as ``history``.

        Everything it needs is found in the notebook by its name, or named here. Values are Python
        expressions of the notebook. Training goes on from where the objects are: --epochs 5 twice
        is ten. A stop or a kernel interrupt keeps what was trained.

        Examples
        --------
        %train --epochs 5
        %train model2 optimizer2 --epochs EPOCHS --data loaders["small"] --val none
        h = %train --patience 3 --keep best
        """
        from jupyter_classgame.training.control import RunControl  # noqa: PLC0415 - on first use
        from jupyter_classgame.widgets.chart import RunChart  # noqa: PLC0415
        from jupyter_classgame.widgets.verdict import show_verdict  # noqa: PLC0415

        arguments = parse(self.train, line)
        names = {**self.names, **(local_ns or {})}  # in a function, the function's own first
        game, control = self.game, RunControl()
        if (arguments.model or "").isdigit():
            raise UsageError(f"write --epochs {arguments.model} for a number of epochs")
        options = {
            option: thing(getattr(arguments, option) or named(name, names), shown, names)
            for option, name, shown in OBJECTS
        }
        options |= {
            "epochs": number(arguments.epochs, "--epochs", names),
            "seed": number(arguments.seed, "--seed", names),
            "devices": text(arguments.devices, names),
            "practice": arguments.practice,
            "force": arguments.force,
            "patience": number(arguments.patience, "--patience", names),
            "monitor": choice(arguments.monitor, "--monitor", MONITORS, names),
            "keep": choice(arguments.keep, "--keep", ("last", "best"), names),
        }
        before = len(game.histories)
        earlier = game.histories[-game.config.earlier_runs :] if game.config.earlier_runs else []
        chart = RunChart(earlier, control.stop, game.config.chart_rate)
        unsubscribe = game.events.subscribe(chart.handle)
        unjudge = game.events.subscribe(show_verdict)
        try:
            with chart, user_errors(self.shell):
                return game.train(**options, control=control)
        finally:
            unsubscribe()
            unjudge()
            latest = game.histories[-1] if len(game.histories) > before else None
            if latest is not None and (len(latest) or "history" not in self.names):
                self.names["history"] = latest  # an empty one does not take a good one's place
