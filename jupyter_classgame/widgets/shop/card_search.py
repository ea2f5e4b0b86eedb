"""Search in the shop: one style rule, sent in one message, hides cards that do not match."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

import ipywidgets as w

from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.frontend import answer_while_busy
from jupyter_classgame.widgets.shop.shared_styles import SharedStyles

if TYPE_CHECKING:
    from jupyter_classgame.shop import Item

LONGEST = 200
"""Most characters of a query that are searched for."""

SHOWN = 40
"""Most characters of a query that are quoted."""


class CardSearch:
    """The search field, and the style rule that hides other cards.

    Parameters
    ----------
    groups
        The shelves in order: group to its items.
    looks
        Styles shared by the widgets of a shop.

    Attributes
    ----------
    scope : str
        CSS class that the shop's outer widget must have.
    """

    def __init__(self, groups: "Mapping[str, Sequence[Item]]", looks: SharedStyles) -> None:
        self.scope = f"cg-find-{uuid4().hex[:10]}"  # another shop may be on the page
        self._groups = groups
        self.field = w.Text(
            description="Search",
            placeholder="name, shelf or what it does",
            layout=looks.plain,
            _dom_classes=("cg-field",),
        )
        answer_while_busy(self.field)
        self.clear_button = looks.make_button("Clear", "cg-plain", "cg-clear")
        self._found = looks.make_html(self._found_html(""))
        self.widget = looks.row("cg-search", self.field, self.clear_button, self._found)
        self.field.observe(lambda change: self._show(change["new"]), "value")
        self.clear_button.on_click(lambda _button: self.clear())

    def clear(self) -> None:
        """Clear the search."""
        self.field.value = ""

    def _show(self, text: str) -> None:
        self._found.value = self._found_html(text)

    def _found_html(self, text: str) -> str:
        hidden: list[str] = []
        shown = total = 0
        words = text[:LONGEST].casefold().split()
        for shelf, (group, items) in enumerate(self._groups.items()):
            misses = [item for item in items if not _matches(item, group, words)]
            total += len(items)
            shown += len(items) - len(misses)
            if len(misses) == len(items):
                hidden.append(shelf_class(shelf))
            else:
                hidden += [item_class(item) for item in misses]
        rules = ",".join(f".{self.scope} .{name}" for name in hidden)
        if not words:
            return f"<style>.{self.scope} .cg-clear{{display:none}}</style>"
        asked = " ".join(text[:SHOWN].split()) + ("…" if len(text) > SHOWN else "")
        said = f"{shown} of {total} items" if shown else f"no item matches “{asked}”"
        style = f"<style>{rules}{{display:none!important}}</style>" if rules else ""
        return f'{style}<span class="cg-quiet" role="status">{markup.text(said)}</span>'


def item_class(item: "Item") -> str:
    """Return the CSS class of an item's card."""
    return f"cg-item-{item.slug}"


def shelf_class(number: int) -> str:
    """Return the CSS class of a shelf, counted from 0."""
    return f"cg-shelf-{number}"


def _matches(item: "Item", group: str, words: Sequence[str]) -> bool:
    """Return whether every word occurs in an item's names, group or summary."""
    said = " ".join((*item.names(), group, item.card.summary)).casefold()
    return all(word in said for word in words)
