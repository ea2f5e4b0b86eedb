"""Search in the shop: cards that do not match are hidden by one style rule, in one message."""

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
"""Characters of what is typed that are looked for."""

SHOWN = 40
"""Characters of it that are said again."""


class CardSearch:
    """A field to search in, and what it leaves on the shelves.

    Parameters
    ----------
    groups
        The shelves: group to its items, in the order in which they stand.
    looks
        Shared by the widgets of a shop.

    Attributes
    ----------
    scope : str
        CSS class that the widget with the shelves must have.
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
        """Show everything again."""
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
    """Give the CSS class of an item's card."""
    return f"cg-item-{item.slug}"


def shelf_class(number: int) -> str:
    """Give the CSS class of a shelf, counted from 0."""
    return f"cg-shelf-{number}"


def _matches(item: "Item", group: str, words: Sequence[str]) -> bool:
    """Say whether every word is in what an item is called, where it stands or what it does."""
    said = " ".join((*item.names(), group, item.card.summary)).casefold()
    return all(word in said for word in words)
