"""The verdict on a run: the techniques in use, compared with the items that the team owns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jupyter_classgame.packs.techniques import AFTER_TRAINING
from jupyter_classgame.referee.audit.expectations import Expectations
from jupyter_classgame.referee.evidence import Evidence, Finding

UNRANKED = "not owned or not allowed; trains, unranked"

ROUNDING = 1e-9
"""Rounding error of a sum of prices such as 0.1, in B NN."""


@dataclass(frozen=True, repr=False)
class Verdict:
    """The verdict of the referee on a run.

    Attributes
    ----------
    in_use
        Evidence by slug where the pack sells the technique, else by the technique's name.
    unowned
        Slugs of items in use that are not owned, or not often enough; never one of price 0.
    forbidden
        Techniques in use that the pack neither sells nor frees.
    findings
        The findings of the coach, errors first.
    unknown
        What could not be observed, one line each; such a run cannot be ranked.
    unranked
        Further reasons why the run cannot be ranked, one line each.
    message
        The refusal, in full; empty for a practice run, and where nothing is unowned or forbidden.
    order
        The ``%%shop`` cell that buys what is missing; empty where nothing is, or where the team
        cannot pay for it.
    reasons
        Why nothing is trained, one line each: the message without the remedy.
    remedy
        The end of the message: the price and the order for what is missing, or that the team
        cannot afford it; empty where neither applies.
    practice
        The run is not ranked, so that nothing in use stops it.
    names, costs
        By slug: what an item is called, and what it would cost to own enough of it, in B NN, where
        it is not.
    unused
        By slug: how many of an item are owned and not in use, 1 or more.
    once_used
        By slug: the run that used such an item before, where there is one.
    expected
        What is to stay so for the whole of the run.
    buy
        Carries out an order; None where there is nothing to buy with.
    """

    in_use: dict[str, Evidence] = field(default_factory=dict)
    unowned: list[str] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    message: str = ""
    unranked: list[str] = field(default_factory=list)
    order: str = ""
    reasons: tuple[str, ...] = ()
    remedy: str = ""
    practice: bool = False
    names: dict[str, str] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    unused: dict[str, int] = field(default_factory=dict)
    once_used: dict[str, str] = field(default_factory=dict)
    expected: Expectations = field(default=Expectations(), compare=False)
    buy: Callable[[str], Any] | None = field(default=None, compare=False)

    def text(self) -> str:
        """Return the verdict as plain text: the findings, what is in use, the refusal."""
        bad = {*self.unowned, *self.forbidden}
        told = bad if self.message else set()  # the refusal has their evidence
        lines = [f"{f.severity}: {f.message} ({f.code}); {f.fix}" for f in self.findings]
        lines += [
            f"in use: {self.name(key)} x {e.count}: {e.text}"
            for key, e in self.in_use.items()
            if key not in told
        ]
        lines += self.unused_lines()
        lines += [f"not observed: {reason}" for reason in self.unknown]
        lines += [f"not ranked: {reason}" for reason in self.unranked]
        lines += [
            f"{self.name(key)}: {UNRANKED}"
            for key in (*self.unowned, *self.forbidden)
            if self.practice
        ]
        lines += self.message.splitlines()
        return "\n".join(lines) or "nothing in use needs buying, and nothing is wrong"

    def name(self, key: str) -> str:
        """Return what a player calls a slug or a technique in use."""
        return self.names.get(key, key)

    def unused_lines(self) -> tuple[str, ...]:
        """Say of each item that is owned and not in use that it is not, a line each.

        What could not be observed may be in use unseen, which the lines then say.
        """
        return tuple(self._unused_line(slug, number) for slug, number in self.unused.items())

    def _unused_line(self, slug: str, number: int) -> str:
        seen = "not seen in use" if self.unknown else "not in use"
        part = f"{number} of {number + self.in_use[slug].count} " if slug in self.in_use else ""
        before = f"; {self.once_used[slug]} used it" if slug in self.once_used else ""
        return f"{self.name(slug)}: {part}owned, {seen}{before}"

    def __repr__(self) -> str:
        return self.text()

    def for_practice(self) -> "Verdict":
        """Return the verdict on the same run as practice, which nothing in use stops."""
        return replace(self, practice=True, message="", order="", reasons=(), remedy="", costs={})

    @property
    def allowed(self) -> bool:
        """Whether everything in use is owned or free."""
        return not self.unowned and not self.forbidden

    @property
    def rankable(self) -> bool:
        """Whether the run may be ranked: allowed, fully observed, and nothing else against it."""
        return self.allowed and not self.unknown and not self.unranked

    @property
    def errors(self) -> list[Finding]:
        """The findings that stop a run."""
        return [finding for finding in self.findings if finding.severity == "error"]


def judge(
    in_use: Mapping[str, Evidence],
    *,
    catalogue: Iterable[Any],
    owned: Mapping[str, int],
    free: Iterable[str] = (),
    baseline: Mapping[str, int] | None = None,
    findings: Sequence[Finding] = (),
    unknown: Sequence[str] = (),
    balance: float | None = None,
) -> Verdict:
    """Compare the techniques in use with a pack's catalogue and a team's wallet.

    Parameters
    ----------
    in_use
        Evidence by technique.
    catalogue
        Items with ``slug``, ``name``, ``technique``, ``price`` (B NN), ``repeatable`` and
        ``contains``.
    owned
        How many of each item the team owns, by slug.
    free
        Techniques that cost nothing.
    baseline
        How often a technique may be used without owning it, such as ``{"convolution": 2}``.
    findings, unknown
        The findings of the coach, and what could not be observed; part of the verdict as they are.
    balance
        What the team has left, in B NN; None for an unlimited balance.
    """
    catalogue = tuple(catalogue)
    items = {item.technique: item for item in catalogue}
    free, baseline = set(free), baseline or {}
    verdict = Verdict(
        findings=sorted(findings, key=lambda f: f.severity != "error"), unknown=list(unknown)
    )
    lacking: list[tuple[Any, int, Evidence]] = []
    banned: list[tuple[str, Evidence]] = []
    for technique, seen in _charged(in_use, items, owned, baseline).items():
        needed = seen.count - baseline.get(technique, 0)
        if needed <= 0:
            continue
        item = items.get(technique)
        evidence = Evidence(needed, seen.text)
        verdict.in_use[item.slug if item else technique] = evidence
        if technique in free:
            continue
        if item is None:
            verdict.forbidden.append(technique)
            banned.append((technique, evidence))
        elif item.price > 0 and owned.get(item.slug, 0) < (needed if item.repeatable else 1):
            verdict.unowned.append(item.slug)
            lacking.append((item, needed if item.repeatable else 1, evidence))
    missing = [(item, count - owned.get(item.slug, 0), seen) for item, count, seen in lacking]
    total = sum(item.price * number for item, number, _ in missing)
    within = balance is None or total <= balance + ROUNDING
    order = _order([(item, count) for item, count, _ in lacking]) if within else ""
    lines = [
        f"in use, not owned: {item.name}{_times(n)} ({item.price * n:g} B NN): {seen.text}"
        for item, n, seen in missing
    ]
    lines += [
        f"in use, not allowed in this game: {technique}: {seen.text}; take it out"
        for technique, seen in banned
    ]
    remedy = ""
    if order:
        remedy = f"to buy {'it' if len(lacking) == 1 else 'them'} for {total:g} B NN:\n{order}"
    elif not within:
        remedy = f"out of reach: {total:g} of {balance:g} B NN"
    unused = _unused(catalogue, owned, verdict.in_use)
    return replace(
        verdict,
        message="\n".join([*lines, remedy] if remedy else lines),
        order=order,
        reasons=tuple(lines),
        remedy=remedy,
        names={i.slug: i.name for i in catalogue if i.slug in verdict.in_use or i.slug in unused},
        costs={item.slug: item.price * number for item, number, _ in missing},
        unused=unused,
    )


def _unused(
    catalogue: Iterable[Any], owned: Mapping[str, int], in_use: Mapping[str, Evidence]
) -> dict[str, int]:
    """Count the items that are owned and not in use, but for those that come after training."""
    unused: dict[str, int] = {}
    for item in catalogue:
        used = in_use[item.slug].count if item.slug in in_use else 0
        left = owned.get(item.slug, 0) - used
        if left > 0 and item.technique not in AFTER_TRAINING:
            unused[item.slug] = left
    return unused


def _charged(
    in_use: Mapping[str, Evidence],
    items: Mapping[str, Any],
    owned: Mapping[str, int],
    baseline: Mapping[str, int],
) -> dict[str, Evidence]:
    """Attribute techniques that an item contains to that item, if it is in use or owned.

    A technique whose own item the team has bought is attributed to that.
    """
    beyond = {t: seen for t, seen in in_use.items() if seen.count > baseline.get(t, 0)}
    bought = {items[t].slug for t in beyond if t in items} & owned.keys()
    homes = {
        part: item
        for item in items.values()
        if item.technique in beyond or item.slug in owned
        for part in item.contains
        if part in beyond and part != item.technique
        if part not in items or items[part].slug not in bought
    }
    charged = {t: seen for t, seen in beyond.items() if t not in homes}
    for part, item in homes.items():
        count = 1 + baseline.get(item.technique, 0)
        charged.setdefault(item.technique, Evidence(count, f"{part}: {beyond[part].text}"))
    return charged


def _times(number: int) -> str:
    return f" x {number}" if number > 1 else ""


def _order(lacking: Sequence[tuple[Any, int]]) -> str:
    """Return the cell that buys items; empty for none."""
    items = (_ordered(item) + (_times(n) if item.repeatable else "") for item, n in lacking)
    return f"%%shop\nbuy {', '.join(items)}" if lacking else ""


def _ordered(item: Any) -> str:
    """Return what an item is called in an order, where a comma or a ``#`` ends its name."""
    name: str = item.slug if {",", "#"} & set(item.name) else item.name
    return name
