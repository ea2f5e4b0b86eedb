"""Parser for a magic's line, whose words are evaluated as Python in the user's namespace."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from IPython.core.error import UsageError

from jupyter_classgame.magics import line_errors

OPENING, CLOSING = "([{", ")]}"


def split_words(line: str) -> list[str]:
    """Split a line at white space outside quotes and brackets, without a trailing comment.

    Raises
    ------
    UsageError
        A quote or a bracket is not closed.
    """
    words: list[str] = []
    word, quote, depth = "", "", 0
    for letter in line.rstrip().rstrip(";") + " ":
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in OPENING:
            depth += 1
        elif letter in CLOSING:
            depth -= 1
        elif letter == "#" and not word and depth <= 0:
            break
        elif letter.isspace() and depth <= 0:
            words += [word] if word else []
            word = ""
            continue
        word += letter
    if quote or depth > 0:
        raise UsageError(f"{'a quote' if quote else 'a bracket'} is not closed in: {line.strip()}")
    return words


def parse(
    magic: Callable[..., Any], line: str, names: Mapping[str, Any] | None = None
) -> argparse.Namespace:
    """Parse a magic's line by its ``magic_arguments``.

    Parameters
    ----------
    magic
        The magic.
    line
        The rest of its line.
    names
        The user's variables, which words may name.

    Raises
    ------
    UsageError
        The line does not match the arguments.
    """
    words, name = split_words(line), magic.__name__
    parser = magic.parser  # type: ignore[attr-defined]
    line_errors.check(words, name, parser, names or {})
    parsed: argparse.Namespace
    try:
        parsed, extras = parser.parse_known_args(words)
    except UsageError as error:
        wrong = error.__context__  # argparse's own error names the option
        action = parser._option_string_actions.get(getattr(wrong, "argument_name", None))  # noqa: SLF001
        if action is None or action.nargs is not None:
            raise
        raise UsageError(f"{action.option_strings[-1]} expects a value") from None
    if extras:
        line_errors.explain(extras[0], words, name, parser)
    return parsed


def thing(
    word: str | None, option: str, namespace: Mapping[str, Any], fitting: Iterable[str] = ()
) -> Any:
    """Evaluate an expression in the user's namespace, such as ``loaders["small"]``.

    The word ``none`` and None are returned unchanged.

    Parameters
    ----------
    word
        The expression.
    option
        What it is given for, in a message.
    namespace
        The user's variables.
    fitting
        Names of those that would fit; a message says so where the expression has another.

    Raises
    ------
    UsageError
        It cannot be evaluated.
    """
    if word is None or word.casefold() == "none":
        return word
    try:
        return _evaluate(word, namespace)
    except NameError as error:
        there = ", ".join(fitting) or ", ".join(_near(error.name, namespace))
        hint = f"; there is {there}" if there else "; define it in a cell first"
        raise UsageError(f"{option} {word}: {error}{hint}") from None
    except Exception as error:
        raise UsageError(f"{option} {word}: {type(error).__name__}: {error}") from error


def named(name: str, namespace: Mapping[str, Any]) -> str | None:
    """Return the name if the namespace has a value for it, else None."""
    return name if namespace.get(name) is not None else None


def number(word: str | None, option: str, namespace: Mapping[str, Any]) -> int | None:
    """Evaluate a whole number, such as ``10`` or ``EPOCHS``.

    Raises
    ------
    UsageError
        It is not a number.
    """
    value = _of_kind("__index__", "a whole number", word, option, namespace)
    return None if value is None else int(value.__index__())


def real(word: str | None, option: str, namespace: Mapping[str, Any]) -> float | None:
    """Evaluate a number, such as ``0.999`` or ``DECAY``.

    Raises
    ------
    UsageError
        It is not a number.
    """
    value = _of_kind("__float__", "a number", word, option, namespace)
    return None if value is None else float(value)


def text(word: str | None, namespace: Mapping[str, Any]) -> str | None:
    """Evaluate an expression of type str; return any other word itself."""
    if word is None:
        return None
    try:
        value = _evaluate(word, namespace)
    except Exception:  # noqa: BLE001 - it is a plain word
        return word
    return value if isinstance(value, str) else word


def literal(word: str | None, _option: str, namespace: Mapping[str, Any]) -> str | None:
    """Call :func:`text`, with the signature of the other readers."""
    return text(word, namespace)


def choice(
    word: str | None, option: str, choices: tuple[str, ...], namespace: Mapping[str, Any]
) -> str | None:
    """Validate one of several words, given literally or by an expression.

    Raises
    ------
    UsageError
        It is not one of the choices.
    """
    if word is None or word in choices:
        return word
    value = text(word, namespace)
    if value in choices:
        return value
    raise UsageError(f"{option} {word}: write one of {', '.join(choices)}")


def _near(name: str | None, namespace: Mapping[str, Any]) -> list[str]:
    """List the names of the namespace that are spelt like one that it lacks."""
    public = [each for each in namespace if isinstance(each, str) and not each.startswith("_")]
    return get_close_matches(name or "", public)


def _of_kind(
    method: str, kind: str, word: str | None, option: str, namespace: Mapping[str, Any]
) -> Any:
    if word is None:
        return None
    value = thing(word, option, namespace)
    if hasattr(value, method) and not isinstance(value, bool):
        return value
    raise UsageError(f"{option} {word}: {kind} is needed")


def _evaluate(word: str, namespace: Mapping[str, Any]) -> Any:
    return eval(compile(word, "<option>", "eval"), dict(namespace))  # noqa: S307 - the user's own
