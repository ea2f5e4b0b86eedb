"""Suggestions for a position in a magic's line or in an order.

Nothing is imported for them and no code of the user runs: variables are recognised by their type
alone, and if torch is not imported, there is no model to suggest either.
"""

import functools
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from jupyter_classgame.config import VOTES
from jupyter_classgame.magics.classgame import COMMANDS
from jupyter_classgame.shop.item import amount
from jupyter_classgame.training.options.table import OPTIONS

PACKS = Path(__file__).parents[1] / "packs"


class Kind(NamedTuple):
    """A type of variables: module and name of its class, and of a subclass to exclude."""

    module: str
    name: str
    unless: tuple[str, str] = ("", "")


KINDS = {
    "model": Kind("torch.nn", "Module", unless=("torch.nn.modules.loss", "_Loss")),
    "optimizer": Kind("torch.optim", "Optimizer"),
    "loader": Kind("torch.utils.data", "DataLoader"),
    "criterion": Kind("torch.nn.modules.loss", "_Loss"),
    "scheduler": Kind("torch.optim.lr_scheduler", "LRScheduler"),
    "whole number": Kind("builtins", "int", unless=("builtins", "bool")),
    "number": Kind("builtins", "float"),
}

NUMBERS = {"whole": "whole number", "number": "number"}

VARIABLES = {
    "models": "model",
    "image_size": "whole number",
    **{option.name: option.variable or NUMBERS.get(option.kind, "") for option in OPTIONS},
}
"""The type of variable that an argument or option takes."""

WORDS = {
    "vote": VOTES,
    "command": COMMANDS,
    **{option.name: option.offered or option.choices for option in OPTIONS},
}
"""The words that an argument or option takes."""

TRACKERS = {
    "tensorboard": ("tensorboard", "tensorboardX"),
    **{name: (name,) for name in ("aim", "clearml", "comet_ml", "dvclive", "mlflow")},
    **{name: (name,) for name in ("swanlab", "trackio", "wandb")},
}
"""Accelerate's trackers, and the packages that provide them."""


def values(argument: str, names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield values for an argument or option: texts, each with its type.

    Parameters
    ----------
    argument
        Its name, such as ``mix_until``.
    names
        The user's variables.
    """
    if kind := VARIABLES.get(argument):
        lists = argument == "models"
        yield from ((name, kind) for name in variables(kind, names, lists=lists))
    yield from ((word, "word") for word in WORDS.get(argument, ()))
    if argument == "log":
        yield from ((name, "tracker") for name in trackers())
    if argument == "pack":
        yield from ((name, "pack") for name in packs())


def variables(kind: str, names: Mapping[str, Any], *, lists: bool = False) -> Iterator[str]:
    """Yield the variables of a type in the order of their creation, optionally also lists of it."""
    wanted, unwanted = _class(*KINDS[kind][:2]), _class(*KINDS[kind].unless)
    if wanted is None:
        return

    def fits(value: Any) -> bool:  # by its real class: __class__ is code of the user
        own = type(value)
        return issubclass(own, wanted) and not (unwanted and issubclass(own, unwanted))

    for name, value in list(names.items()):
        if type(name) is not str or name.startswith("_"):
            continue
        if fits(value) or (
            lists and type(value) in (list, tuple) and value and all(map(fits, value))
        ):
            yield name


def _class(module: str, name: str) -> type | None:
    """Return a class of a module that is already imported."""
    found = getattr(sys.modules.get(module), name, None)
    return found if isinstance(found, type) else None


@functools.cache
def trackers() -> tuple[str, ...]:
    """List the installed trackers."""
    return tuple(
        name
        for name, homes in TRACKERS.items()
        if any(home in sys.modules or find_spec(home) for home in homes)
    )


@functools.cache
def packs() -> tuple[str, ...]:
    """List the built-in packs that have images, without the cost of reading whole packs."""
    files = sorted(PACKS.glob("*/pack.toml"))
    playable = (f for f in files if "data" in tomllib.loads(f.read_text(encoding="utf-8")))
    return tuple(file.parent.name.replace("_", "-") for file in playable)


def items(catalogue: Iterable[Any], typed: str) -> Iterator[tuple[str, str]]:
    """Yield the names of items that start with what is typed, with their prices.

    If nothing is typed yet, only the main name of each item.
    """
    for item in catalogue:
        for name in item.names() if typed else (item.name,):
            if folded(name).startswith(folded(typed)):
                yield name, amount(item.price).replace(" ", "\u00a0")  # no line break in a list


def teams(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield teams' names as words of a line: in quotes, if they have spaces or the like."""
    for name in names:
        yield (name if re.fullmatch(r"[\w-]+", name) else repr(name)), "team"


def folded(text: str) -> str:
    """Normalise the start of a name as orders do: ``flip_t`` becomes ``flip t``."""
    return text.translate(_FOLDS).casefold()


_FOLDS = str.maketrans("-_\u2019", "  '")
