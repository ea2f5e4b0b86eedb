"""The card of a shop item: price, summary, Buy, Add and Return, and details on demand."""

import logging
from threading import Thread
from typing import TYPE_CHECKING

import ipywidgets as w
from markdown_it import MarkdownIt
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

from jupyter_classgame.shop.item import AUGMENTATION, amount
from jupyter_classgame.shop.wallet import ROUNDING
from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.shop.card_search import item_class
from jupyter_classgame.widgets.shop.counter import ShopCounter
from jupyter_classgame.widgets.shop.example_pictures import PENDING, examples_html
from jupyter_classgame.widgets.shop.shared_styles import SharedStyles
from jupyter_classgame.widgets.shop.static_catalogue import icon

if TYPE_CHECKING:
    from jupyter_classgame.shop import Basket, Item, Wallet


logger = logging.getLogger(__name__)

DRAWING = "classgame-drawing"
"""Name of the threads that make example pictures."""


class ItemCard:
    """The widgets of one item.

    Parameters
    ----------
    item
        The item for sale.
    counter
        Carries out clicks.
    looks
        Styles shared by the widgets of a shop.
    """

    def __init__(self, item: "Item", counter: ShopCounter, looks: SharedStyles) -> None:
        self.item = item
        self.count = 0
        self._counter = counter
        self._looks = looks
        self._open = False
        self._state: tuple[str, ...] = ()
        self._mark = looks.make_html(_mark_html("", ""))
        self.buy_button = looks.make_button(
            "Buy", "cg-buy", primary=True, tooltip=_tooltip("Buy", item, item.price)
        )
        self.add_button = looks.make_button(
            "Add", "cg-add", "cg-plain", tooltip=_add_tooltip(item.name, out=False)
        )
        self.return_button = looks.make_button(
            "Return", "cg-return", "cg-plain", tooltip=_tooltip("Return", item, 0.0)
        )
        self.more_button = looks.make_button(
            "Details", "cg-plain", tooltip=f"What {item.name} is, and its recipe"
        )
        self.buy_button.on_click(lambda _button: counter.buy(item, self.count))
        self.add_button.on_click(lambda _button: counter.add(item))
        self.return_button.on_click(lambda _button: counter.give_back(item))
        self.more_button.on_click(lambda _button: self.toggle())
        self.copy_button: w.Button | None = None
        self.picture: Thread | None = None
        buttons = (self.more_button, self.return_button, self.add_button, self.buy_button)
        row = looks.row("cg-row", self._mark, *buttons)
        self.widget = looks.stack(
            f"cg-card {item_class(item)}", looks.make_html(self._head_html()), row
        )

    def show(self, wallet: "Wallet", basket: "Basket", used: str = "") -> None:
        """Update the card: owned, in the basket, affordable or not.

        ``used`` names the run or score that prevents a return of the item.
        """
        item, count = self.item, wallet.count(self.item.slug)
        self.count = count
        chosen = basket.count(item.slug)
        full = bool(count) and not item.repeatable
        far = not full and item.price - wallet.balance > ROUNDING
        self._state = tuple(
            name
            for name, holds in (
                ("cg-owned", count > 0),
                ("cg-full", full),
                ("cg-far", far),
                ("cg-used", bool(count and used)),
                ("cg-chosen", chosen > 0),
            )
            if holds
        )
        self._apply_classes()
        said = [self._owned(used), f"{chosen} in the basket" if chosen > 1 else ""]
        if not full:
            said.append(self._short(wallet, basket, chosen))
        title = f"used in {used}" if used else ""
        self._mark.value = _mark_html(" · ".join(filter(None, said)), title)
        self.buy_button.description = "Buy one more" if count else "Buy"
        self.buy_button.disabled = far or full
        out = chosen > 0 and not item.repeatable
        self.add_button.description = "Take out" if out else "Add"
        self.add_button.tooltip = _add_tooltip(item.name, out=out)
        self.add_button.disabled = full or (far and not chosen)
        self.return_button.description = "Return all" if count > 1 else "Return"
        self.return_button.tooltip = _tooltip("Return", item, wallet.paid.get(item.slug, 0.0))

    def _owned(self, used: str) -> str:
        number = f" × {self.count}" if self.item.repeatable else ""  # noqa: RUF001
        return f"✓ owned{number}" + (", used" if used else "") if self.count else ""

    def _short(self, wallet: "Wallet", basket: "Basket", chosen: int) -> str:
        """Describe what is missing to buy one more, alone or beside the basket."""
        short = self.item.price - wallet.balance
        if short > ROUNDING:
            return f"{amount(short)} short"
        beside = short + basket.total
        if beside > ROUNDING and not chosen:
            return f"{amount(beside)} short beside the basket"
        return ""

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
        """Open or close the details, which are built when first opened."""
        self._open = not self._open
        if self.copy_button is None:
            self.widget.children = (*self.widget.children, self._make_detail())
        elif self._open:  # the class that the recipe edits may have become another
            self._recipe.value = self._recipe_html()
        self._apply_classes()
        self.more_button.description = "Close" if self._open else "Details"

    def _make_detail(self) -> w.Box:
        card = self.item.card
        text, _, how = card.text.partition("## Recipe\n")
        explanation = self._looks.make_html(f'<div class="cg-text">{markdown_html(text)}</div>')
        self._how = how  # what the card says beside it
        self._recipe = self._looks.make_html(self._recipe_html())
        self.copy_button = self._looks.make_button("Copy to a new cell", "cg-plain")
        self.copy_button.tooltip = f"Put the recipe of {self.item.name} into this notebook"
        self.copy_button.on_click(lambda _button: self._counter.copy_recipe(self.item))
        recipe = w.VBox([self._recipe, self.copy_button], layout=w.Layout(grid_gap="6px"))
        text = self._looks.stack("cg-explained", *self._make_picture(), explanation)
        return self._looks.row("cg-detail", text, recipe)

    def _recipe_html(self) -> str:
        """Show the recipe as it fits the notebook now."""
        return (
            f'<div class="cg-text"><h2>Recipe</h2>{markdown_html(self._how)}</div>'
            f'<div class="cg-code">{code_html(self._counter.game.recipe(self.item.slug))}</div>'
        )

    def _make_picture(self) -> list[w.HTML]:
        """Make a placeholder for the example pictures, and start drawing them."""
        if self.item.group != AUGMENTATION:
            return []
        place = self._looks.make_html(PENDING)
        self.picture = Thread(target=self._draw_picture, args=(place,), name=DRAWING, daemon=True)
        self.picture.start()
        return [place]

    def _draw_picture(self, place: w.HTML) -> None:
        from jupyter_classgame.session.images.recipe_examples import examples  # noqa: PLC0415 - loads torch

        try:
            made = examples(self._counter.game.context, self.item)
        except Exception:
            logger.exception("there is no picture of %s", self.item.slug)
            place.value = ""
            return
        if isinstance(made, str):
            logger.info("there is no picture of %s: %s", self.item.slug, made)
            place.value = ""
        else:
            place.value = examples_html(made, self.item.name)


def _tooltip(verb: str, item: "Item", price: float) -> str:
    return f"{verb} {item.name} for {amount(price)}"


def _add_tooltip(name: str, *, out: bool) -> str:
    return f"Take {name} out of the basket" if out else f"Put {name} into the basket"


def _mark_html(said: str, title: str) -> str:
    return f'<span class="cg-mark" title="{markup.text(title)}">{markup.text(said)}</span>'


def markdown_html(source: str) -> str:
    """Render a card's Markdown; HTML is escaped, unsafe links are dropped."""
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(source))


def code_html(source: str) -> str:
    """Highlight Python code; the style sheet has the colours."""
    formatter = HtmlFormatter(nowrap=True)
    return f'<pre tabindex="0">{highlight(source, PythonLexer(), formatter)}</pre>'
