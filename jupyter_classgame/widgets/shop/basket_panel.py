"""The basket panel of the shop: items, total, and the receipt after buying."""

from typing import TYPE_CHECKING

from jupyter_classgame.shop.item import amount
from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.cards.receipt_card import receipt_html
from jupyter_classgame.widgets.shop.counter import ShopCounter, count_items, items
from jupyter_classgame.widgets.shop.shared_styles import SharedStyles

if TYPE_CHECKING:
    import ipywidgets as w

    from jupyter_classgame.shop import Basket, Item, Wallet

HINT = "Add puts an item in here, and nothing is paid before Buy all."


class BasketPanel:
    """The widgets of a basket, with a line for each item in it.

    Parameters
    ----------
    counter
        Carries out clicks.
    looks
        Styles shared by the widgets of a shop.
    """

    def __init__(self, counter: ShopCounter, looks: SharedStyles) -> None:
        self._counter = counter
        self._looks = looks
        self.lines: dict[str, _BasketLine] = {}
        self._head = looks.make_html(_head_html(0))
        self._sums = looks.make_html(_hint_html())
        self._list = looks.stack("cg-lines")
        self.empty_button = looks.make_button(
            "Empty", "cg-plain", tooltip="Take everything out of the basket"
        )
        self.buy_button = looks.make_button(
            "Buy all", primary=True, tooltip="Buy what is in the basket, all of it or nothing"
        )
        self.empty_button.on_click(lambda _button: counter.empty())
        self.buy_button.on_click(lambda _button: counter.buy_all())
        row = looks.row("cg-row", self.empty_button, self.buy_button)
        self.widget = looks.stack("cg-basket cg-nothing", self._head, self._list, self._sums, row)

    def show(self, basket: "Basket", wallet: "Wallet") -> None:
        """Show the basket's items, its total and what would be left in the wallet."""
        lines = self._lines_of(basket)
        short = basket.short(wallet)
        self._head.value = _head_html(len(basket))
        self._sums.value = (
            _sums_html(basket.total, wallet.balance, short) if lines else _hint_html()
        )
        self.buy_button.disabled = short > 0
        names = ("cg-basket", *(() if lines else ("cg-nothing",)))
        self.widget._dom_classes = names  # noqa: SLF001 - one message, not several

    def _lines_of(self, basket: "Basket") -> "dict[str, _BasketLine]":
        """Update the lines: add those of new items and close those of removed ones."""
        before, self.lines = self.lines, {}
        for item, count in basket.lines:
            line = before.pop(item.slug, None) or _BasketLine(item, self._counter, self._looks)
            line.show(count)
            self.lines[item.slug] = line
        self._list.children = [line.widget for line in self.lines.values()]
        for line in before.values():
            line.close()
        return self.lines


class _BasketLine:
    def __init__(self, item: "Item", counter: ShopCounter, looks: SharedStyles) -> None:
        self._item = item
        self._content = looks.make_html("")
        self.button = looks.make_button(
            f"Take {item.name} out of the basket", "cg-plain", "cg-out", tooltip="Take out"
        )
        self.button.on_click(lambda _button: counter.take_out(item))
        self.widget = looks.row("cg-line", self._content, self.button)

    def show(self, count: int) -> None:
        number = f"\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{count}" if count > 1 else ""  # noqa: RUF001
        self._content.value = (
            f'<div class="cg-sum"><span>{markup.text(self._item.name)}{number}</span>'
            f"<span>{amount(self._item.price * count)}</span></div>"
        )

    def close(self) -> None:
        for each in (self.widget, self._content, self.button):
            each.close()


class ReceiptPanel:
    """The last receipt, and a button that saves the order as a notebook cell."""

    def __init__(self, counter: ShopCounter, looks: SharedStyles) -> None:
        self._receipt = looks.make_html("")
        self.keep_button = looks.make_button(
            "Nothing to keep",
            "cg-plain",
            tooltip="Put what was clicked since the last time into a cell, "
            "so that the notebook replays it",
        )
        self.keep_button.on_click(lambda _button: counter.keep_order())
        self.widget: w.Box = looks.stack("cg-receipt", self._receipt, self.keep_button)

    def show(self, counter: ShopCounter) -> None:
        """Show the counter's latest receipt."""
        if counter.receipt is not None:
            self._receipt.value = receipt_html(counter.receipt)
        count = count_items(counter.unkept())
        self.keep_button.description = _keep_text(count, counter)
        self.keep_button.disabled = counter.keeping or not count


def _keep_text(count: int, counter: ShopCounter) -> str:
    if counter.keeping:
        return "Keeping the order"
    if count:
        return f"Keep {items(count)} as a %%shop cell"
    return f"Kept {items(counter.kept)} as a %%shop cell" if counter.kept else "Nothing to keep"


def _head_html(count: int) -> str:
    number = f'<span class="cg-quiet">{items(count)}</span>' if count else ""
    return (
        '<div class="cg-heading cg-sum" role="heading" aria-level="3">'
        f'<span><span aria-hidden="true">🧺</span> Basket</span>{number}</div>'
    )


def _hint_html() -> str:
    return f'<div class="cg-quiet cg-hint" role="status">{HINT}</div>'


def _sums_html(total: float, balance: float, short: float) -> str:
    last = (
        f'<div class="cg-sum cg-over"><span>short by</span><strong>{amount(short)}</strong></div>'
        if short
        else f'<div class="cg-sum"><span>left after buying</span>'
        f"<span>{amount(balance - total)}</span></div>"
    )
    return (
        '<div class="cg-sums" role="status" aria-live="polite" aria-atomic="true">'
        f'<div class="cg-sum"><strong>total</strong><strong>{amount(total)}</strong></div>'
        f"{last}</div>"
    )
