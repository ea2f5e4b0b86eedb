"""What stands for a game in another process: what a model or a transform may ask it for."""

from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True)
class GameFacts:
    """A game's facts, where there is neither its wallet nor its images.

    Attributes
    ----------
    team : str
    classes : tuple of str
        Names of the classes, in the order of the labels.
    image_size : (int, int)
        Height and width, in pixels.
    seed : int or None
    practice : bool
    """

    team: str
    classes: tuple[str, ...]
    image_size: tuple[int, int]
    seed: int | None
    practice: bool

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse what only the notebook's game can do."""
        raise AttributeError(
            f"game.{name}: a process of a run knows the game's classes and image_size only; "
            "ask for the rest in a cell, and keep the result"
        )

    @classmethod
    def of(cls, game: Any) -> tuple[Any, ...]:
        """Give a game's facts as a pickle takes them: what to call, and with what."""
        return cls, (game.team, game.classes, game.image_size, game.seed, game.practice)
