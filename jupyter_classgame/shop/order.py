"""Orders as text, the language of a ``%%shop`` cell.

A line is ``[buy|return] ITEM [x N] {, ITEM [x N]}   # comment``; without a verb it buys.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop.catalogue import Catalogue, straight
from jupyter_classgame.shop.item import Item

Verb = Literal["buy", "return"]

_Unsold = Callable[[str], str] | None

UNDONE = "the order was not carried out"

MAX_LENGTH = 10_000
"""Maximum length of an order, in characters; a longer text is a mistake."""

MAX_COUNT = 1000

SPELLING = 0.9
"""Similarity (0 to 1) from which a name is misspelt rather than followed by other words."""

_VERB = re.compile(r"(buy|return)\b(?!-)\s*", re.IGNORECASE)
_COUNT = re.compile(
    r"(?P<item>.*?)(?:\s+[x*]|\s*\u00d7)\s*(?P<count>-?\d+)\s*$", re.IGNORECASE | re.DOTALL
)
_COUNT_FIRST = re.compile(r"(?P<count>\d+)\s*[x*\u00d7]?\s+(?P<item>.+)", re.IGNORECASE)


@dataclass(frozen=True)
class OrderLine:
    """A line of an order: own at least ``count`` of ``item`` (None if not given), or none."""

    verb: Verb
    item: Item
    count: int | None = None


@dataclass(frozen=True)
class Order:
    """The lines of an order, as written."""

    lines: tuple[OrderLine, ...]


def parse_order(
    text: str, catalogue: Catalogue, unsold: Callable[[str], str] | None = None
) -> Order:
    """Parse an order.

    Parameters
    ----------
    text
        The order, one or more lines; ``#`` begins a comment.
    catalogue
        The items for sale.
    unsold
        Returns why a technique is not for sale; see :meth:`Catalogue.find`.

    Raises
    ------
    OrderError
        It is empty, names something that is not for sale, or cannot be parsed; the message begins
        with the line's number.
    """
    if len(text) > MAX_LENGTH:
        raise OrderError(f"an order of {len(text):,} characters is too long; {UNDONE}")
    lines: list[OrderLine] = []
    for number, raw in enumerate(text.splitlines(), start=1):
        try:
            lines += _parse_line(straight(raw), catalogue, unsold)
        except OrderError as error:
            raise OrderError(f"line {number}: {error}; {UNDONE}") from None
    if not lines:
        raise OrderError('the order is empty; write one item per line, such as "buy Flip trick"')
    return Order(tuple(lines))


def order_text(order: Order, catalogue: Catalogue) -> str:
    """Format an order as text, one item per line; :func:`parse_order` parses it."""
    return "\n".join(_line_text(line, catalogue) for line in order.lines)


def _line_text(line: OrderLine, catalogue: Catalogue) -> str:
    count = line.count if line.count is not None and line.count > 1 else None
    wish = OrderLine(line.verb, line.item, count)
    number = f" x {count}" if count else ""
    by_name, by_slug = (f"{line.verb} {name}{number}" for name in (line.item.name, line.item.slug))
    return by_name if _reads_as(by_name, wish, catalogue) else by_slug


def _reads_as(text: str, wish: OrderLine, catalogue: Catalogue) -> bool:
    """Whether a line is parsed as intended; a name may contain any characters."""
    try:
        return parse_order(text, catalogue).lines == (wish,)
    except OrderError:
        return False


def _parse_line(raw: str, catalogue: Catalogue, unsold: _Unsold) -> list[OrderLine]:
    text = raw.partition("#")[0].strip()
    if not text:
        return []
    verb: Verb = "buy"
    if (found := _VERB.match(text)) and catalogue.get(text) is None:
        verb = "buy" if found[1].lower() == "buy" else "return"
        text = text[found.end() :]
        if not text:
            raise OrderError(f'"{verb}" what? Write an item after it')
    return [_parse_item(_unquoted(part), verb, catalogue, unsold) for part in text.split(",")]


def _unquoted(text: str) -> str:
    """Strip white space and quotes from an item."""
    text = text.strip()
    for quote in "\"'":
        if text.startswith(quote) and text.count(quote) % 2 == 0:
            text = text.replace(quote, "")
    return text.strip()


def _parse_item(text: str, verb: Verb, catalogue: Catalogue, unsold: _Unsold) -> OrderLine:
    if not text:
        raise OrderError("there is a comma with no item next to it")
    count: int | None = None
    name = text
    if (item := catalogue.get(text)) is None:
        if found := _COUNT.match(text):
            name, count = found["item"], int(found["count"][:9])
        item = catalogue.get(name) or _explain(name, catalogue, unsold)
    if count is not None:
        check_count(item, verb, count)
    return OrderLine(verb, item, count)


def _explain(name: str, catalogue: Catalogue, unsold: _Unsold) -> Item:
    """Raise an error that explains an invalid name, or return the item that it names."""
    found = _COUNT_FIRST.fullmatch(name)
    if found and (item := catalogue.get(found["item"])):
        raise OrderError(f'put the count after the item: "{item.name} x {found["count"]}"')
    first, _, rest = name.partition(" ")
    if rest and (item := catalogue.get(rest)):
        raise OrderError(f'write "buy {item.name}" or "return {item.name}", not "{first}"')
    words = [] if catalogue.near(name, SPELLING) else name.split()
    for end in range(len(words) - 1, 0, -1):
        if item := catalogue.get(" ".join(words[:end])):
            rest = " ".join(words[end:])
            raise OrderError(
                f'"{rest[:40]}" after "{item.name}" is not understood; '
                'separate items by commas, write a count as "x 2"'
            )
    return catalogue.find(name, unsold)


def check_count(item: Item, verb: Verb, count: int) -> None:
    """Reject a count that is invalid for an item.

    Raises
    ------
    OrderError
        It is not a positive whole number, is above 1 for an item that can be owned once, or belongs
        to a return.
    """
    if isinstance(count, str):
        raise OrderError(
            f"{count!r} of {item.name}: a whole number is needed; several items: "
            f'game.order("buy {item.name}, {count}")'
        )
    if not isinstance(count, int) or isinstance(count, bool):
        raise OrderError(f"{count!r} of {item.name}: a whole number is needed")
    if verb == "return":
        raise OrderError(f'"return {item.name}" gives all back; write it without "x {count}"')
    if not 1 <= count <= MAX_COUNT:
        raise OrderError(f'"x {count}" of {item.name}: the count must be from 1 to {MAX_COUNT}')
    if count > 1 and not item.repeatable:
        raise OrderError(f"{item.name} can be owned only once; write it without a count")
