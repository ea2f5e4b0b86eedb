"""Table of the measured rounds: medians, and ratios paired by round."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from peers.machine import in_words
from peers.side import SIDES

HEAD = (
    "who", "train s/epoch", "to bf16 limit", "to fp32 limit", "to fastest peer", "rest s/epoch",
    "start-up s", "whole s", "val. accuracy", "n",
)  # fmt: skip
BLANK = "-"


@dataclass(frozen=True)
class Row:
    """A side: seconds by round, and the results of its training."""

    who: str
    train: dict[int, float]
    rest: float
    startup: float
    whole: float
    accuracy: float | None
    epochs: int


def steady(seconds: list[float]) -> float:
    """Return the median of a process's epochs, without the first, a warm-up, if there are more."""
    return median(seconds[1:] or seconds)


def learnt(result: dict[str, Any]) -> bool:
    """Whether a side really trained: a loss has fallen, in training or in validation."""
    if SIDES[result["who"]].kind == "limit":
        return True
    losses = result["losses"]
    return losses[-1] < losses[0] or result["after"]["loss"] < result["before"]["loss"]


def rows(results: list[dict[str, Any]]) -> list[Row]:
    """Return one row a side, in the order of the sides."""
    by_side = defaultdict(list)
    for result in results:
        by_side[result["who"]].append(result)
    found = []
    for who, side in SIDES.items():
        if not (mine := by_side.get(who)):
            continue
        scores = [result["after"]["accuracy"] for result in mine]
        found.append(
            Row(
                who,
                {result["round"]: steady(result["train"]) for result in mine},
                median(steady(result["rest"]) for result in mine),
                median(result["startup"] for result in mine),
                median(result["whole"] for result in mine),
                None if side.kind == "limit" else median(scores),
                max(1, len(mine[0]["train"]) - 1),
            )
        )
    return found


def ratio(row: Row, other: Row | None) -> float | None:
    """Return the median of the rounds' ratios."""
    if other is None:
        return None
    pairs = [
        row.train[number] / other.train[number] for number in row.train if number in other.train
    ]
    return median(pairs) if pairs else None


def cells(results: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Return the lines of the table, each a list of cells."""
    found = {row.who: row for row in rows(results)}
    peers = [row for who, row in found.items() if SIDES[who].kind == "peer"]
    fastest = min(peers, key=lambda row: median(row.train.values()), default=None)
    lines = []
    for who, row in found.items():
        seconds = list(row.train.values())
        spread = f"{median(seconds):.3f} ({min(seconds):.3f} to {max(seconds):.3f})"
        ratios = [ratio(row, other) for other in (
            found.get("limit-bf16"), found.get("limit-fp32"), fastest
        )]  # fmt: skip
        title = SIDES[who].title + (" (fastest peer)" if row is fastest else "")
        lines.append(
            (
                title,
                spread,
                *(BLANK if number is None else f"{number:.2f}" for number in ratios),
                f"{row.rest:.3f}",
                f"{row.startup:.1f}",
                f"{row.whole:.1f}",
                BLANK if row.accuracy is None else f"{row.accuracy:.3f}",
                f"{len(seconds)} x {row.epochs}",
            )
        )
    return lines


def title(report: dict[str, Any]) -> str:
    """Describe the measurement in one line."""
    task = report["task"]
    return (
        f"{report['title']} ({report['numbers']:,} parameters with running statistics), "
        f"{report['data']}, batch {report['batch']}, {report['optimizer']}, "
        f"{task['epochs']} epochs, {report['threads']} threads, on {report['device']}"
    )


def text(report: dict[str, Any]) -> str:
    """Write the table for a terminal."""
    lines = [HEAD, *cells(report["results"])]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEAD))]
    body = [
        "  ".join(cell.rjust(width) if place else cell.ljust(width)
                  for place, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    ]  # fmt: skip
    return "\n".join([title(report), *body, *_below(report)])


def markdown(report: dict[str, Any]) -> str:
    """Write the table as Markdown, with machine and versions under it."""
    lines = [HEAD, ("---", *["---:"] * (len(HEAD) - 1)), *cells(report["results"])]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join([f"**{title(report)}.**", table, *_below(report)])


def _below(report: dict[str, Any]) -> list[str]:
    said = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    layouts = {
        r["who"]: ", ".join(r["notes"]) for r in report["results"] if r["who"][:5] == "limit"
    }
    layout = "; ".join(f"{SIDES[who].title} in {note}" for who, note in layouts.items())
    first = f"Measured {report['date']} on {in_words(report['machine'])}."
    return [f"{first} {said}.{f' Layouts: {layout}.' if layout else ''}"]


def place(page: Path, name: str, table: str) -> None:
    """Put a table into a page, between ``<!-- peers NAME -->`` and ``<!-- end -->``.

    Raises
    ------
    SystemExit
        The page has no such place.
    """
    before = page.read_text()
    pattern = re.compile(rf"(<!-- peers {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    after, count = pattern.subn(lambda found: f"{found[1]}{table}\n{found[2]}", before)
    if not count:
        raise SystemExit(f"{page}: has no place for it, <!-- peers {name} --> to <!-- end -->")
    page.write_text(after)
