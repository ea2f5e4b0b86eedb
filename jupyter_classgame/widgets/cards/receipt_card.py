"""A receipt as HTML: the outcome of an order, and the balance."""

from typing import TYPE_CHECKING

from jupyter_classgame.shop.item import amount, signed
from jupyter_classgame.widgets import markup, palette

if TYPE_CHECKING:
    from jupyter_classgame.shop import Receipt, ReceiptLine

SIGNS = {"bought": "✓", "returned": "↩", "unchanged": "="}
COLOURS = {
    "bought": palette.GOOD_CSS,
    "returned": palette.WARN_CSS,
    "unchanged": palette.MUTED_CSS,
}


def receipt_html(receipt: "Receipt") -> str:
    """Format a receipt: a line per item, the balance before and after."""
    foot = (
        "balance",
        f'<span style="font-weight:400;color:{palette.MUTED_CSS}">'
        f"{amount(receipt.before)} before</span>"
        if receipt.changed
        else "",
        f"{amount(receipt.after)}",
    )
    rows = [_row(line) for line in receipt.lines]
    body = markup.table(
        ["item", "", "balance"], rows, caption="Receipt", numeric=[2], foot=foot
    ) + markup.line(_closing(receipt))
    return markup.card(body, "Receipt", f"team {receipt.team}")


def _row(line: "ReceiptLine") -> tuple[str, str, str]:
    name = markup.isolated(line.item.name)
    name = f"{name} × {line.count}" if line.count > 1 else name  # noqa: RUF001
    said = f"{line.verb}, {line.note}" if line.note else line.verb
    colour = COLOURS[line.verb]
    change = "" if line.verb == "unchanged" else signed(-line.amount)
    shown = (
        f'<span aria-hidden="true" style="display:inline-block;width:1.1em;font-weight:700;'
        f'color:{colour}">{SIGNS[line.verb]}</span>{markup.text(name)}'
    )
    return (
        shown,
        f'<span style="color:{colour}">{markup.text(said)}</span>',
        markup.text(change).replace("-", "−"),  # noqa: RUF001
    )


def _closing(receipt: "Receipt") -> str:
    if not receipt.changed:
        return "Nothing changed: the team's wallet is as this order wants it."
    spent = receipt.budget - receipt.after
    return f"{amount(spent)} of {amount(receipt.budget)} spent."
