"""Finding a run's objects by name in the user's namespace."""

from collections.abc import Mapping
from typing import Any

from jupyter_classgame.errors import TrainingError

NONE = "none"
"""What a user writes to leave an option out though its name is in the namespace."""

DEFINE = {
    "model": "model = Net()",
    "optimizer": "optimizer = torch.optim.SGD(model.parameters(), lr=0.01)",
    "train_loader": 'train_loader = game.loader("train")',
}


def required(given: Any, name: str, namespace: Mapping[str, Any]) -> Any:
    """Take what was given, or else what the namespace has by that name.

    Raises
    ------
    TrainingError
        There is neither.
    """
    if given is None:
        given = namespace.get(name)
    if given is None:
        such = f", such as {DEFINE[name]}" if name in DEFINE else ""
        raise TrainingError(f"there is no {name}; define it in a cell{such}")
    return given


def optional(given: Any, name: str, namespace: Mapping[str, Any]) -> Any:
    """Take what was given, or else what the namespace has by that name; None for ``"none"``."""
    if given is None:
        given = namespace.get(name)
    return None if isinstance(given, str) and given.casefold() == NONE else given


def name_of(
    thing: Any, namespace: Mapping[str, Any], default: str, nameless: str | None = None
) -> str:
    """Find what the user calls an object: ``default`` if it is called so, else its first name.

    ``nameless`` stands for one that has no name; by default ``default`` does.
    """
    if namespace.get(default) is thing:
        return default
    names = (name for name, value in namespace.items() if value is thing)
    return next((name for name in names if not name.startswith("_")), nameless or default)
