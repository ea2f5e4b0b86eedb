"""Explanations of errors in a magic's line: what is wrong, and how to write it."""

import argparse
import re
from collections.abc import Container, Sequence
from difflib import get_close_matches
from typing import Never

from IPython.core.error import UsageError

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.+)")
EXPANSION = re.compile(r"\$([A-Za-z_]\w*)|\$?\{([A-Za-z_]\w*)\}")
DASHES = re.compile("[\u2010-\u2015\u2212]+|-(?=[A-Za-z]{2})")
"""A typographic dash, or a single hyphen before a word, instead of two hyphens."""

OPTIMIZERS = ("--lr", "--learning-rate", "--momentum", "--weight-decay")
CLOSENESS = 0.75


def check(words: Sequence[str], name: str, options: Container[str], names: Container[str]) -> None:
    """Reject likely mistakes in a magic's words before its line is parsed.

    Parameters
    ----------
    words
        The line's words.
    name
        The magic's name.
    options
        Its options, such as ``--epochs``.
    names
        The user's variables: a word that names one is accepted.

    Raises
    ------
    UsageError
        The message says how to write the word.
    """
    for position, word in enumerate(words):
        following = " ".join(words[position + 1 : position + 2])
        if word in ("-h", "--help"):
            raise UsageError(f"%{name}? shows the manual")
        if word.partition("=")[0] in OPTIMIZERS:
            raise UsageError(f"{word}: set this in the optimizer's cell, not here")
        if (found := ASSIGNMENT.match(word)) and "=" not in found[2][:1]:
            raise UsageError(f"{word}: options of a magic are written --{found[1]} {found[2]}")
        if found := EXPANSION.fullmatch(word):
            raise UsageError(f"{word}: values are Python; write {found[1] or found[2]}")
        if (
            found := DASHES.match(word)
        ) and f"--{word[found.end() :].partition('=')[0]}" in options:
            raise UsageError(f"{word}: write it with two hyphens, --{word[found.end() :]}")
        after_option = position > 0 and words[position - 1].startswith("--")
        if f"--{word}" in options and word not in names and not after_option:
            raise UsageError(f"{word}: options are written with two hyphens, --{word} {following}")


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
