"""Recipes that edit a class: their edits, made in the class that the notebook has by now.

A recipe shows a class of the baseline with its edits in it. Pasted as it is, it would undo what
other recipes have put into that class, and the player. So what the recipe changes in the baseline's
class is changed in the player's: a three-way merge, by lines and, where both have changed a line,
by words.
"""

import ast
import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import NamedTuple

from jupyter_classgame.packs.starters import parsed, without_magics

WORDS = re.compile(r"\w+|\s|[^\w\s]")
OWN = re.compile(r"\bself\.(\w+)")

ALIKE = 0.5
"""Least similarity (0 to 1) of lines that are merged word by word."""


class ClassSource(NamedTuple):
    """A class of the notebook: its name, and its source."""

    name: str
    source: str


class _Edit(NamedTuple):
    """``new`` in the place of the pieces from ``start`` up to ``end``."""

    start: int
    end: int
    new: list[str]


class _ConflictError(Exception):
    """Both sides have changed the same piece."""


def class_named(name: str, code: str) -> str | None:
    """Return the source of a class that code defines at the top level; the last of several."""
    found = [n for n in parsed(code).body if isinstance(n, ast.ClassDef) and n.name == name]
    return "\n".join(_lines(found[-1], code)) if found else None


def edited(
    recipe: str, baseline: Sequence[str], class_there: Callable[[str], ClassSource | None]
) -> str:
    """Return a recipe whose edits of the baseline's class are made in the class that is there.

    Parameters
    ----------
    recipe
        Python source, possibly with magics.
    baseline
        The cells of the baseline.
    class_there
        Returns the notebook's class that stands for one of the baseline; None if there is none
        whose source is known.
    """
    for node in parsed(recipe).body:
        if not isinstance(node, ast.ClassDef):
            continue
        cells = (class_named(node.name, cell) for cell in baseline)
        base = next(filter(None, cells), None)
        there = class_there(node.name) if base else None
        if base is None or there is None:
            continue
        theirs = "\n".join(_lines(node, recipe))
        called = re.compile(rf"\b{node.name}\b")
        base, theirs, recipe = (called.sub(there.name, text) for text in (base, theirs, recipe))
        # one such class a recipe: the lines of a second one would have moved
        return recipe.replace(theirs, _with_edits(base, there.source, theirs), 1)
    return recipe


def _with_edits(base: str, mine: str, theirs: str) -> str:
    """Make the changes from ``base`` to ``theirs`` in ``mine``; if they do not fit, list them."""
    added = set(OWN.findall(theirs)) - set(OWN.findall(base))
    if added and added <= set(OWN.findall(mine)):
        return mine  # it has been pasted before
    sides = [text.splitlines(keepends=True) for text in (f"{base}\n", f"{mine}\n", f"{theirs}\n")]
    try:
        merged = "".join(_merged(*sides, clash=_by_words)).rstrip("\n")
        ast.parse(merged)
    except (_ConflictError, SyntaxError):
        lines = chain.from_iterable(edit.new for edit in _edits(sides[0], sides[2]))
        return "\n".join(
            [
                "# Your class is no longer like the baseline's: put these lines into it by hand,",
                "# run its cell again, and then this one.",
                *(f"# {line.rstrip()}" for line in lines),
            ]
        )
    return merged


def _lines(node: ast.ClassDef, code: str) -> list[str]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return without_magics(code).splitlines()[first - 1 : node.end_lineno]


def _edits(base: Sequence[str], other: Sequence[str]) -> list[_Edit]:
    matcher = SequenceMatcher(None, base, other, autojunk=False)
    return [
        _Edit(start, end, list(other[first:last]))
        for tag, start, end, first, last in matcher.get_opcodes()
        if tag != "equal"
    ]


Clash = Callable[[Sequence[str], Sequence[str], Sequence[str]], list[str]]


def _merged(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str], *, clash: Clash
) -> list[str]:
    """Merge two changed versions of a list of pieces.

    What both insert in one place stands in the order mine, theirs. ``clash`` gets the pieces of all
    three that both have changed, and returns what is to stand there.

    Raises
    ------
    _ConflictError
        If ``clash`` raises it.
    """
    sides = [_edits(base, mine), _edits(base, theirs)]
    pending = sorted(
        ((edit, side) for side, edits in enumerate(sides) for edit in edits),
        key=lambda pair: (pair[0].start, pair[0].end, pair[1]),
    )
    result: list[str] = []
    done = 0
    while pending:
        group = [pending.pop(0)]
        end = group[0][0].end
        while pending and pending[0][0].start < end and group[0][0].start < end:
            group.append(pending.pop(0))
            end = max(end, group[-1][0].end)
        start = group[0][0].start
        result += base[done:start]
        done = end
        if len(group) == 1:
            result += group[0][0].new
            continue
        versions = [
            _applied(base, start, end, [edit for edit, side in group if side == which])
            for which in (0, 1)
        ]
        same = versions[0] == versions[1]
        result += versions[0] if same else clash(base[start:end], *versions)
    return [*result, *base[done:]]


def _applied(base: Sequence[str], start: int, end: int, edits: Sequence[_Edit]) -> list[str]:
    """Return the pieces from ``start`` up to ``end`` with some edits made."""
    result: list[str] = []
    for edit in edits:
        result += [*base[start : edit.start], *edit.new]
        start = edit.end
    return [*result, *base[start:end]]


def _by_words(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Merge lines that both sides have changed, word by word."""
    words = [WORDS.findall("".join(lines)) for lines in (base, mine, theirs)]
    if SequenceMatcher(None, words[0], words[1], autojunk=False).ratio() < ALIKE:
        raise _ConflictError
    return _merged(*words, clash=_refused)


def _refused(_base: Sequence[str], _mine: Sequence[str], _theirs: Sequence[str]) -> list[str]:
    raise _ConflictError
