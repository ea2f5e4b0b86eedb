"""``%ensemble``: combine models by voting."""

import builtins
import keyword
from collections.abc import Mapping
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, needs_local_scope, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.config import VOTES, ClassGame
from jupyter_classgame.magics.arguments import choice, named, parse, text, thing
from jupyter_classgame.magics.game_magics import GameMagics, one_line
from jupyter_classgame.magics.option_suggestions import variables
from jupyter_classgame.magics.user_tracebacks import user_traceback

VOTE = "soft, hard or weighted (by validation accuracy)"
TAKEN = ("game", "history", "model", "optimizer", "train_loader", "val_loader")


@magics_class
class EnsembleMagics(GameMagics):
    """The magic that combines models."""

    @no_var_expand
    @needs_local_scope
    @magic_arguments()
    @argument("models", nargs="*", help="two or more models; a list or dict of models is unpacked")
    @argument("--vote", help=f"{VOTE}; {ClassGame.describe_default('vote')}")
    @argument("--data", help="loader to score it on; by default val_loader")
    @argument("--name", default="ensemble", help="the name it is bound to")
    @argument("--devices", default="auto", help="auto, cpu, or one device such as cuda:0")
    @line_magic
    @one_line
    def ensemble(self, line: str, local_ns: dict[str, Any] | None = None) -> Any:
        """Combine trained models by voting, and compare them with their ensemble.

        The ensemble is an ordinary module, bound as ``ensemble``; %evaluate ensemble scores it.

        Examples
        --------
        %ensemble model_a model_b model_c
        %ensemble models --vote weighted --name trio
        """
        own = self.own(local_ns)
        names = {**self.names, **own}  # in a function, the function's own first
        arguments = parse(self.ensemble, line, names)
        name = text(arguments.name, names) or ""
        _check_name(name, names)
        with user_traceback(self.shell):
            ensemble = self.game.ensemble(
                *(
                    thing(word, "MODEL", names, variables("model", names, lists=True))
                    for word in arguments.models
                ),
                vote=choice(arguments.vote, "--vote", VOTES, names),  # type: ignore[arg-type]
                data=thing(arguments.data or named("val_loader", own), "--data", names),
                devices=text(arguments.devices, names) or "auto",
            )
        self.names[name] = ensemble
        return ensemble


def _check_name(name: str, names: Mapping[str, Any]) -> None:
    """Reject an invalid name, and one bound to something other than an ensemble."""
    if not name.isidentifier() or keyword.iskeyword(name) or name in TAKEN:
        raise UsageError(f"--name {name}: write a valid Python name that the game does not use")
    taken = names.get(name, getattr(builtins, name, None))
    if taken is not None and type(taken).__name__ != "Ensemble":
        raise UsageError(
            f"--name {name}: this name stands for a {type(taken).__name__} already; "
            f"choose another, such as --name {name}_ensemble"
        )
