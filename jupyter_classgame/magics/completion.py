"""Completion of ``%%shop`` cells (items, verbs) and of magics' lines (options, variables, words).

IPython calls the matcher for every completion in every cell. If the matcher has suggestions, they
are the only ones; everything else is left to IPython.
"""

import argparse
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)
from IPython.core.error import UsageError

from jupyter_classgame.magics import option_suggestions
from jupyter_classgame.magics.arguments import split_words
from jupyter_classgame.magics.classgame import OPTION_COMMANDS, STARTING, configuration
from jupyter_classgame.widgets.lab.bound_game import is_game

IDENTIFIER = "classgame"

LINES = ("classgame", "train", "lr_find", "ensemble", "evaluate")
"""Magics whose lines are completed."""

FIRST = 100
"""Priority over IPython's own matchers, which may be slow."""

FILES = "IPCompleter.file_matcher"

_MAGIC = re.compile(r"\s*(?:[^=%()\[\]\"'#]+=\s*)?%(\w+)\s+(.*)", re.DOTALL)
_VERB = re.compile(r"(buy|return)\s+", re.IGNORECASE)
_CURSOR = "\0"
_EXPRESSION = re.compile(r"[\"'({\[./\\]")
"""The start of an expression or a path, which IPython itself completes."""


class CompletionPlace(NamedTuple):
    """The text typed before the cursor, and its suggestions: texts, each with its type."""

    typed: str
    offers: Iterable[tuple[str, str]]
    files: bool = False
    alone: bool = False
    """Suppress IPython's suggestions, even if there are none of ours."""


class Completer:
    """IPython's matcher for the magics of a shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    @context_matcher(identifier=IDENTIFIER, priority=FIRST)
    def match(self, context: CompletionContext) -> SimpleMatcherResult:
        """Return the suggestions at the cursor; none outside our magics."""
        place = self._place(context) or CompletionPlace("", ())
        begin = option_suggestions.folded(place.typed)
        found = [
            SimpleCompletion(text=text, type=kind)
            for text, kind in dict(place.offers).items()
            if option_suggestions.folded(text).lstrip("'\"").startswith(begin)
        ]
        if place.alone and not found:  # IPython is suppressed only by a suggestion
            found = [SimpleCompletion(text=place.typed, type="")]
        return {
            "completions": found,
            "matched_fragment": place.typed,
            "ordered": True,
            "suppress": True,
            "do_not_suppress": {FILES} if place.files else set(),
        }

    def _place(self, context: CompletionContext) -> CompletionPlace | None:
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        lines[-1] = lines[-1][: context.cursor_position]
        head = next((line for line in lines if line.strip()), "").split()
        if head[:1] == ["%%shop"]:
            game = self.shell.user_ns.get("game")
            ours = is_game(game) and lines[-1].split()[:1] != ["%%shop"]
            return order_place(lines[-1], game) if ours else None
        start = len(lines) - 1
        while start and lines[start - 1].endswith("\\"):
            start -= 1
        line = "".join(each.removesuffix("\\") for each in lines[start:])
        found = _MAGIC.fullmatch(line)
        if found is None or found[1] not in LINES:
            return None
        magic = self.shell.find_line_magic(found[1])
        parser = getattr(magic, "parser", None)
        return line_place(found[2], parser, self.shell.user_ns, self._teams) if parser else None

    def _teams(self) -> list[str]:
        from jupyter_classgame.session.start import known_teams  # noqa: PLC0415 - on first use

        return known_teams(configuration(self.shell))


def order_place(line: str, game: Any) -> CompletionPlace:
    """Return the suggestions at the end of a line of an order."""
    if "#" in line:
        return CompletionPlace(line[line.index("#") :], (), alone=True)
    line = line.lstrip()
    verb = _VERB.match(line)
    returns = verb is not None and verb[1].lower() == "return"
    rest = line[verb.end() :] if verb else line
    typed = rest.rpartition(",")[2].lstrip(" \t\"'\u201c\u2018")
    name, _, number = typed.rpartition(" ")
    whole = game.pack.catalogue.get(name) if number in {"", "x", "X"} else None
    if whole is not None and whole.repeatable and not returns:
        return CompletionPlace(number, [("x 2", "number")], alone=True)
    verbs = [("buy", "verb"), ("return", "verb")] if typed == line else []
    items = _owned_first(game) if returns else game.pack.catalogue
    return CompletionPlace(typed, [*verbs, *option_suggestions.items(items, typed)], alone=True)


def _owned_first(game: Any) -> list[Any]:
    """Sort the catalogue: owned items first, then all others."""
    owned = game.context.last_known  # a server may be slow to answer, or not answer at all
    return sorted(game.pack.catalogue, key=lambda item: item.slug not in owned)


def line_place(
    line: str,
    parser: argparse.ArgumentParser,
    names: Mapping[str, Any],
    teams: Callable[[], list[str]],
) -> CompletionPlace | None:
    """Return the suggestions at the end of a magic's line."""
    try:
        *before, typed = split_words(line + _CURSOR) or [""]
    except UsageError:  # within a quote or a bracket
        return None
    if not typed.endswith(_CURSOR):  # within a comment
        return None
    typed = typed.removesuffix(_CURSOR)
    parsed = _read(before, parser)
    if parsed.waiting is None and typed.startswith("--") and "=" in typed:
        option, _, typed = typed.partition("=")
        parsed = _read([option], parser)
        if parsed.waiting is None:
            return None
    if _EXPRESSION.search(typed):
        return None
    if parsed.waiting is not None:
        known = option_suggestions.teams(teams()) if parsed.waiting == "team" else ()
        return CompletionPlace(typed, [*known, *option_suggestions.values(parsed.waiting, names)])
    position = [] if typed.startswith("-") else _position(parser, parsed.words, names)
    offers = [*position, *_options(parser, parsed)]
    files = len(parsed.words) == 1 and parsed.words[0] in STARTING and not typed.startswith("-")
    return CompletionPlace(typed, offers, files=files)


class _ParsedWords(NamedTuple):
    """The words before the cursor: options, positional words, the option that expects a value."""

    given: set[str]
    words: list[str]
    waiting: str | None


def _read(before: Iterable[str], parser: argparse.ArgumentParser) -> _ParsedWords:
    """Parse the words before the cursor, valid or not."""
    given: set[str] = set()
    words: list[str] = []
    waiting = None
    for word in before:
        if waiting is not None:
            waiting = None
        elif word.startswith("--"):
            option, equals, _ = word.partition("=")
            if action := parser._option_string_actions.get(option):  # noqa: SLF001
                given.add(action.dest)
                waiting = action.dest if action.nargs is None and not equals else None
        else:
            words.append(word)
    return _ParsedWords(given, words, waiting)


def _position(
    parser: argparse.ArgumentParser, words: list[str], names: Mapping[str, Any]
) -> Iterable[tuple[str, str]]:
    """Return the suggestions for the next positional word."""
    positions = parser._get_positional_actions()  # noqa: SLF001
    position = positions[min(len(words), len(positions) - 1)]
    if position.nargs != "*" and len(words) >= len(positions):
        return []
    if position.dest == "pack" and (words or [""])[0] not in STARTING:
        return []
    return [
        offer for offer in option_suggestions.values(position.dest, names) if offer[0] not in words
    ]


def _options(parser: argparse.ArgumentParser, parsed: _ParsedWords) -> Iterable[tuple[str, str]]:
    """Yield the options that are not given yet and belong to the command."""
    positions = parser._get_positional_actions()  # noqa: SLF001
    commands = OPTION_COMMANDS if any(each.dest == "command" for each in positions) else {}
    word = (parsed.words or [""])[0]
    command = "new" if word in STARTING else word
    for option, action in parser._option_string_actions.items():  # noqa: SLF001
        fits = option not in commands or commands[option] == command
        if option.startswith("--") and action.dest not in parsed.given and fits:
            yield option, "option"


def register(shell: Any) -> None:
    """Register the completion with a shell."""
    unregister(shell)
    shell.Completer.custom_matchers.append(Completer(shell).match)


def unregister(shell: Any) -> None:
    """Undo :func:`register`."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if not _ours(each)]


def _ours(matcher: Any) -> bool:
    return getattr(matcher, "matcher_identifier", "") == IDENTIFIER
