"""``%train``: training the objects of the notebook, with a live chart."""

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.config import MONITORS, ClassGame
from jupyter_classgame.magics.arguments import literal, named, number, parse, real, thing
from jupyter_classgame.magics.game_magics import GameMagics, one_line
from jupyter_classgame.magics.user_tracebacks import user_traceback

OBJECTS = (
    ("model", "model", "MODEL"),
    ("optimizer", "optimizer", "OPTIMIZER"),
    ("data", "train_loader", "--data"),
    ("val", "val_loader", "--val"),
    ("criterion", "criterion", "--criterion"),
    ("scheduler", "scheduler", "--scheduler"),
)
"""Each object of a run: its option, the name it is found by, and how a message calls it."""

OPTIONS = {
    number: (
        "epochs", "seed", "patience", "warmup", "accumulate", "mix_until", "at",
    ),
    real: ("min_delta", "ema", "clip"),
    literal: (
        "devices", "precision", "monitor", "keep", "smooth", "log", "save", "accelerate_config",
        "export_job", "import_job",
    ),
    thing: ("then",),
}  # fmt: skip
"""How each option's value is read."""

DEVICES = "auto, cpu, cuda:0, or several: a number, cpu:2, cuda:0,2"
PRECISION = "auto, no, bf16 or fp16: how the forward pass computes"
KEEP = "last, best or ema: whose weights the model is left with"

SWITCHES = ("practice", "force", "background", "resume", "sync_bn")


@magics_class
class TrainMagics(GameMagics):
    """The magic of training."""

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("model", nargs="?", help="a torch.nn.Module; by default the name model")
    @argument("optimizer", nargs="?", help="its optimizer; by default the name optimizer")
    @argument("--data", help="training loader; by default the name train_loader")
    @argument("--val", help="validation loader, or none; by default the name val_loader")
    @argument("--criterion", help="by default the name criterion, or cross-entropy")
    @argument("--scheduler", help="learning-rate scheduler, or none; by default the name scheduler")
    @argument("--epochs", help=f"how many; {ClassGame.told('epochs')}")
    @argument("--seed", help="seed of every random draw; by default the game's or torch's")
    @argument("--devices", help=f"{DEVICES}; {ClassGame.told('devices')}")
    @argument("--sync-bn", action="store_true", help="batch norm over all devices")
    @argument("--accelerate-config", help="a file that accelerate config writes")
    @argument("--export-job", help="write the run to a folder, for other machines to carry out")
    @argument("--import-job", help="put the result of such a folder into the objects")
    @argument("--precision", help=f"{PRECISION}; {ClassGame.told('precision')}")
    @argument("--practice", action="store_true", help="do not rank this run")
    @argument("--force", action="store_true", help="train in spite of the coach's errors; unranked")
    @argument("--background", action="store_true", help="return at once; history.wait(), .stop()")
    @argument("--resume", action="store_true", help="go on with the run a dead kernel left behind")
    @argument("--patience", help="stop after so many epochs without a better --monitor")
    @argument("--min-delta", help="how much better is better, for --patience; 0 by default")
    @argument("--monitor", help=f"one of {', '.join(MONITORS)}; {ClassGame.told('monitor')}")
    @argument("--keep", help=f"{KEEP}; {ClassGame.told('keep')}")
    @argument("--warmup", help="epochs in which the learning rate rises to its value")
    @argument("--ema", help="decay of a moving average of the weights, such as 0.999")
    @argument("--clip", help="largest norm of the gradient")
    @argument("--accumulate", help="batches whose gradients make one step")
    @argument("--mix-until", help="last epoch with the loader's batch_transform (mixup, cutmix)")
    @argument("--smooth", help="label smoothing that falls over the run, such as 0.1:0.0")
    @argument("--then", help="an optimizer that takes over at epoch --at")
    @argument("--at", help="the epoch at which --then takes over, 2 or later")
    @argument("--log", help="an Accelerate tracker: tensorboard, wandb, mlflow, ...")
    @argument("--save", help="save the model by this name, as safetensors with a card")
    @line_magic
    @one_line
    def train(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Train a model in place, with a live chart; the run's numbers are bound as ``history``.

        Everything it needs is found in the notebook by its name, or named here. Values are Python
        expressions of the notebook. Training goes on from where the objects are: --epochs 5 twice
        is ten. A stop or a kernel interrupt keeps what was trained. Tab offers the options, and the
        notebook's own objects where they fit.

        With --background the cell ends at once and the run goes on: history.wait(), .stop(),
        .pause(), .resume(), and `with history.paused():` to change weights by hand. A kernel
        interrupt then ends a cell, or history.wait(), and not the run. An error is written below
        the cell of the run, and raised by history.wait().

        Examples
        --------
        %train --epochs 5
        %train model2 optimizer2 --epochs EPOCHS --data loaders["small"] --val none
        h = %train --patience 3 --keep best
        """
        from jupyter_classgame.session.verdicts import RefusedError  # noqa: PLC0415 - on first use
        from jupyter_classgame.training.options import option  # noqa: PLC0415
        from jupyter_classgame.training.run_control import RunControl  # noqa: PLC0415
        from jupyter_classgame.widgets.chart.run_chart import RunChart  # noqa: PLC0415

        names = {**self.names, **(local_ns or {})}  # in a function, the function's own first
        arguments = parse(self.train, line, names)
        game, control = self.game, RunControl()
        if (arguments.model or "").isdigit():
            raise UsageError(f"write --epochs {arguments.model} for a number of epochs")
        options = {
            key: thing(getattr(arguments, key) or named(name, names), shown, names)
            for key, name, shown in OBJECTS
        }
        options |= {
            name: read(getattr(arguments, name), option(name), names)
            for read, group in OPTIONS.items()
            for name in group
        }
        options |= {name: getattr(arguments, name) for name in SWITCHES}
        before = len(game.histories)
        history: Any = None
        chart = RunChart(
            game.earlier_runs(), control, game.config.chart_rate, others=game.histories
        ).follow(game.events)
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
                self.names["history"] = latest  # an empty one does not take a good one's place
