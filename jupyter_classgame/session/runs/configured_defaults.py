"""What the configuration says of a run's options, where the player says nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.options import option

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context

HARDWARE = ("devices", "precision")
"""Options whose configured value a machine may not be able to follow."""


def defaults(game: "Context") -> dict[str, Any]:
    """Give options of a run that the game and its configuration set."""
    config = game.config
    return {
        "epochs": config.epochs,
        "seed": game.seed,
        "devices": None if config.devices == "auto" else config.devices,
        "precision": config.precision,
        "keep": config.keep,
    }


@contextmanager
def whose_words(asked: Mapping[str, Any]) -> Iterator[None]:
    """Say where a refused value comes from that the player has not written.

    Raises
    ------
    TrainingError
        In place of one about an option of :data:`HARDWARE`, with the name of the default.
    """
    try:
        yield
    except TrainingError as error:
        word = str(error).partition(" ")[0]
        name = next((name for name in HARDWARE if option(name) == word), None)
        if name is None or asked.get(name) is not None or asked.get("resume"):
            raise
        message = f"{error} (c.ClassGame.{name} in the configuration asks for it)"
        raise TrainingError(message) from error
