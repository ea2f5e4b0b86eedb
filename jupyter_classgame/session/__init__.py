"""One team's play in one kernel: the object bound as ``game``."""

from .game import Game
from .start import start_game

__all__ = ["Game", "start_game"]
