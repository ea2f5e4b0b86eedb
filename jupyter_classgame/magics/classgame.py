"""``%classgame``: starting a game, and seeing where it stands."""

import re
import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any, cast

from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.magic import line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.config import ClassGame

from .arguments import number, parse, text, thing
from .base import GameMagics, one_line
from .user_errors import user_errors

if TYPE_CHECKING:
    from jupyter_classgame.session import Game

COMMANDS = ("status", "packs", "new", "runs", "check", "reset")
PAIR = 2


@magics_class
class ClassGameMagics(GameMagics):
    """The magic that starts a game."""

    @no_var_expand
    @magic_arguments()
    @argument("command", nargs="?", default="status", help=f"one of {', '.join(COMMANDS)}")
    @argument("pack", nargs="?", help="new: a pack's name, a pack.toml, or a folder of images")
    @argument("--team", help="new: the team's name; by default the user's")
    @argument("--seed", help="new: seed of Python, NumPy and torch, and of runs without their own")
    @argument("--image-size", help="new: pixels a side, or (height, width)")
    @argument("--splits", help="new: folders of the training and the hidden test images, A,B")
    @argument("--practice", action="store_true", help="new: no wallet, nothing is ranked")
    @argument("--yes", action="store_true", help="reset: do not ask")
    @line_magic
    @one_line
    def classgame(self, line: str) -> Any:
        """Start a game, or see where it stands.

        %classgame              status: pack, team, balance, what is owned, the best run
        %classgame packs        what can be played
        %classgame new PACK     start or resume a team's game and bind it as ``game``
        %classgame runs         all runs of the team
        %classgame check        what is in use, what is owned, what is wrong, without training
        %classgame reset        start the team's wallet over

        Examples
        --------
        %classgame new digits --team red --seed 0
        %classgame new my_images/ --image-size 48
        """
        arguments = parse(self.classgame, line)
        if arguments.command not in COMMANDS:
            raise UsageError(
                f"%classgame {arguments.command}: write one of {', '.join(COMMANDS)}; "
                "%classgame? explains them"
            )
        if arguments.pack is not None and arguments.command != "new":
            raise UsageError(
                f"%classgame {arguments.command}: {arguments.pack!r} is not understood here"
            )
        return getattr(self, f"_{arguments.command}")(arguments)

    def _status(self, _arguments: Namespace) -> Any:
        return self.game.status()

    def _runs(self, _arguments: Namespace) -> Any:
        return self.game.runs()

    def _check(self, _arguments: Namespace) -> Any:
        with user_errors(self.shell):
            return self.game.check()

    def _packs(self, _arguments: Namespace) -> Any:
        from jupyter_classgame.packs import playable_packs  # noqa: PLC0415 - on first use

        return playable_packs()

    def _new(self, arguments: Namespace) -> Any:
        from jupyter_classgame.packs import built_in_packs  # noqa: PLC0415 - on first use
        from jupyter_classgame.session import start_game  # noqa: PLC0415
        from jupyter_classgame.widgets.progress import progress_bar  # noqa: PLC0415

        names = self.names
        pack = arguments.pack or ""
        if pack not in built_in_packs():
            pack = _path(pack, names)
        with progress_bar("Reading images") as progress:
            game = start_game(
                pack,
                team=text(arguments.team, names) or "",
                seed=number(arguments.seed, "--seed", names),
                image_size=_size(arguments.image_size, names),
                splits=_splits(arguments.splits, names),
                practice=arguments.practice,
                config=self._config(),
                namespace=names,
                progress=progress,
            )
        names["game"] = game
        for note in game.notes:
            print(f"Note: {note}", file=sys.stderr)  # noqa: T201 - the notebook shows it
        return game.status()

    def _config(self) -> ClassGame:
        """Take the defaults that %config shows and changes."""
        known = (c for c in cast("Any", self.shell).configurables if isinstance(c, ClassGame))
        return next(known, None) or ClassGame(parent=self.shell)

    def _reset(self, arguments: Namespace) -> Any:
        game = self.game
        if not arguments.yes and not _agreed(game):
            raise UsageError("nothing was reset; %classgame reset --yes does not ask")
        game.reset()
        return game.status()


def _agreed(game: "Game") -> bool:
    question = f"Start team {game.team}'s wallet over? Everything bought is given up. [y/N] "
    try:
        return input(question).strip().casefold() in ("y", "yes")
    except (StdinNotImplementedError, EOFError):  # nobody to ask, as in a headless run
        return False


def _path(word: str, names: dict[str, Any]) -> str:
    """Read a path, by an expression that gives a str or a ``pathlib.Path``, or said literally."""
    try:
        value = thing(word, "PACK", names)
    except UsageError:
        return word
    return str(value) if isinstance(value, str) or hasattr(value, "__fspath__") else word


def _size(word: str | None, names: dict[str, Any]) -> int | tuple[int, int] | None:
    if word and (found := re.fullmatch(r"(\d+)x(\d+)", word)):
        return int(found[1]), int(found[2])
    value = thing(word, "--image-size", names)
    match value:
        case None | int():
            return value
        case (int(height), int(width)):
            return height, width
    raise UsageError(f"--image-size {word}: write pixels a side, or (height,width)")


def _splits(word: str | None, names: dict[str, Any]) -> tuple[str, str] | None:
    if word is None:
        return None
    parts = [text(part.strip(), names) or "" for part in (text(word, names) or "").split(",")]
    if len(parts) != PAIR or not all(parts):
        raise UsageError(f"--splits {word}: write two folder names, TRAIN,TEST")
    return parts[0], parts[1]
