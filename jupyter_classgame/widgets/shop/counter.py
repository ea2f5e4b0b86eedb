"""The shop's counter: carries out clicks as orders, and reports the outcome."""

import logging
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import TYPE_CHECKING

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.shop import Basket, net_order, order_text
from jupyter_classgame.shop.item import amount
from jupyter_classgame.widgets.comm import comm_link

if TYPE_CHECKING:
    from jupyter_classgame.events import ItemChange, WalletChanged
    from jupyter_classgame.session.game import Game
    from jupyter_classgame.shop import Item, Order, Receipt, Wallet

logger = logging.getLogger(__name__)

PRACTICE = "This is practice: there is no wallet, and everything may be used."
WELCOME = "Buy by a click here or by an order in a %%shop cell: it is one wallet."

PAUSE = 0.6
"""Seconds after an answer, and after each click, in which the same card ignores clicks: a double
click, one made before the answer could be seen, and a burst that is handled slowly count once."""

PLACES: "dict[comm_link.Where, str]" = {
    "inserted": "is in a new cell below the active one",
    "queued": "appears in a new cell below the next cell you run",
}

ALL = "Buy all"
"""The key of the basket's button, among the slugs of the cards."""


class ShopCounter:
    """Carries out a team's clicks, in the thread in which they arrive.

    Parameters
    ----------
    game
        The game of the wallet.
    redraw
        Called after any attribute has changed; with True if the wallet may have changed too. Gives
        the wallet that is shown.

    Attributes
    ----------
    basket : Basket
    kind, message : str
        Outcome of the last click, and its CSS class: ``cg-good``, ``cg-bad`` or none.
    receipt : Receipt or None
        Of the last click that changed the wallet.
    keeping : bool
        Whether an order is being inserted as a cell.
    kept : int
        Number of items in the order that was last inserted as a cell.
    lock : RLock
        Held while the basket is changed or shown.
    """

    def __init__(self, game: "Game", redraw: "Callable[[bool], Wallet]") -> None:
        self.game = game
        self.basket = Basket(game.pack.catalogue)
        self.kind, self.message = "", PRACTICE if game.practice else WELCOME
        self.receipt: Receipt | None = None
        self.keeping, self.kept = False, 0
        self._unkept: list[Receipt] = []
        self._redraw = redraw
        self._answered_with: Wallet | None = None
        self.lock = RLock()
        self._answered: dict[str, float] = {}

    def buy(self, item: "Item", owned: int) -> None:
        """Buy an item; of a repeatable item, one more than ``owned``."""
        count = owned + 1 if owned and item.repeatable else None
        self._settle(item.slug, item.name, lambda: self.game.buy(item.slug, count))

    def give_back(self, item: "Item") -> None:
        """Return an item."""
        self._settle(item.slug, item.name, lambda: self.game.return_(item.slug))

    def add(self, item: "Item") -> None:
        """Put an item into the basket; a second click takes out one that is not repeatable."""
        with self.lock:
            if self.basket.count(item.slug) and not item.repeatable:
                self.basket.take_out(item)
            else:
                self.basket.add(item)
        self._redraw(False)

    def take_out(self, item: "Item") -> None:
        """Take an item out of the basket."""
        with self.lock:
            self.basket.take_out(item)
        self._redraw(False)

    def empty(self) -> None:
        """Take everything out of the basket."""
        with self.lock:
            self.basket.empty()
        self._redraw(False)

    def buy_all(self) -> None:
        """Buy everything in the basket or nothing, and empty it."""
        self._settle(ALL, "The basket", self._order_basket)

    def _order_basket(self) -> "Receipt":
        with self.lock:
            order = self.basket.order(self.game.wallet)
            receipt = self.game.order(order_text(order, self.game.pack.catalogue))
            self.basket.empty()
        return receipt

    def _settle(self, key: str, name: str, order: "Callable[[], Receipt]") -> None:
        """Carry out a click and report the outcome, also of an error, in one line.

        Clicks made meanwhile are carried out afterwards.
        """
        if self._hurried(key):
            return
        try:
            receipt = order()
        except ClassGameError as error:
            answer = "cg-bad", str(error)
        except Exception as error:
            logger.exception("a click on %s failed", key)
            answer = "cg-bad", f"{name}: nothing was changed ({error})"
        else:
            if receipt.changed:
                with self.lock:
                    self.receipt = receipt
                    self._unkept.append(receipt)
            answer = (
                "cg-good" if receipt.changed else "",
                outcome_text(receipt.changes, receipt.after),
            )
        finally:
            self._answered[key] = time.monotonic()
        with self.lock:
            self._say(*answer)
            self._answered_with = self._redraw(True)  # another kernel may have bought, too

    def _hurried(self, key: str) -> bool:
        """Return whether a click follows another one, or its answer, too soon to be meant."""
        now = time.monotonic()
        hurried = now - self._answered.get(key, -PAUSE) < PAUSE
        if hurried:  # those that follow belong to the same burst
            self._answered[key] = now
        return hurried

    def hear(self, event: "WalletChanged") -> None:
        """Take it that the wallet has changed, by a click or elsewhere, and say so.

        What a click or an order here came to stands until the wallet is another than the one that
        was shown with it: that an order failed because of a purchase elsewhere is not to be lost
        when that purchase is heard of afterwards.
        """
        with self.lock:
            wallet = self._redraw(True)
            if event.changes:
                self._say("cg-good", outcome_text(event.changes, event.balance))
                self._answered_with = wallet
            elif not _same(wallet, self._answered_with):
                self._say("", f"The wallet was changed elsewhere. {amount(wallet.balance)} left.")
                self._answered_with = None
                if not wallet.owned:  # it was begun anew: what was bought before is nothing to keep
                    self.receipt, self._unkept = None, []
            self._redraw(False)

    def copy_recipe(self, item: "Item") -> None:
        """Put an item's recipe into a new cell."""
        what, key = f"The recipe of {item.name}", f"recipe {item.slug}"
        if self._hurried(key):
            return
        self._answered[key] = time.monotonic()
        self._insert(what, lambda: self.game.recipe(item.slug), lambda _done: None)

    def unkept(self) -> "Order":
        """Return the net order of all clicks since the last :meth:`keep_order`."""
        with self.lock:
            return net_order(self._unkept)

    def keep_order(self) -> None:
        """Insert that order as a new ``%%shop`` cell, so that the notebook replays it."""
        with self.lock:
            order, receipts = self.unkept(), self._unkept
            if self.keeping or not order.lines:
                return
            self._unkept, self.keeping = [], True
        count = count_items(order)

        def kept(done: bool) -> None:
            with self.lock:
                self.keeping = False
                if done:
                    self.kept = count
                else:
                    self._unkept = receipts + self._unkept

        text = f"%%shop\n{order_text(order, self.game.pack.catalogue)}"
        self._insert(f"The order of {items(count)}", lambda: text, kept)

    def _insert(self, what: str, code: Callable[[], str], on_done: Callable[[bool], None]) -> None:
        """Insert code as a new cell, and report when it is there."""

        def arrived(where: comm_link.Where) -> None:
            on_done(True)
            self._say("cg-good", f"{what} {PLACES[where]}.")
            self._redraw(False)

        self._say("", f"{what} is being put into a new cell.")
        try:
            comm_link.insert_cell(code(), arrived)
        except Exception as error:
            logger.exception("%s could not be put into a cell", what)
            on_done(False)
            self._say("cg-bad", f"{what} could not be put into a cell ({error})")
        self._redraw(False)

    def _say(self, kind: str, message: str) -> None:
        self.kind, self.message = kind, message


def _same(one: "Wallet", two: "Wallet | None") -> bool:
    return two is not None and (one.balance, one.owned) == (two.balance, two.owned)


def items(count: int) -> str:
    """Format a number of items."""
    return "1 item" if count == 1 else f"{count} items"


def count_items(order: "Order") -> int:
    """Count the items that an order names."""
    return len({line.item.slug for line in order.lines})


def outcome_text(changes: "Sequence[ItemChange]", left: float) -> str:
    """Describe the outcome of a click in one line; ``left`` is the balance, in B NN."""
    bought = [change for change in changes if change.verb == "bought"]
    if len(bought) > 1:
        paid = amount(sum(change.amount for change in changes))
        return f"Bought {len(bought)} items for {paid}. {amount(left)} left."
    parts = []
    for change in changes:
        name = change.name
        if change.verb == "unchanged":
            parts.append(f"{name}: {change.note}.")
        elif change.verb == "bought":
            owned = f", {change.count} owned" if change.repeatable else ""
            parts.append(f"Bought {name} for {amount(change.amount)}{owned}.")
        else:
            parts.append(f"Returned {name}, {amount(-change.amount)} back.")
    return f"{' '.join(parts)} {amount(left)} left."
