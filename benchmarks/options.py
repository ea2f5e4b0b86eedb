"""Which options this version's ``%train`` takes, so that a benchmark can say what it lacks."""

import dataclasses
import importlib.util
import inspect

from jupyter_classgame.session.game import Game


def known() -> set[str]:
    """Give the names of all keywords of ``game.train``."""
    names = set(inspect.signature(Game.train).parameters)
    if importlib.util.find_spec("jupyter_classgame.training.options"):
        options = importlib.import_module("jupyter_classgame.training.options").Options
        names |= {field.name for field in dataclasses.fields(options)}
    return names
