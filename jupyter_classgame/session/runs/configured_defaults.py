"""What the configuration says of a run's options, where the player says nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import OptionError, TrainingError
from jupyter_classgame.training.options.table import BY_NAME

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


def defaults(game: "Context") -> dict[str, Any]:
    """Give options of a run that the game and its configuration set."""
    config = game.config
    return {
        "epochs": config.epochs,
        "seed": game.seed,
        "devices": None if config.devices == "auto" else config.devices,
        "precision": config.precision,
        "threads": config.threads,
        "keep": config.keep,
    }


@contextmanager
def whose_words(asked: Mapping[str, Any]) -> Iterator[None]:
    """Say where a refused value comes from that the player has not written.

    Raises
    ------
    TrainingError
        In place of one about an option that has its value from the configuration, and with the
        name of that default.
    """
    try:
        yield
    except OptionError as error:
        option = BY_NAME[error.option]
        if not option.configured or asked.get(option.name) is not None or asked.get("resume"):
            raise
        message = f"{error} (c.ClassGame.{option.name} in the configuration asks for it)"
        raise TrainingError(message) from error
