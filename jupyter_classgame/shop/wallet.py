"""The wallet: what a team owns, its balance, and the effect of an order on both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop.catalogue import Catalogue
from jupyter_classgame.shop.item import Item, amount
from jupyter_classgame.shop.order import UNDONE, Order, OrderLine
from jupyter_classgame.shop.receipt import Receipt, ReceiptLine

ROUNDING = 1e-9
"""Tolerance for sums of prices such as 0.1, in B NN."""


@dataclass(frozen=True)
class Wallet:
    """A snapshot of a team's purchases; the balance is derived from them.

    Parameters
    ----------
    catalogue
        The items for sale.
    budget
        In B NN.
    owned
        Slug to count, above zero only.
    paid
        Slug to the total amount paid, in B NN; for missing slugs, the current price. So a change of
        prices during a game leaves balances as they are.
    """

    catalogue: Catalogue
    budget: float
    owned: Mapping[str, int]
    paid: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        positive = {slug: count for slug, count in self.owned.items() if count > 0}
        items = [item for item in self.catalogue if item.slug in positive]
        owned = {item.slug: positive[item.slug] for item in items}
        paid = {i.slug: self.paid.get(i.slug, i.price * owned[i.slug]) for i in items}
        object.__setattr__(self, "owned", MappingProxyType(owned))
        object.__setattr__(self, "paid", MappingProxyType(paid))

    @property
    def spent(self) -> float:
        """Amount spent on what is owned, in B NN."""
        return sum(self.paid.values())

    @property
    def balance(self) -> float:
        """Amount left, in B NN."""
        return self.budget - self.spent

    def count(self, slug: str) -> int:
        """Return the number of an item that is owned."""
        return self.owned.get(slug, 0)

    def settle(self, order: Order, team: str, used: Mapping[str, str] | None = None) -> Receipt:
        """Compute the effect of an order: returns are credited first, and it is all or nothing.

        Parameters
        ----------
        order
            It describes a state: what is owned already is not bought again, and the last of several
            lines for one item counts.
        team
            Name of the team, for the receipt.
        used
            Slug to the name of the ranked run that used it; these items cannot be returned.

        Raises
        ------
        OrderError
            The balance is too low, or an item that a ranked run has used would be returned.
        """
        target = dict(self.owned)
        notes: dict[str, str] = {}
        for line in order.lines:
            slug = line.item.slug
            target[slug], notes[slug] = _apply(line, target.get(slug, 0))
        wanted = {slug: self.catalogue[slug] for slug in notes}
        for slug, item in wanted.items():
            if target[slug] < self.count(slug) and (run := (used or {}).get(slug)):
                raise OrderError(f"{item.name} was used in {run} and stays bought; {UNDONE}")
        paid = {slug: self._paid_for(slug, count) for slug, count in target.items()}
        after = Wallet(self.catalogue, self.budget, target, paid)
        if after.balance < -ROUNDING and after.spent > self.spent:
            raise OrderError(self._too_dear(after))
        lines = [self._line(item, target[slug], notes[slug]) for slug, item in wanted.items()]
        lines.sort(key=lambda line: line.change >= 0)
        return Receipt(tuple(lines), self.balance, after.balance, self.budget, team, after.owned)

    def _paid_for(self, slug: str, count: int) -> float:
        """Return the amount paid for ``count``; additional ones have the current price."""
        before, paid = self.count(slug), self.paid.get(slug, 0.0)
        if count >= before:
            return paid + (count - before) * self.catalogue[slug].price
        return paid * count / before

    def _line(self, item: Item, count: int, note: str) -> ReceiptLine:
        change = count - self.count(item.slug)
        if change == 0:
            return ReceiptLine("unchanged", item, count, 0.0, note=note or _same(count))
        verb: Literal["bought", "returned"] = "bought" if change > 0 else "returned"
        paid = self._paid_for(item.slug, count) - self.paid.get(item.slug, 0.0)
        return ReceiptLine(verb, item, count, paid, change, note)

    def _too_dear(self, after: "Wallet") -> str:
        cost = after.spent - self.spent
        return (
            f"the order comes to {amount(cost)} and the balance is {amount(self.balance)}: "
            f"{amount(-after.balance)} short; nothing was bought. "
            "Leave something out, or return an item"
        )


def _apply(line: OrderLine, owned: int) -> tuple[int, str]:
    """Return the count after a line of an order, and a note in case nothing changes."""
    if line.verb == "return":
        return 0, ""
    if line.count is None and owned and line.item.repeatable:
        return owned, f"own {owned}; write x {owned + 1} for one more"
    return max(owned, line.count or 1), ""


def _same(count: int) -> str:
    return "not owned" if count == 0 else "owned already" if count == 1 else f"own {count} already"
