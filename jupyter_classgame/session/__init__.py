"""One team's play in one kernel: the object bound as ``game``."""

from jupyter_classgame.session.game import Game
from jupyter_classgame.session.start import start_game

__all__ = ["Game", "start_game"]
