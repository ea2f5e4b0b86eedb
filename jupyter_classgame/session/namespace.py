"""Finding a run's objects, and the class of its model, by name in the user's namespace."""

import inspect
import linecache
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.packs.class_edits import ClassSource, class_named
from jupyter_classgame.packs.starters import NOT_PYTHON
from jupyter_classgame.user_code import is_users

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


def class_there(name: str, namespace: Mapping[str, Any]) -> ClassSource | None:
    """Find the class that a notebook's networks are made of now, and its source.

    It is the class of ``model``, as its name is bound now, or else the one of this name; None where
    neither is the user's own, or its source is not known.
    """
    model = namespace.get("model")
    for called in (type(model).__name__, name):
        found = namespace.get(called)
        if not inspect.isclass(found):
            continue
        for code in (*_sources(found), *reversed(namespace.get("In", ()))):
            if (source := _source(called, code)) is not None:
                return ClassSource(called, source)
    return None


def _source(name: str, code: str) -> str | None:
    if f"class {name}" not in code:
        return None
    try:
        return class_named(name, code)
    except NOT_PYTHON:
        return None


def _sources(made: type) -> Iterator[str]:
    """Yield the cells or files in which the functions of a user's class stand.

    What a cell magic has run is not among them.
    """
    for file in dict.fromkeys(_files(made)):
        yield "".join(linecache.getlines(file))


def _files(made: type) -> Iterator[str]:
    for each in vars(made).values():
        code = getattr(inspect.unwrap(each) if callable(each) else each, "__code__", None)
        if code is not None and is_users(code.co_filename):
            yield code.co_filename


def named_members(
    given: Iterable[Any], namespace: Mapping[str, Any], default: str
) -> Iterator[tuple[str, Any]]:
    """Take lists, tuples and dicts apart, and call each member by its name or its place.

    Parameters
    ----------
    given
        Objects, or lists of them.
    namespace
        The user's variables. A member of ``nets`` is called ``nets[0]``, whatever other name it
        has; one that was given alone by its own name, or by its place in a list that has one.
    default
        What one is called that has neither, with its number.

    Raises
    ------
    TrainingError
        A list contains itself.
    """
    number = 0
    for each in given:
        parts = list(_parts(each, name_of(each, namespace, ""), ()))
        for place, member in parts:
            number += 1
            called = place or name_of(member, namespace, "") or _place(member, namespace)
            yield called or f"{default} {number}", member


def _parts(value: Any, name: str, within: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the members of a list, each with its place if the list has a name.

    ``within`` are the ids of the lists that it is in.
    """
    if not isinstance(value, (list, tuple, dict)):
        yield name, value
        return
    if id(value) in within:
        raise TrainingError(
            f"{name or 'a list of models'} is a list that contains itself; "
            "put nothing but models into it"
        )
    for place, member in _places(value, name):
        yield from _parts(member, place, (*within, id(value)))


def _places(held: Any, name: str) -> Iterator[tuple[str, Any]]:
    pairs: Iterable[tuple[Any, Any]] = held.items() if isinstance(held, dict) else enumerate(held)
    for key, member in pairs:
        yield f"{name}[{key!r}]" if name else "", member


def _place(thing: Any, namespace: Mapping[str, Any]) -> str:
    """Find an object in the lists and dicts of the namespace, ``In`` and ``Out`` left out."""
    for name, held in list(namespace.items()):
        public = isinstance(name, str) and not name.startswith("_") and name not in ("In", "Out")
        if public and type(held) in (list, tuple, dict):
            found = (place for place, member in _places(held, name) if member is thing)
            if place := next(found, ""):
                return place
    return ""
