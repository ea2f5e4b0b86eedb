"""Whether what a notebook has bound is a game, found out without loading the session."""

import sys
from typing import Any


def is_game(value: Any) -> bool:
    """Whether a value is a game; where no session has been loaded there is none."""
    session = sys.modules.get("jupyter_classgame.session.game")
    kind = getattr(session, "Game", None)  # absent while the module is being imported
    return isinstance(kind, type) and issubclass(type(value), kind)
