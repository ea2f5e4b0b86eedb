"""The basket: items that a team has selected but not bought."""

from jupyter_classgame.shop.catalogue import Catalogue
from jupyter_classgame.shop.item import Item
from jupyter_classgame.shop.order import MAX_COUNT, Order, OrderLine
from jupyter_classgame.shop.wallet import ROUNDING, Wallet


class Basket:
    """Selected items, in the order of selection.

    Parameters
    ----------
    catalogue
        The items for sale.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._counts: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._counts.values())

    @property
    def lines(self) -> list[tuple[Item, int]]:
        """The items and the number of each."""
        return [(self._catalogue[slug], count) for slug, count in self._counts.items()]

    @property
    def total(self) -> float:
        """Total price, in B NN."""
        return sum(item.price * count for item, count in self.lines)

    def count(self, slug: str) -> int:
        """Return the number of an item in the basket."""
        return self._counts.get(slug, 0)

    def short(self, wallet: Wallet) -> float:
        """Return how much a wallet lacks to pay for the basket, in B NN; 0 if it suffices."""
        missing = self.total - wallet.balance
        return missing if missing > ROUNDING else 0.0

    def add(self, item: Item) -> None:
        """Add an item; a repeatable one that is already in the basket is counted once more."""
        most = MAX_COUNT if item.repeatable else 1
        self._counts[item.slug] = min(self.count(item.slug) + 1, most)

    def take_out(self, item: Item) -> None:
        """Remove an item, whatever its number."""
        self._counts.pop(item.slug, None)

    def empty(self) -> None:
        """Remove all items."""
        self._counts.clear()

    def drop_owned(self, wallet: Wallet) -> None:
        """Remove items that can be owned only once and have been bought in another way."""
        for item, _ in self.lines:
            if wallet.count(item.slug) and not item.repeatable:
                self.take_out(item)

    def order(self, wallet: Wallet) -> Order:
        """Return the order that buys the basket, in addition to what a wallet owns."""
        return Order(
            tuple(
                OrderLine("buy", item, (wallet.count(item.slug) + count) if item.repeatable else 1)
                for item, count in self.lines
            )
        )
