"""The shop as a widget: one team's wallet, and a card for everything it can buy."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.events import Event, RunEnded, WalletChanged
from jupyter_classgame.shop.item import amount

from . import comm, markup
from .catalogue import balance_bar, balance_text, catalogue_text, icon, wallet_html
from .live import Live
from .looks import Looks
from .shop_card import ItemCard
from .shop_search import Search, shelf_class
from .shop_style import CSS

if TYPE_CHECKING:
    from jupyter_classgame.session.game import Game
    from jupyter_classgame.shop import Item, Receipt, Wallet

logger = logging.getLogger(__name__)

PRACTICE = "This is practice: there is no wallet, and everything may be used."
PAUSE = 0.6
"""Seconds after a click was answered in which the same card takes no other: a double click is one
click, and so is one made before the answer could be seen."""

WELCOME = "Buy by a click here or by an order in a %%shop cell: it is one wallet."


class ShopView:
    """A team's shop.

    Every change of the wallet shows here, whoever makes it; clicks are carried out by the game, in
    whatever thread they arrive, also while a cell runs. Displayed, it leaves a static picture of
    the shop as it stands, kept up to date, for readers without a kernel.

    Parameters
    ----------
    game
        Whose wallet it is.
    """

    def __init__(self, game: "Game") -> None:
        self.game = game
        self.cards: dict[str, ItemCard] = {}
        self._lock = RLock()
        self._said = ("", PRACTICE if game.practice else WELCOME)
        self._answered: dict[str, float] = {}
        self._balance: w.HTML = None
        self._message: w.HTML = None
        self.search: Search | None = None
        self._live = Live(self._build, self._twin(), lasting=True)
        self._unsubscribe: Callable[[], None] = game.events.subscribe(self._hear)

    @property
    def widget(self) -> w.DOMWidget | None:
        """The widget, once it was shown in a kernel."""
        return self._live.widget

    @property
    def message(self) -> str:
        """What the last click came to."""
        return self._said[1]

    def show(self) -> None:
        """Display the shop here; outside a kernel, as text."""
        comm.link.announce()
        self._live.show()

    def close(self) -> None:
        """Take the widget off the page, leaving its twin, and stop listening to the game."""
        self._unsubscribe()
        self._live.close()

    def _ipython_display_(self) -> None:
        self.show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self._live._repr_mimebundle_(include, exclude)

    def _twin(self) -> dict[str, str]:
        wallet = self.game.wallet
        return {
            "text/html": wallet_html(wallet, self._title(), practice=self.game.practice),
            "text/plain": f"{self._title()}: "
            f"{PRACTICE if self.game.practice else balance_text(wallet)}\n"
            f"{catalogue_text(wallet.catalogue)}",
        }

    def _title(self) -> str:
        return f"Shop of {self.game.pack.title}, team {self.game.team}"

    def _build(self) -> w.VBox:
        looks = Looks()
        self._balance, self._message = looks.make_html(""), looks.make_html("")
        groups = self.game.pack.catalogue.groups()
        self.search = Search(groups, looks)
        shelves = [
            self._shelf(number, group, items, looks)
            for number, (group, items) in enumerate(groups.items())
        ]
        box = looks.stack(
            f"cg-shop {self.search.scope} {'cg-practice' if self.game.practice else ''}",
            looks.make_html(f"<style>{CSS}</style>"),
            self._balance,
            self._message,
            self.search.widget,
            looks.stack("cg-shelves", *shelves),
        )
        self.refresh()
        self._show_message()
        return box

    def _shelf(self, number: int, group: str, items: Sequence["Item"], looks: Looks) -> w.Box:
        heading = (
            f'<div class="cg-heading" role="heading" aria-level="3"><span aria-hidden="true">'
            f"{icon(group)}</span> {markup.text(group)}</div>"
        )
        cards = [
            ItemCard(item, looks, self._buy, self._return, self._copy, self.game.recipe)
            for item in items
        ]
        self.cards |= {card.item.slug: card for card in cards}
        grid = looks.stack("cg-grid", *(card.widget for card in cards))
        classes = f"cg-shelf {shelf_class(number)} cg-{len(items)}"
        return looks.stack(classes, looks.make_html(heading), grid)

    def refresh(self) -> None:
        """Show the wallet as it is now."""
        with self._lock:
            if self._balance is not None:
                self._draw(self.game.wallet)

    def _draw(self, wallet: "Wallet") -> None:
        if not self.game.practice:
            self._balance.value = self._balance_html(wallet)
        used = self.game.used
        for card in self.cards.values():
            card.show(wallet, used.get(card.item.slug, ""))

    def _balance_html(self, wallet: "Wallet") -> str:
        return (
            f'<div class="cg-top"><span class="cg-left">{amount(wallet.balance)} left</span>'
            f'<div class="cg-meter">{balance_bar(wallet)}</div><span class="cg-quiet">'
            f"{amount(wallet.spent)} of {amount(wallet.budget)} spent · team "
            f"{markup.text(self.game.team)}</span></div>"
        )

    def _show_message(self) -> None:
        kind, content = self._said
        if self._message is not None:
            self._message.value = (
                f'<div class="cg-message {kind}" role="status" aria-live="polite">'
                f"{markup.text(content)}</div>"
            )

    def _say(self, kind: str, content: str) -> None:
        with self._lock:
            self._said = (kind, content)
            self._show_message()

    def _hear(self, event: Event) -> None:
        if isinstance(event, RunEnded):  # what it used stays bought
            self.refresh()
        elif isinstance(event, WalletChanged):
            with self._lock:
                self.refresh()
                self._live.update_twin(self._twin())

    def _buy(self, card: ItemCard) -> None:
        count = card.count + 1 if card.count and card.item.repeatable else None
        self._settle(card, lambda: self.game.buy(card.item.slug, count))

    def _return(self, card: ItemCard) -> None:
        self._settle(card, lambda: self.game.return_(card.item.slug))

    def _settle(self, card: ItemCard, order: "Callable[[], Receipt]") -> None:
        """Carry out a click and say what came of it; a fault is said too, in one line.

        Clicks come one after another, those made while the first is carried out at once after it.
        """
        slug = card.item.slug
        if time.monotonic() - self._answered.get(slug, -PAUSE) < PAUSE:
            return
        try:
            self._carry_out(card, order)
        finally:
            self._answered[slug] = time.monotonic()

    def _carry_out(self, card: ItemCard, order: "Callable[[], Receipt]") -> None:
        try:
            receipt = order()
        except ClassGameError as error:
            self._say("cg-bad", str(error))
        except Exception as error:
            logger.exception("a click on %s failed", card.item.slug)
            self._say("cg-bad", f"{card.item.name}: nothing was changed ({error})")
        else:
            self._say("cg-good" if receipt.changed else "", told(receipt))
        self.refresh()  # another kernel of the team may have bought, too

    def _copy(self, card: ItemCard) -> None:
        name = card.item.name
        try:
            where = comm.insert_cell(self.game.recipe(card.item.slug))
        except Exception as error:
            logger.exception("the recipe of %s could not be copied", card.item.slug)
            self._say("cg-bad", f"{name}: the recipe could not be copied ({error})")
            return
        if where == "inserted":
            self._say("cg-good", f"The recipe of {name} is in a new cell below the active one.")
        else:
            self._say(
                "cg-good",
                f"The recipe of {name} appears in a new cell below the next cell you run.",
            )


def told(receipt: "Receipt") -> str:
    """Say in one line what came of a click."""
    parts = []
    for line in receipt.lines:
        name = line.item.name
        if line.verb == "unchanged":
            parts.append(f"{name}: {line.note}.")
        elif line.verb == "bought":
            owned = f", {line.count} owned" if line.item.repeatable else ""
            parts.append(f"Bought {name} for {amount(line.amount)}{owned}.")
        else:
            parts.append(f"Returned {name}, {amount(-line.amount)} back.")
    return f"{' '.join(parts)} {amount(receipt.after)} left."


_shown: ShopView | None = None
_shown_lock = RLock()


def open_shop(game: "Game") -> ShopView:
    """Give the shop of a game: the same one each time, and one for a kernel.

    The shop of another game that was open before is closed; its twin stays.
    """
    global _shown  # noqa: PLW0603 - a kernel has one shop open
    with _shown_lock:
        if _shown is None or _shown.game is not game or _shown.widget is None:
            if _shown is not None:
                _shown.close()
            _shown = ShopView(game)
        return _shown
