"""Building blocks of HTML: escaped text, cards, tables. User input is always escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from jupyter_classgame.widgets import palette

_CARD = (
    f"box-sizing:border-box;display:inline-block;max-width:100%;padding:12px 16px;margin:2px 0;"
    f"border:1px solid {palette.BORDER_CSS};border-radius:8px;background:{palette.CARD_CSS};"
    f"color:{palette.TEXT_CSS};font-family:{palette.FONT_CSS};font-size:13px;line-height:1.45;"
    "overflow-x:auto"
)
_CELL = "padding:3px 14px 3px 0;border:0;background:none;vertical-align:baseline"


def text(value: object) -> str:
    """Escape anything for use as text or as a quoted attribute."""
    return escape(str(value), quote=True)


def isolated(name: str) -> str:
    """Isolate a name's writing direction, so that it does not reorder numbers beside it.

    Plain text: a name with other than Latin letters is put between FSI and PDI (UAX #9).
    """
    latin = all(letter < "\u0250" for letter in name)
    return name if latin else f"\u2068{name}\u2069"


def card(body: str, title: str, aside: str = "", *, label: str = "") -> str:
    """Frame a body of HTML; ``title``, ``aside`` and ``label`` are plain text."""
    note = f'<span style="color:{palette.MUTED_CSS}">{text(aside)}</span>' if aside else ""
    return (
        f'<div role="group" aria-label="{text(label or title)}" style="{_CARD}">'
        '<div style="display:flex;gap:24px;justify-content:space-between;align-items:baseline;'
        f'margin-bottom:6px"><strong style="font-size:14px">{text(title)}</strong>{note}</div>'
        f"{body}</div>"
    )


def line(content: str, *, muted: bool = True) -> str:
    """Format a paragraph of plain text."""
    colour = palette.MUTED_CSS if muted else palette.TEXT_CSS
    return f'<div style="color:{colour};margin-top:6px">{text(content)}</div>'


def failure(content: str) -> str:
    """Format a paragraph of plain text that says what went wrong, in red and with a sign."""
    return (
        f'<div style="color:{palette.BAD_CSS};font-family:{palette.FONT_CSS};font-size:13px;'
        f'margin:4px 0"><span aria-hidden="true">✖ </span>{text(content)}</div>'
    )


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    caption: str,
    numeric: Iterable[int] = (),
    foot: Sequence[str] = (),
) -> str:
    """Lay out cells of HTML (escape them first) under plain-text headings.

    The first cell of a row is its heading; ``numeric`` columns are set flush right; ``caption`` is
    read aloud, not shown.
    """
    right = set(numeric)

    def cell(column: int, content: str, *, strong: bool = False) -> str:
        side = "right" if column in right else "left"
        weight = 600 if strong else 400
        style = f"{_CELL};text-align:{side};font-weight:{weight};font-variant-numeric:tabular-nums"
        if column == 0:
            return f'<th scope="row" style="{style}">{content}</th>'
        return f'<td style="{style}">{content}</td>'

    titles = "".join(
        f'<th scope="col" style="{_CELL};text-align:{"right" if column in right else "left"};'
        f'font-weight:400;color:{palette.MUTED_CSS}">{text(title)}</th>'
        for column, title in enumerate(head)
    )
    body = "".join(
        "<tr>" + "".join(cell(column, content) for column, content in enumerate(row)) + "</tr>"
        for row in rows
    )
    last = "".join(cell(column, content, strong=True) for column, content in enumerate(foot))
    rule = f"border-top:1px solid {palette.BORDER_CSS}"
    return (
        f'<table aria-label="{text(caption)}" style="border-collapse:collapse;margin:0;'
        f'font-size:13px;color:inherit;table-layout:auto"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody>"
        + (f'<tfoot><tr style="{rule}">{last}</tr></tfoot>' if foot else "")
        + "</table>"
    )


def meter(share: float, label: str, *, colour: str = palette.BRAND_CSS, width: str = "100%") -> str:
    """Draw a bar filled to ``share`` (0 to 1); ``label`` says the same in words."""
    percent = 100 * min(max(share, 0.0), 1.0)
    return (
        f'<div role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent:.0f}" aria-label="{text(label)}" '
        f'style="width:{width};height:8px;border-radius:4px;overflow:hidden;'
        f'background:{palette.SUNK_CSS}"><div style="width:{percent:.1f}%;height:100%;'
        f'border-radius:4px;background:{colour}"></div></div>'
    )


def facts(rows: Iterable[tuple[str, str]], *, caption: str) -> str:
    """List names with their values, both plain text."""
    cells = "".join(
        f'<tr><th scope="row" style="{_CELL};text-align:left;font-weight:400;'
        f'color:{palette.MUTED_CSS};white-space:nowrap">{text(name)}</th>'
        f'<td style="{_CELL};text-align:left">{text(value)}</td></tr>'
        for name, value in rows
    )
    return (
        f'<table aria-label="{text(caption)}" style="border-collapse:collapse;margin:0;'
        f'font-size:13px;color:inherit"><tbody>{cells}</tbody></table>'
    )


def side_by_side(*pieces: str) -> str:
    """Put pieces of HTML in a row, or one below the other where it is narrow."""
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:4px 12px;align-items:flex-start">'
        f"{''.join(pieces)}</div>"
    )
