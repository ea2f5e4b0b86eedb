"""The catalogue as static HTML and text: the shop's twin, and the display of a catalogue."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from jupyter_classgame.shop.item import amount
from jupyter_classgame.widgets import markup, palette

if TYPE_CHECKING:
    from jupyter_classgame.shop import Catalogue, Item, Wallet

ICONS = {
    "Data": "🗂️",
    "Augmentation": "🎨",
    "Architecture": "🏗️",
    "Regularisation": "🛡️",
    "Optimisation": "🚀",
    "Finish": "🏁",
}
"""An emoji for each group."""


def icon(group: str) -> str:
    """Return a group's emoji."""
    return ICONS.get(group, "🧩")


def catalogue_html(catalogue: "Catalogue") -> str:
    """Format the catalogue as a table."""
    return markup.card(_listing(catalogue, None), "Catalogue", f"{len(catalogue)} items")


def catalogue_text(catalogue: "Catalogue") -> str:
    """Format the catalogue as plain text, a line per item."""
    width = max((len(item.name) for item in catalogue), default=0)
    lines: list[str] = []
    for group, items in catalogue.groups().items():
        lines.append(group)
        lines += [f"  {i.name:<{width}}  {amount(i.price):>9}  {i.card.summary}" for i in items]
    return "\n".join(lines)


def wallet_html(wallet: "Wallet", title: str, *, practice: bool = False) -> str:
    """Format the shop: balance, catalogue and owned items.

    In practice there is no balance, and no item has to be owned.
    """
    if practice:
        said = markup.line("Practice: there is no wallet, and everything may be used.")
        return markup.card(_listing(wallet.catalogue, None) + said, title, "practice")
    body = (
        balance_bar(wallet)
        + f'<div style="height:8px"></div>{_listing(wallet.catalogue, wallet.owned)}'
        + markup.line("%shop opens the shop; an order in a %%shop cell buys without clicks.")
    )
    return markup.card(body, title, balance_text(wallet))


def balance_text(wallet: "Wallet") -> str:
    """Format the balance and the budget."""
    return f"{amount(wallet.balance)} left of {amount(wallet.budget)}"


def balance_bar(wallet: "Wallet") -> str:
    """Draw the balance as a share of the budget."""
    share = wallet.balance / wallet.budget if wallet.budget else 0.0
    return markup.meter(share, balance_text(wallet))


def _listing(catalogue: "Catalogue", owned: Mapping[str, int] | None) -> str:
    rows = [
        [*_cells(item, group), *([] if owned is None else [_mark(item, owned.get(item.slug, 0))])]
        for group, items in catalogue.groups().items()
        for item in items
    ]
    head = ["item", "price", "what it does", *([] if owned is None else ["owned"])]
    return markup.table(head, rows, caption="Catalogue with prices", numeric=[1])


def _cells(item: "Item", group: str) -> tuple[str, str, str]:
    name = (
        f'<span style="white-space:nowrap"><span role="img" aria-label="{markup.text(group)}" '
        f'title="{markup.text(group)}" style="display:inline-block;width:1.9em">{icon(group)}'
        f"</span>{markup.text(item.name)}</span>"
    )
    price = f'<span style="white-space:nowrap">{amount(item.price)}</span>'
    said = f'<span style="color:{palette.MUTED_CSS}">{markup.text(item.card.summary)}</span>'
    return name, price, said


def _mark(item: "Item", count: int) -> str:
    if not count:
        return ""
    number = f" × {count}" if item.repeatable else ""  # noqa: RUF001
    return f'<span style="white-space:nowrap;color:{palette.GOOD_CSS}">✓ owned{number}</span>'
