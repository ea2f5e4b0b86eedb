"""One item of the shop as a card: price, what it does, Buy and Return, and more on demand."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import ipywidgets as w
from markdown_it import MarkdownIt
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from jupyter_classgame.shop.item import amount

from . import markup
from .catalogue import icon
from .looks import Looks
from .shop_search import item_class

if TYPE_CHECKING:
    from jupyter_classgame.shop import Item, Wallet


class ItemCard:
    """The widgets of one item.

    Parameters
    ----------
    item
        What is sold.
    looks
        Shared by the cards of a shop.
    buy, give_back, copy
        Called with this card when its buttons are clicked, maybe in another thread.
    recipe
        Gives the recipe of a slug as this notebook needs it.
    """

    def __init__(
        self,
        item: "Item",
        looks: Looks,
        buy: Callable[["ItemCard"], None],
        give_back: Callable[["ItemCard"], None],
        copy: Callable[["ItemCard"], None],
        recipe: Callable[[str], str],
    ) -> None:
        self.item = item
        self.count = 0
        self._looks = looks
        self._copy = copy
        self._recipe = recipe
        self._detail: w.Box | None = None
        self._open = False
        self._state: tuple[str, ...] = ()
        self._mark = looks.make_html(self._mark_html("", ""))
        self.buy_button = looks.make_button(
            "Buy", "cg-buy", primary=True, tooltip=self._price_of("Buy", 1)
        )
        self.return_button = looks.make_button(
            "Return", "cg-return", "cg-plain", tooltip=self._price_of("Return", 1)
        )
        self.more_button = looks.make_button(
            "Details", "cg-plain", tooltip=f"What {item.name} is, and its recipe"
        )
        self.buy_button.on_click(lambda _button: buy(self))
        self.return_button.on_click(lambda _button: give_back(self))
        self.more_button.on_click(lambda _button: self.toggle())
        self.copy_button: w.Button | None = None
        row = looks.row("cg-row", self._mark, self.more_button, self.return_button, self.buy_button)
        self.widget = looks.stack(
            f"cg-card {item_class(item)}", looks.make_html(self._head_html()), row
        )

    def show(self, wallet: "Wallet", used: str = "") -> None:
        """Bring the card up to date with a wallet: owned, within reach or out of it.

        ``used`` names the run or the score that keeps the item from being returned.
        """
        item, count = self.item, wallet.count(self.item.slug)
        self.count = count
        full = bool(count) and not item.repeatable
        short = item.price - wallet.balance
        far = not full and short > 1e-9  # noqa: PLR2004 - sums of prices such as 0.1
        self._state = tuple(
            name
            for name, holds in (
                ("cg-owned", count > 0),
                ("cg-full", full),
                ("cg-far", far),
                ("cg-used", bool(count and used)),
            )
            if holds
        )
        self._apply_classes()
        self._mark.value = self._mark_html(
            self._mark_text(far, short, used), f"used in {used}" if used else ""
        )
        self.buy_button.description = "Buy one more" if count else "Buy"
        self.buy_button.disabled = far or full
        self.return_button.description = "Return all" if count > 1 else "Return"
        self.return_button.tooltip = self._price_of("Return", max(count, 1))

    def _price_of(self, verb: str, count: int) -> str:
        return f"{verb} {self.item.name} for {amount(self.item.price * count)}"

    def _mark_html(self, said: str, title: str) -> str:
        return f'<span class="cg-mark" title="{markup.text(title)}">{markup.text(said)}</span>'

    def _mark_text(self, far: bool, short: float, used: str) -> str:
        if self.count:
            number = f" × {self.count}" if self.item.repeatable else ""  # noqa: RUF001
            return f"✓ owned{number}" + (", used" if used else "")
        return f"{amount(short)} short" if far else ""

    def _apply_classes(self) -> None:
        opened = ("cg-open",) if self._open else ()
        names = ("cg-card", item_class(self.item), *self._state, *opened)
        self.widget._dom_classes = names  # noqa: SLF001 - one message, not several

    def _head_html(self) -> str:
        item = self.item
        return (
            f'<div class="cg-title"><span class="cg-icon" role="img" '
            f'aria-label="{markup.text(item.group)}">{icon(item.group)}</span>'
            f'<span class="cg-name">{markup.text(item.name)}</span>'
            f'<span class="cg-price">{amount(item.price)}</span></div>'
            f'<div class="cg-summary">{markup.text(item.card.summary)}</div>'
        )

    def toggle(self) -> None:
        """Open or close the details; they are made when first opened."""
        self._open = not self._open
        if self._detail is None:
            self._detail = self._make_detail()
        head, row = self.widget.children[:2]
        self.widget.children = (head, row, self._detail) if self._open else (head, row)
        self._apply_classes()
        self.more_button.description = "Close" if self._open else "Details"

    def _make_detail(self) -> w.Box:
        card = self.item.card
        text, _, how = card.text.partition("## Recipe\n")
        explanation = self._looks.make_html(f'<div class="cg-text">{markdown_html(text)}</div>')
        code = self._looks.make_html(
            f'<div class="cg-text"><h2>Recipe</h2>{markdown_html(how)}</div>'
            f'<div class="cg-code">{code_html(self._recipe(self.item.slug))}</div>'
        )
        self.copy_button = self._looks.make_button("Copy to a new cell", "cg-plain")
        self.copy_button.tooltip = f"Put the recipe of {self.item.name} into this notebook"
        self.copy_button.on_click(lambda _button: self._copy(self))
        recipe = w.VBox([code, self.copy_button], layout=w.Layout(grid_gap="6px"))
        detail = w.Box([explanation, recipe], layout=self._looks.plain)
        detail._dom_classes = ("cg-detail",)  # noqa: SLF001
        return detail


def markdown_html(source: str) -> str:
    """Render a card's Markdown; HTML in it is shown as text, and unsafe links are left out."""
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))


def code_html(source: str) -> str:
    """Mark up Python for reading; the colours are the style sheet's."""
    formatter = HtmlFormatter(nowrap=True)
    return f'<pre tabindex="0">{highlight(source, PythonLexer(), formatter)}</pre>'
