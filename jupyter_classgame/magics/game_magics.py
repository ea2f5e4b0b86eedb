"""The base class of the magics: the kernel's game, errors in one line, questions."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.magic import Magics

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.errors import one_line as error_line
from jupyter_classgame.widgets.lab.bound_game import is_game

if TYPE_CHECKING:
    from jupyter_classgame.session import Game

P = ParamSpec("P")
R = TypeVar("R")


class GameMagics(Magics):
    """Base class of the magics, for the game bound as ``game``."""

    @property
    def names(self) -> dict[str, Any]:
        """The user's namespace."""
        return cast("dict[str, Any]", cast("Any", self.shell).user_ns)

    def own(self, local_ns: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Return the local variables of the calling function; none at the top level of a cell."""
        return {} if local_ns is None or local_ns is self.names else local_ns

    @property
    def game(self) -> "Game":
        """The current game.

        Raises
        ------
        UsageError
            No game is bound, or ``game`` is something else.
        """
        game = self.names.get("game")
        if is_game(game):
            return cast("Game", game)
        if game is None:
            raise UsageError("no game is started; start one with: %classgame start")
        kind = type(game).__name__
        raise UsageError(
            f"the name game is a {kind} now; %classgame new binds the game to it again"
        )


def one_line(function: Callable[P, R]) -> Callable[P, R]:
    """Report the package's errors in one line, without a traceback."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ClassGameError as error:
            raise UsageError(error_line(error)) from error

    return wrapped


def agreed(question: str) -> bool | None:
    """Ask a question of yes or no; None where nobody can be asked, as in a headless run."""
    try:
        return input(f"{question} [y/N] ").strip().casefold() in ("y", "yes")
    except (StdinNotImplementedError, EOFError, OSError):  # OSError: there is no standard input
        return None
