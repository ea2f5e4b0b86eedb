"""Explanations of errors in a magic's line: what is wrong, and how to write it."""

import argparse
import re
from collections.abc import Container, Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import Never

from IPython.core.error import UsageError

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.+)")
EXPANSION = re.compile(r"\$([A-Za-z_]\w*)|\$?\{([A-Za-z_]\w*)\}")
DASHES = re.compile("[\u2010-\u2015\u2212]+|-(?=[A-Za-z]{2})")
"""A typographic dash, or a single hyphen before a word, instead of two hyphens."""

OPTIMIZERS = ("lr", "learning-rate", "momentum", "weight-decay")
LOADERS = ("batch-size", "num-workers", "shuffle", "transform")
OTHER_NAMES = {
    "train-loader": "--data", "loader": "--data", "dataset": "--data", "train-data": "--data",
    "val-loader": "--val", "validation": "--val", "val-data": "--val", "loss": "--criterion",
    "loss-fn": "--criterion", "lr-scheduler": "--scheduler",
}  # fmt: skip
"""What options are called elsewhere: in the notebook, or in other libraries."""

CLOSENESS = 0.75


def check(
    words: Sequence[str], name: str, parser: argparse.ArgumentParser, names: Container[str]
) -> None:
    """Reject likely mistakes in a magic's words before its line is parsed.

    Parameters
    ----------
    words
        The line's words.
    name
        The magic's name.
    parser
        The parser of its line.
    names
        The user's variables: a word that names one is accepted.

    Raises
    ------
    UsageError
        The message says how to write the word.
    """
    options = parser._option_string_actions  # noqa: SLF001
    for position, word in enumerate(words):
        following = " ".join(words[position + 1 : position + 2])
        if word in ("-h", "--help"):
            raise UsageError(f"%{name}? shows the manual")
        if word.startswith("--"):
            key, _, value = word.removeprefix("--").partition("=")
            _check_key(word, key, value or following, [], name, parser)
        if (found := ASSIGNMENT.match(word)) and "=" not in found[2][:1]:
            _check_key(word, found[1], found[2], words, name, parser)
            option = f"--{found[1].replace('_', '-')}"
            if option not in options:
                explain(option, words, name, parser)
            raise UsageError(f"{word}: options of a magic are written {option} {found[2]}")
        if found := EXPANSION.fullmatch(word):
            raise UsageError(f"{word}: values are Python; write {found[1] or found[2]}")
        if (
            found := DASHES.match(word)
        ) and f"--{word[found.end() :].partition('=')[0]}" in options:
            raise UsageError(f"{word}: write it with two hyphens, --{word[found.end() :]}")
        after_option = position > 0 and words[position - 1].startswith("--")
        if f"--{word}" in options and word not in names and not after_option:
            raise UsageError(f"{word}: options are written with two hyphens, --{word} {following}")


def _check_key(
    word: str,
    key: str,
    value: str,
    words: Sequence[str],
    name: str,
    parser: argparse.ArgumentParser,
) -> None:
    """Reject what is set elsewhere, has another name here, or is written without its name."""
    options = parser._option_string_actions  # noqa: SLF001
    positions = [each.dest for each in parser._get_positional_actions()]  # noqa: SLF001
    key = key.replace("_", "-")
    if f"--{key}" in options:
        return
    if key in positions:
        raise UsageError(f"{word}: write %{name} {_in_place(key, value, words, positions)}")
    if key in OPTIMIZERS:
        raise UsageError(f"{word}: set this in the optimizer's cell, not here")
    if key in LOADERS and "--data" in options:
        raise UsageError(f"{word}: set this where the loader is built, not here")
    if OTHER_NAMES.get(key) in options:
        raise UsageError(f"{word}: write {OTHER_NAMES[key]} {value}".rstrip())


def _in_place(key: str, value: str, words: Sequence[str], positions: Sequence[str]) -> str:
    """Write arguments that were given by their names, such as ``model=net``, in their places."""
    found = [ASSIGNMENT.fullmatch(each) for each in words]
    named = {each[1]: each[2] for each in found if each} | {key: value}
    plain = dict(zip(positions, takewhile(str.isidentifier, words), strict=False))
    last = max(positions.index(each) for each in named if each in positions)
    return " ".join(
        named.get(each) or plain.get(each) or each.upper() for each in positions[: last + 1]
    )


def explain(extra: str, words: Sequence[str], name: str, parser: argparse.ArgumentParser) -> Never:
    """Raise an error that explains the first unexpected word.

    Raises
    ------
    UsageError
        Always.
    """
    options = [option for option in parser._option_string_actions if option.startswith("--")]  # noqa: SLF001
    if extra.startswith("-"):
        option = extra.partition("=")[0]
        if (bare := option.rstrip("0123456789")) in options and bare != option:
            raise UsageError(f"{extra}: write {bare} {option[len(bare) :]}")
        near = get_close_matches(option, options, n=1, cutoff=CLOSENESS)
        hint = f"did you mean {near[0]}?" if near else f"%{name}? lists them"
        raise UsageError(f"%{name} has no option {extra}; {hint}")
    position = words.index(extra)
    for back in range(position - 1, -1, -1):
        if words[back] in options and position - back > 1:
            phrase = " ".join(words[back + 1 : position + 1])
            raise UsageError(
                f"{words[back]} takes one value; put quotes around one with spaces: "
                f'{words[back]} "{phrase}"'
            )
    raise UsageError(f"{extra}: %{name} takes no further arguments; %{name}? explains it")
