"""The values of a run's options, checked against the table."""

import math
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_classgame.errors import OptionError, TrainingError
from jupyter_classgame.training.options.table import RUN_OPTIONS, Option

if TYPE_CHECKING:
    from jupyter_classgame.training.callback import Callback

CALLBACKS = "jupyter_classgame.training.callbacks"


class Options(Mapping[str, Any]):
    """What a run is asked for beside its objects; ``%train --warmup 5`` is ``warmup=5``.

    Values are read as attributes, and as a mapping by their names; nothing changes them.

    Parameters
    ----------
    **given
        Values by the names of :data:`~jupyter_classgame.training.options.table.RUN_OPTIONS`; what
        is left out, or None, has its default.

    Raises
    ------
    TrainingError
        There is no such option.
    OptionError
        A value is not what it should be; the message begins with the option, as it is written in
        a line.
    """

    def __init__(self, **given: Any) -> None:
        check_names(given)
        values = {option.name: option.default for option in RUN_OPTIONS}
        values |= {name: value for name, value in given.items() if value is not None}
        self.__dict__.update(values)
        for option in RUN_OPTIONS:
            _check_value(option, values[option.name])
        for option in RUN_OPTIONS:
            _check_together(option, self)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        """Refuse to change a value."""
        raise AttributeError(f"the options of a run do not change: {name}")

    def __getattr__(self, name: str) -> Any:
        """Say that there is no such option; all that there are stand among the attributes."""
        raise AttributeError(name)

    def __getitem__(self, name: str) -> Any:
        return vars(self)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(vars(self))

    def __len__(self) -> int:
        return len(vars(self))

    def callbacks(self) -> "tuple[Callback, ...]":
        """Build what the options ask for, in the order in which the loop calls it."""
        return tuple(
            _callback(option).of(self)
            for option in RUN_OPTIONS
            if option.callback and _is_given(option, self[option.name])
        )

    def saved(self) -> dict[str, Any]:
        """Give the values that a checkpoint keeps, for the run to be resumed with."""
        return {option.name: self[option.name] for option in RUN_OPTIONS if option.saved}


def check_names(given: Mapping[str, Any]) -> None:
    """Refuse a name that is no option.

    Raises
    ------
    TrainingError
        The message names the nearest option.
    """
    known = [option.name for option in RUN_OPTIONS]
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TrainingError(f"there is no option {name}{hint}")


def _is_given(option: Option, value: Any) -> bool:
    """Whether a value is another than the default; objects are not compared, they may refuse."""
    return value is not None and (option.kind == "object" or value != option.default)


def _callback(option: Option) -> "type[Callback]":
    module, _, name = option.callback.partition(".")
    found: type[Callback] = getattr(import_module(f"{CALLBACKS}.{module}"), name)
    return found


def _check_value(option: Option, value: Any) -> None:
    if value is None:
        return
    if option.kind == "word" and value not in option.choices:
        words = ", ".join(option.choices)
        raise OptionError(option.name, f"{option.flag} {value}: write one of {words}")
    if option.kind == "whole" and option.least is not None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or value < option.least:
            needed = f"a whole number, at least {option.least}, is needed"
            raise OptionError(option.name, f"{option.flag} {value!r}: {needed}")
    if option.kind == "number":
        _check_number(option, value)


def _check_number(option: Option, value: Any) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    fits = number and math.isfinite(value) and value < option.below
    if option.least is not None:
        if not fits or value < option.least:
            needed = f"a number, at least {option.least:g}, is needed"
            raise OptionError(option.name, f"{option.flag} {value!r}: {needed}")
    elif option.above is not None and not (fits and value > option.above):
        also = f" and below {option.below:g}" if option.below < math.inf else ""
        needed = f"a number above {option.above:g}{also} is needed"
        raise OptionError(option.name, f"{option.flag} {value}: {needed}")


def _check_together(option: Option, options: Options) -> None:
    value = options[option.name]
    if option.complaint is None or not _is_given(option, value):
        return
    if complaint := option.complaint(value, options):
        shown = f" {value}" if option.repeated else ""
        raise OptionError(option.name, f"{option.flag}{shown}: {complaint}")
