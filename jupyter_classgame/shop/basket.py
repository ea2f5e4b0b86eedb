"""The basket: what a team means to buy, before anything is paid."""

from jupyter_classgame.shop.catalogue import Catalogue
from jupyter_classgame.shop.item import Item
from jupyter_classgame.shop.order import MAX_COUNT, Order, OrderLine
from jupyter_classgame.shop.wallet import ROUNDING, Wallet


class Basket:
    """Items chosen, in the order in which they were.

    Parameters
    ----------
    catalogue
        What is for sale.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._counts.values())

    @property
    def lines(self) -> list[tuple[Item, int]]:
        """What is in it: an item and how many of it."""
        return [(self._catalogue[slug], count) for slug, count in self._counts.items()]

    @property
    def total(self) -> float:
        """What it comes to, in B NN."""
        return sum(item.price * count for item, count in self.lines)

    def count(self, slug: str) -> int:
        """How many of an item are in it."""
        return self._counts.get(slug, 0)

    def short(self, wallet: Wallet) -> float:
        """How much more it comes to than a wallet has, in B NN; 0 where it can be paid."""
        missing = self.total - wallet.balance
        return missing if missing > ROUNDING else 0.0

    def add(self, item: Item) -> None:
        """Put an item in: one more of those that may be owned more than once."""
        most = MAX_COUNT if item.repeatable else 1
        self._counts[item.slug] = min(self.count(item.slug) + 1, most)

    def take_out(self, item: Item) -> None:
        """Take an item out, however many of it are in."""
        self._counts.pop(item.slug, None)

    def empty(self) -> None:
        """Take everything out."""
        self._counts.clear()

    def drop_owned(self, wallet: Wallet) -> None:
        """Take out what a team has come to own by another way and can own only once."""
        for item, _ in self.lines:
            if wallet.count(item.slug) and not item.repeatable:
                self.take_out(item)

    def order(self, wallet: Wallet) -> Order:
        """Give the order that buys all of it, beside what a wallet owns."""
        return Order(
            tuple(
                OrderLine("buy", item, (wallet.count(item.slug) + count) if item.repeatable else 1)
                for item, count in self.lines
            )
        )
