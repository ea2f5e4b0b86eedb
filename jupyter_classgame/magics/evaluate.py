"""``%evaluate``: score a model."""

from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.magics.arguments import named, parse, text, thing
from jupyter_classgame.magics.game_magics import GameMagics, agreed, one_line
from jupyter_classgame.magics.option_suggestions import variables
from jupyter_classgame.magics.user_tracebacks import user_traceback

if TYPE_CHECKING:
    from jupyter_classgame.session.status import FinalAttempt


@magics_class
class EvaluateMagics(GameMagics):
    """The magic that scores models."""

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("model", nargs="?", help="a model or an ensemble; by default the name model")
    @argument("--data", help="loader to score it on; by default val_loader")
    @argument("--final", action="store_true", help="score on the hidden test images; capped")
    @argument("--yes", action="store_true", help="--final: do not ask")
    @argument("--devices", default="auto", help="auto, cpu, or one device such as cuda:0")
    @line_magic
    @one_line
    def evaluate(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Score a model: accuracy, macro precision, recall and F1, each class, confusion matrix.

        --final scores the weights at the end of a ranked run on the pack's hidden test images, and
        records the score. The pack limits the number of different weights that may be scored, so
        it says what would be scored and what is left, and asks first; --yes does not ask. Where
        nobody can be asked it scores.

        Examples
        --------
        %evaluate
        %evaluate ensemble --final
        """
        own = self.own(local_ns)
        names = {**self.names, **own}  # in a function, the function's own first
        arguments = parse(self.evaluate, line, names)
        loader = None if arguments.final else named("val_loader", own)
        if arguments.yes and not arguments.final:
            raise UsageError("--yes goes with --final, which asks; leave it out")
        model = arguments.model or named("model", own)
        model = thing(model, "MODEL", names, variables("model", names))
        devices = text(arguments.devices, names) or "auto"
        with user_traceback(self.shell):
            if arguments.final and not (arguments.yes or arguments.data):
                attempt = self.game.final_attempt(model, devices=devices)
                wanted = not attempt.spends or _wanted(attempt)
                return attempt.score() if wanted else attempt.not_scored()
            return self.game.evaluate(
                model,
                data=thing(arguments.data or loader, "--data", names),
                final=arguments.final,
                devices=devices,
            )


def _wanted(attempt: "FinalAttempt") -> bool:
    """Show what would be scored, and ask whether it is to be."""
    print(attempt)  # noqa: T201 - what the question is about
    answer = agreed("Score it?")
    if answer is None:
        print("Nobody can be asked here, so it is scored, as with --yes.")  # noqa: T201
    return answer is not False
