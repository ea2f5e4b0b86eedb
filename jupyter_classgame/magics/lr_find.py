"""``%lr_find``: the learning-rate range test."""

from typing import Any

from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.magics.arguments import literal, named, number, parse, real, thing
from jupyter_classgame.magics.game_magics import GameMagics, one_line
from jupyter_classgame.magics.option_suggestions import variables
from jupyter_classgame.magics.user_tracebacks import user_traceback


@magics_class
class RangeTestMagics(GameMagics):
    """The magic that looks for a learning rate."""

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("model", nargs="?", help="a model; by default the name model")
    @argument("optimizer", nargs="?", help="its optimizer; by default the name optimizer")
    @argument("--from", dest="first", metavar="FROM", help="first rate; 1e-7")
    @argument("--to", dest="last", metavar="TO", help="last rate; 10")
    @argument("--steps", help="steps from the first to the last; 100")
    @argument("--seeds", help="sweeps, each in its own order; 1. Several show the spread")
    @argument("--data", help="training loader; by default the name train_loader")
    @argument("--criterion", help="loss function; by default the name criterion")
    @argument("--devices", help="auto, cpu, or one device such as cuda:0")
    @argument("--precision", help="auto, no, bf16 or fp16, as in %%train")
    @argument("--seed", help="of the order of the images and everything random")
    @line_magic
    @one_line
    def lr_find(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Find the learning rates that a model learns at, and suggest one; nothing is changed.

        Steps are taken with a rate that grows from step to step (Smith 2015), and the loss is drawn
        over it. Then model, optimizer, random state and loaders are as before, also after an
        interrupt or an error. One sweep is chance: --seeds 5 shows the spread, and the median is
        suggested.

        Examples
        --------
        %lr_find
        %lr_find --seeds 5
        found = %lr_find model2 optimizer2 --from 1e-5 --to 1
        """
        from jupyter_classgame.training.range_test.range_test import check_sweep  # noqa: PLC0415
        from jupyter_classgame.widgets.range_test.rate_chart import RateChart  # noqa: PLC0415

        names = {**self.names, **(local_ns or {})}
        words = parse(self.lr_find, line, names)
        given = {
            name: thing(
                getattr(words, name) or named(usual, names), label, names, variables(name, names)
            )
            for name, usual, label in (
                ("model", "model", "MODEL"),
                ("optimizer", "optimizer", "OPTIMIZER"),
            )
        }
        given["data"] = thing(words.data or named("train_loader", names), "--data", names)
        given["criterion"] = thing(
            words.criterion or named("criterion", names), "--criterion", names
        )
        sweep: dict[str, Any] = {
            "first": real(words.first or "1e-7", "--from", names),
            "last": real(words.last or "10", "--to", names),
            "steps": number(words.steps or "100", "--steps", names),
            "seeds": number(words.seeds or "1", "--seeds", names),
        }
        options: dict[str, Any] = {
            "devices": literal(words.devices, "--devices", names),
            "precision": literal(words.precision, "--precision", names),
            "seed": number(words.seed, "--seed", names),
        }
        game = self.game
        check_sweep(**sweep)
        with RateChart(**sweep) as chart, user_traceback(self.shell):
            found = game.lr_find(**given, **sweep, watch=chart.watch, **options)
            chart.end(found)
            return found
