"""The receipt: the result of an order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from jupyter_classgame.events import ItemChange
from jupyter_classgame.shop.item import Item, amount, signed
from jupyter_classgame.shop.order import Order, OrderLine


@dataclass(frozen=True)
class ReceiptLine:
    """What an order did to one item.

    ``count`` is the number that the team owns now, ``change`` the difference from before;
    ``amount`` is in B NN, positive if it was paid, negative if it was refunded.
    """

    verb: Literal["bought", "returned", "unchanged"]
    item: Item
    count: int
    amount: float
    change: int = 0
    note: str = ""


@dataclass(frozen=True)
class Receipt:
    """The result of an order; balances are in B NN, ``owned`` maps slug to count afterwards."""

    lines: tuple[ReceiptLine, ...]
    before: float
    after: float
    budget: float
    team: str
    owned: Mapping[str, int] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether anything was bought or returned."""
        return any(line.verb != "unchanged" for line in self.lines)

    @property
    def changes(self) -> tuple[ItemChange, ...]:
        """The lines as plain data, for an event."""
        return tuple(
            ItemChange(
                line.verb,
                line.item.slug,
                line.item.name,
                line.count,
                line.amount,
                line.item.repeatable,
                line.note,
            )
            for line in self.lines
        )

    def text(self) -> str:
        """Format the receipt as plain text: one line per item, and the balance at the end."""
        rows = []
        for line in self.lines:
            name = f"{line.item.name} x {line.count}" if line.count > 1 else line.item.name
            price = "" if line.verb == "unchanged" else f"  {signed(-line.amount)}"
            rows.append(
                f"{line.verb:<9}  {name}{price}" + (f"  ({line.note})" if line.note else "")
            )
        rows.append(f"balance    {amount(self.after)} of {amount(self.budget)}, team {self.team}")
        return "\n".join(rows)

    def __repr__(self) -> str:
        return self.text()


def net_order(receipts: Iterable[Receipt]) -> Order:
    """Return the order with the net effect of several receipts.

    Parameters
    ----------
    receipts
        Results of consecutive orders, the oldest first.

    Returns
    -------
    Order
        One line per item whose count has changed, two if only some of it were returned; no line
        if all changes were undone.
    """
    first: dict[str, int] = {}
    last: dict[str, ReceiptLine] = {}
    for line in (line for receipt in receipts for line in receipt.lines):
        first.setdefault(line.item.slug, line.count - line.change)
        last[line.item.slug] = line
    lines: list[OrderLine] = []
    for slug, line in last.items():
        if line.count < first[slug]:
            lines.append(OrderLine("return", line.item))
        if line.count and line.count != first[slug]:
            lines.append(OrderLine("buy", line.item, line.count))
    return Order(tuple(lines))
