"""The shop as a widget: a team's wallet, and a card for each item."""

import logging
from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.events import Event, RunEnded, RunStarted, WalletChanged
from jupyter_classgame.shop.item import amount
from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.live_with_twin import LiveWithTwin
from jupyter_classgame.widgets.shop.basket_panel import BasketPanel, ReceiptPanel
from jupyter_classgame.widgets.shop.card_search import CardSearch, shelf_class
from jupyter_classgame.widgets.shop.counter import PRACTICE, ShopCounter
from jupyter_classgame.widgets.shop.item_card import ItemCard
from jupyter_classgame.widgets.shop.shared_styles import SharedStyles
from jupyter_classgame.widgets.shop.static_catalogue import (
    balance_bar,
    balance_text,
    catalogue_text,
    icon,
    wallet_html,
)
from jupyter_classgame.widgets.shop.style_sheet import CSS

if TYPE_CHECKING:
    from jupyter_classgame.session.game import Game
    from jupyter_classgame.shop import Item, Wallet

logger = logging.getLogger(__name__)


class ShopView:
    """A team's shop.

    It shows every change of the wallet, whoever makes it. Clicks are carried out by the game in the
    thread in which they arrive, also while a cell runs. A static twin, kept up to date, is
    displayed with it for readers without a kernel.

    Parameters
    ----------
    game
        The game of the wallet.
    """

    def __init__(self, game: "Game") -> None:
        self.game = game
        self.counter = ShopCounter(game, self._redraw)
        self.cards: dict[str, ItemCard] = {}
        self.search: CardSearch | None = None
        self.basket: BasketPanel | None = None
        self.receipt: ReceiptPanel | None = None
        self._looks: SharedStyles
        self._wallet: Wallet = game.wallet
        self._used: Mapping[str, str] = {}
        self._balance: w.HTML
        self._message: w.HTML
        self._side: w.Box
        self._live = LiveWithTwin(self._build, self._twin(), lasting=True)
        self._endings: list[Callable[[], None]] = [game.events.subscribe(self._handle)]

    @property
    def widget(self) -> w.DOMWidget | None:
        """The widget, after it was shown in a kernel."""
        return self._live.widget

    @property
    def message(self) -> str:
        """The outcome of the last click."""
        return self.counter.message

    def show(self) -> None:
        """Display the shop here; outside a kernel, as text."""
        comm_link.link.announce()
        self._live.show()

    def close(self) -> None:
        """Take the widget off the page, leaving its twin, and stop listening to the game."""
        while self._endings:
            self._endings.pop()()
        self._live.close()

    def _ipython_display_(self) -> None:
        self.show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self._live._repr_mimebundle_(include, exclude)

    def _twin(self) -> dict[str, str]:
        wallet = self._wallet
        return {
            "text/html": wallet_html(wallet, self._title(), practice=self.game.practice),
            "text/plain": f"{self._title()}: "
            f"{PRACTICE if self.game.practice else balance_text(wallet)}\n"
            f"{catalogue_text(wallet.catalogue)}",
        }

    def _title(self) -> str:
        return f"Shop of {self.game.pack.title}, team {self.game.team}"

    def _build(self) -> w.VBox:
        if not self._endings:  # it was closed, and is shown again
            self._endings.append(self.game.events.subscribe(self._handle))
        self._endings.append(self.game.watch())
        self._looks = looks = SharedStyles()
        self._balance, self._message = looks.make_html(""), looks.make_html("")
        groups = self.game.pack.catalogue.groups()
        self.search = CardSearch(groups, looks)
        self.basket = BasketPanel(self.counter, looks)
        self.receipt = None
        self._side = looks.stack("cg-side", self.basket.widget)
        shelves = [
            self._shelf(number, group, items)
            for number, (group, items) in enumerate(groups.items())
        ]
        box = looks.stack(
            f"cg-shop {self.search.scope} {'cg-practice' if self.game.practice else ''}",
            looks.make_html(f"<style>{CSS}</style>"),
            self._balance,
            self._message,
            self.search.widget,
            looks.stack("cg-floor", self._side, looks.stack("cg-shelves", *shelves)),
        )
        self.refresh()
        self._live.update_twin(self._twin())
        return box

    def _shelf(self, number: int, group: str, items: Sequence["Item"]) -> w.Box:
        looks = self._looks
        heading = (
            f'<div class="cg-heading" role="heading" aria-level="3"><span aria-hidden="true">'
            f"{icon(group)}</span> {markup.text(group)}</div>"
        )
        cards = [ItemCard(item, self.counter, looks) for item in items]
        self.cards |= {card.item.slug: card for card in cards}
        grid = looks.stack("cg-grid", *(card.widget for card in cards))
        classes = f"cg-shelf {shelf_class(number)} cg-{len(items)}"
        return looks.stack(classes, looks.make_html(heading), grid)

    def refresh(self) -> None:
        """Show the current wallet."""
        self._redraw(True)

    def _redraw(self, fresh: bool) -> "Wallet":
        with self.counter.lock:
            if fresh:
                self._read()
            if self.basket is not None:
                self._draw(self.basket)
            return self._wallet

    def _read(self) -> None:
        """Read the wallet; keep the last one while the ledger cannot be reached."""
        try:
            self._wallet, self._used = self.game.wallet, self.game.used
        except LedgerError as error:
            logger.debug("the shop shows what it knew: %s", error)
        else:
            self.counter.basket.drop_owned(self._wallet)

    def _draw(self, panel: BasketPanel) -> None:
        counter, wallet = self.counter, self._wallet
        if not self.game.practice:
            self._balance.value = self._balance_html(wallet)
        self._message.value = _message_html(counter.kind, counter.message)
        for card in self.cards.values():
            card.show(wallet, counter.basket, self._used.get(card.item.slug, ""))
        panel.show(counter.basket, wallet)
        if counter.receipt is None:
            self._side.children = (panel.widget,)
            return
        if self.receipt is None:
            self.receipt = ReceiptPanel(counter, self._looks)
        self._side.children = (panel.widget, self.receipt.widget)
        self.receipt.show(counter)

    def _balance_html(self, wallet: "Wallet") -> str:
        return (
            f'<div class="cg-top"><span class="cg-left">{amount(wallet.balance)} left</span>'
            f'<div class="cg-meter">{balance_bar(wallet)}</div><span class="cg-quiet">'
            f"{amount(wallet.spent)} of {amount(wallet.budget)} spent · team "
            f"{markup.text(self.game.team)}</span></div>"
        )

    def _handle(self, event: Event) -> None:
        if isinstance(event, RunStarted | RunEnded):  # what it uses stays bought
            self.refresh()
        elif isinstance(event, WalletChanged):
            with self.counter.lock:
                self.counter.hear(event)
                self._live.update_twin(self._twin())


def _message_html(kind: str, content: str) -> str:
    return (
        f'<div class="cg-message {kind}" role="status" aria-live="polite">'
        f"{markup.text(content)}</div>"
    )


_shown: ShopView | None = None
_shown_lock = RLock()


def open_shop(game: "Game") -> ShopView:
    """Return the shop of a game; a kernel has one, which is reused.

    An open shop of another game is closed; its twin stays.
    """
    global _shown  # noqa: PLW0603 - a kernel has one shop open
    with _shown_lock:
        if _shown is None or _shown.game is not game or _shown.widget is None:
            if _shown is not None:
                _shown.close()
            _shown = ShopView(game)
        return _shown
