"""``%classgame``: start a game, and show its status."""

import re
from argparse import Namespace
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, no_var_expand
from IPython.core.magic_arguments import argument, magic_arguments

from jupyter_classgame.config import ClassGame
from jupyter_classgame.magics.arguments import number, parse, text, thing
from jupyter_classgame.magics.game_magics import GameMagics, agreed, one_line
from jupyter_classgame.magics.user_tracebacks import user_traceback
from jupyter_classgame.widgets.lab.bound_game import is_game

COMMANDS = ("status", "packs", "start", "new", "runs", "check", "reset")
STARTING = ("start", "new")
OPTION_COMMANDS = {
    **dict.fromkeys(("--team", "--seed", "--image-size", "--splits", "--practice"), "new"),
    "--yes": "reset",
}
"""The command that each option belongs to."""

MEANT = {
    "new": "begin play open create join continue resume load game team",
    "start": "init baseline template notebook example begin-with cells code",
    "status": "info state show me wallet balance money budget owned now where",
    "packs": "list games packages datasets data available",
    "runs": "history results log scores best compare past",
    "check": "verdict judge referee verify validate test lint inspect rules",
    "reset": "restart clear again undo refund wipe delete",
    "shop": "buy order purchase return sell items catalogue catalog store prices",
    "train": "fit run go learn",
    "lr_find": "rate lr finder range sweep",
    "evaluate": "eval score final finals predict submit",
    "ensemble": "vote combine",
}
"""Words of the same meaning as a command or, from ``shop`` on, as another magic."""

HELP = ("help", "manual", "usage", "?")
NEW_OPTIONS = tuple(option for option, command in OPTION_COMMANDS.items() if command == "new")
PACK = "a pack's name, a pack.toml, or a folder of images"
SEED = "seed of Python, NumPy and torch, and of runs without one of their own"
PAIR = 2


@magics_class
class ClassGameMagics(GameMagics):
    """The magic that starts and inspects a game."""

    @no_var_expand
    @magic_arguments()
    @argument("command", nargs="?", default="status", help=f"one of {', '.join(COMMANDS)}")
    @argument("pack", nargs="?", help=f"new: {PACK}; {ClassGame.describe_default('pack')}")
    @argument("--team", help="new: the team's name; by default ClassGame.team or the user's")
    @argument("--seed", help=f"new: {SEED}; {ClassGame.describe_default('seed')}")
    @argument("--image-size", help="new: pixels a side, or (height, width)")
    @argument("--splits", help="new: folders of the training and the hidden test images, A,B")
    @argument("--practice", action="store_true", help="new: no wallet, nothing is ranked")
    @argument("--yes", action="store_true", help="reset: do not ask")
    @line_magic
    @one_line
    def classgame(self, line: str) -> Any:
        """Start a game, or show its status.

        %classgame              status: pack, team, balance, what is owned, the best run
        %classgame packs        what can be played
        %classgame start PACK   the same as new, and the cells of the baseline, to begin with
        %classgame new PACK     start or resume a team's game and bind it as ``game``
        %classgame runs         all runs of the team
        %classgame check        what is in use, what is owned, what is wrong, without training
        %classgame reset        start the team's wallet over

        Examples
        --------
        %classgame start
        %classgame new digits --team red --seed 0
        %classgame new my_images/ --image-size 48
        """
        arguments = parse(self.classgame, line, self.names)
        if arguments.command not in COMMANDS:
            raise UsageError(_unknown(arguments.command))
        if arguments.pack is not None and arguments.command not in STARTING:
            raise UsageError(
                f"%classgame {arguments.command}: {arguments.pack!r} is not understood here"
            )
        return getattr(self, f"_{arguments.command}")(arguments)

    def _status(self, _arguments: Namespace) -> Any:
        return self.game.status()

    def _runs(self, _arguments: Namespace) -> Any:
        return self.game.runs()

    def _check(self, _arguments: Namespace) -> Any:
        with user_traceback(self.shell):
            return self.game.check()

    def _packs(self, _arguments: Namespace) -> Any:
        from jupyter_classgame.packs import playable_packs  # noqa: PLC0415 - on first use

        return playable_packs()

    def _start(self, arguments: Namespace) -> Any:
        """Start a game, unless one is played, and give the notebook the cells it lacks."""
        from jupyter_classgame.widgets.baseline_cells import insert_cells  # noqa: PLC0415 - on first use

        asked = any(getattr(arguments, name.lstrip("-").replace("-", "_")) for name in NEW_OPTIONS)
        fresh = arguments.pack is not None or asked or not is_game(self.names.get("game"))
        status = self._new(arguments) if fresh else self.game.status()
        cells = self.game.pack.missing_cells(self.names)
        insert_cells(cells)
        return replace(status, complete=True)

    def _new(self, arguments: Namespace) -> Any:
        from jupyter_classgame.packs import built_in_packs  # noqa: PLC0415 - on first use
        from jupyter_classgame.session import start_game  # noqa: PLC0415
        from jupyter_classgame.widgets.lab.lab_sync import kernel_sync  # noqa: PLC0415
        from jupyter_classgame.widgets.run.progress_bar import progress_bar  # noqa: PLC0415

        names = self.names
        pack = arguments.pack or ""
        if pack.casefold() not in built_in_packs():
            pack = _path(pack, names)
        with progress_bar("Reading images") as progress:
            game = start_game(
                pack,
                team=text(arguments.team, names) or "",
                seed=number(arguments.seed, "--seed", names),
                image_size=_size(arguments.image_size, names),
                splits=_splits(arguments.splits, names),
                practice=arguments.practice,
                config=configuration(self.shell),
                namespace=names,
                progress=progress,
            )
        names["game"] = game
        kernel_sync.follow(game)
        return game.status()

    def _reset(self, arguments: Namespace) -> Any:
        game = self.game
        question = f"Start team {game.team}'s wallet over? Everything bought is given up."
        answer = True if arguments.yes else agreed(question)
        if answer is None:
            raise UsageError("nothing was reset; %classgame reset --yes does not ask")
        if answer:
            game.reset(yes=True)
        else:
            print("Nothing was reset.")  # noqa: T201 - an answer, not a mistake: Run All goes on
        return game.status()


def configuration(shell: Any) -> ClassGame:
    """Return the defaults that %config shows and changes."""
    known = (each for each in shell.configurables if isinstance(each, ClassGame))
    return next(known, None) or ClassGame(parent=shell)


def _unknown(command: str) -> str:
    """Suggest what to write instead of an unknown command."""
    from jupyter_classgame.packs import built_in_packs  # noqa: PLC0415 - on first use

    if command.casefold() in built_in_packs() or Path(command).expanduser().exists():
        return f"%classgame {command}: write %classgame new {command}"
    meant = _meant(command.casefold())
    if meant and meant not in COMMANDS:
        return f"%classgame {command}: did you mean %{meant}? %classgame? explains the commands"
    hint = f"did you mean {meant}?" if meant else f"write one of {', '.join(COMMANDS)}"
    return f"%classgame {command}: {hint}; %classgame? explains them"


def _meant(word: str) -> str | None:
    """Find the command or magic that a word stands for: by its meaning, or by its letters."""
    if word in HELP:
        return None
    meant = {each: command for command, words in MEANT.items() for each in words.split()}
    known = meant | {command: command for command in MEANT}
    near = get_close_matches(word, COMMANDS, n=1) or get_close_matches(word, known, n=1)
    return known.get(word) or (known[near[0]] if near else None)


def _path(word: str, names: dict[str, Any]) -> str:
    """Evaluate an expression of type str or ``pathlib.Path``; else return the word."""
    try:
        value = thing(word, "PACK", names)
    except UsageError:
        return word
    return str(value) if isinstance(value, str) or hasattr(value, "__fspath__") else word


def _size(word: str | None, names: dict[str, Any]) -> int | tuple[int, int] | None:
    if word and (found := re.fullmatch(r"(\d+)[x×](\d+)", word)):  # noqa: RUF001
        return int(found[1]), int(found[2])
    try:
        value = thing(word, "--image-size", names)
    except UsageError as error:
        if not isinstance(error.__cause__, SyntaxError):
            raise
        value = ""  # such as "48x"
    match value:
        case None | int():
            return value
        case (int(height), int(width)):
            return height, width
    raise UsageError(
        f"--image-size {word}: write pixels a side, such as 48, or HEIGHTxWIDTH, such as 48x64"
    )


def _splits(word: str | None, names: dict[str, Any]) -> tuple[str, str] | None:
    if word is None:
        return None
    parts = [text(part.strip(), names) or "" for part in (text(word, names) or "").split(",")]
    if len(parts) != PAIR or not all(parts):
        raise UsageError(f"--splits {word}: write two folder names, TRAIN,TEST")
    return parts[0], parts[1]
