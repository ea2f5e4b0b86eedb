"""The catalogue as static HTML: the shop's twin, and what a catalogue shows by itself."""

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
"""A sign for each shelf."""


def icon(group: str) -> str:
    """Give a shelf's sign."""
    return ICONS.get(group, "🧩")


def catalogue_html(catalogue: "Catalogue") -> str:
    """List what is for sale, a table with one body of rows for each shelf."""
    return markup.card(_listing(catalogue, None), "Catalogue", f"{len(catalogue)} items")


def catalogue_text(catalogue: "Catalogue") -> str:
    """List what is for sale in plain text, a line an item."""
    width = max((len(item.name) for item in catalogue), default=0)
    lines: list[str] = []
    for group, items in catalogue.groups().items():
        lines.append(group)
        lines += [f"  {i.name:<{width}}  {amount(i.price):>9}  {i.card.summary}" for i in items]
    return "\n".join(lines)


def wallet_html(wallet: "Wallet", title: str, *, practice: bool = False) -> str:
    """Show the shop as it stands: the balance, the catalogue, and what is owned.

    In practice there is no balance, and nothing need be owned.
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
    """Say what is left and what was spent."""
    return f"{amount(wallet.balance)} left of {amount(wallet.budget)}"


def balance_bar(wallet: "Wallet") -> str:
    """Draw what is left of the budget."""
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
