"""The referee's verdict and the coach's findings as one card, errors first."""

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_classgame.shop.item import amount
from jupyter_classgame.widgets import markup, palette

if TYPE_CHECKING:
    from jupyter_classgame.referee import Evidence, Finding, Verdict

SIGNS = {"error": ("✖", palette.BAD_CSS), "warning": ("▲", palette.WARN_CSS)}
CHECKED = ("✓", palette.GOOD_CSS)
UNRANKED = ("·", palette.MUTED_CSS)


def verdict_bundle(verdict: "Verdict") -> dict[str, str]:
    """Make the static card of a verdict."""
    return {"text/html": verdict_html(verdict), "text/plain": verdict.text()}


def above_a_run(verdict: "Verdict") -> "Verdict | None":
    """Return what there is to report above a run about to start; None if there is nothing.

    What is owned and not in use is said beside the run itself.
    """
    if not verdict.findings and verdict.rankable:
        return None
    return replace(verdict, unused={})


def verdict_html(verdict: "Verdict") -> str:
    """Format findings, what is in use, owned or not, and what could not be observed."""
    parts = [_finding(finding) for finding in verdict.findings]
    head = ["", "in use", "times", "evidence", *(["price"] if verdict.costs else [])]
    rows = [_row(verdict, key, seen)[: len(head)] for key, seen in verdict.in_use.items()]
    if rows:
        parts.append(markup.table(head, rows, caption="In use", numeric=[4]))
    if verdict.order:
        parts.append(_order_html(verdict.remedy))
    elif verdict.remedy:
        parts.append(markup.line(verdict.remedy, muted=False))
    parts += [markup.line(said, muted=False) for said in verdict.unused_lines()]
    parts += [markup.line(f"not observed: {reason}") for reason in verdict.unknown]
    parts += [markup.line(f"not ranked: {reason}") for reason in verdict.unranked]
    if not parts:
        parts = [markup.line("Nothing in use needs buying, and the coach has nothing to say.")]
    return markup.card("".join(parts), "Referee and coach", summary(verdict))


def summary(verdict: "Verdict") -> str:
    """Summarise a verdict in a few words."""
    if verdict.practice and not verdict.errors:
        return "practice: not ranked"
    if not verdict.allowed:
        return "not owned or not allowed"
    if verdict.errors:
        return "errors to fix"
    return "may be ranked" if verdict.rankable else "may be trained, unranked"


def _row(verdict: "Verdict", key: str, seen: "Evidence") -> tuple[str, ...]:
    """Format a technique in use: a sign, its name, how often, as what it was seen, and a price."""
    price = markup.text(amount(verdict.costs[key])) if key in verdict.costs else ""
    price = f'<span style="white-space:nowrap">{price}</span>'
    return (
        _mark(verdict, key),
        _named(verdict, key),
        str(seen.count),
        markup.text(seen.text),
        price,
    )


def _mark(verdict: "Verdict", name: str) -> str:
    bad = name in verdict.unowned or name in verdict.forbidden
    if bad and verdict.practice:
        sign, colour = UNRANKED
        return f'<span style="color:{colour}" aria-hidden="true">{sign}</span>'
    sign, colour = SIGNS["error"] if bad else CHECKED
    said = "not allowed" if name in verdict.forbidden else "not owned" if bad else "fine"
    return f'<span style="color:{colour}" aria-label="{said}" title="{said}">{sign}</span>'


def _named(verdict: "Verdict", name: str) -> str:
    bad = name in verdict.unowned or name in verdict.forbidden
    end = ": trains, unranked" if verdict.practice else ""
    called = markup.isolated(verdict.name(name))
    note = ", not allowed" if name in verdict.forbidden else ", not owned" if bad else ""
    return (
        f'<span style="white-space:nowrap">{markup.text(called)}</span>{note}{end if bad else ""}'
    )


def _finding(finding: "Finding") -> str:
    sign, colour = SIGNS[finding.severity]
    return (
        f'<div style="margin:4px 0"><span aria-hidden="true" style="color:{colour}">{sign}</span> '
        f'<strong style="color:{colour}">{markup.text(finding.severity)}</strong> '
        f"{markup.text(finding.message)}<br>"
        f'<span style="color:{palette.MUTED_CSS}">fix: </span>'
        f'<code style="font-family:{palette.CODE_FONT_CSS}">{markup.text(finding.fix)}</code></div>'
    )


def _order_html(remedy: str) -> str:
    """Show the price of what is missing and the cell that would buy it."""
    return (
        f'<pre style="margin:8px 0 0;white-space:pre-wrap;font-family:{palette.CODE_FONT_CSS};'
        f'color:{palette.TEXT_CSS}">{markup.text(remedy)}</pre>'
    )
