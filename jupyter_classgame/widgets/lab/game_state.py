"""The state of a game as messages of the protocol: JSON values of limited length."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_classgame.events import EpochEnded, HandEdited, Progress, RunEnded, RunStarted
from jupyter_classgame.shop.item import amount
from jupyter_classgame.training.wording import rounded_score
from jupyter_classgame.widgets.cards.verdict_card import summary
from jupyter_classgame.widgets.comm.message_schema import size
from jupyter_classgame.widgets.lab.run_curves import (
    Numbers,
    RunNumbers,
    accuracies,
    cut,
    note,
    pairs,
)

if TYPE_CHECKING:
    from jupyter_classgame.referee import Verdict
    from jupyter_classgame.session.game import Game
    from jupyter_classgame.shop.storage.records import RunRecord

MAX_ITEMS = 60
MAX_RUNS = 300
MAX_SPARKLINES = 12
"""Most runs with a curve in the list."""

ROOM = 40_000
"""Most bytes of the list of runs: about 300 with short names."""

MAX_LINES = 16
MAX_POINTS = 40
"""Most points of a curve."""

NAME, LINE = 80, 200
"""Most characters of a name, and of a line."""


@dataclass
class RunView:
    """A run, followed by its events; ``epoch`` counts from 1, ``fraction`` is of the whole run.

    ``unranked_reasons`` were there before it began, ``lost_rank`` says why it lost its rank.
    """

    run: int
    label: str
    epochs: int
    unranked_reasons: Sequence[str] = ()
    unused: Sequence[str] = ()
    lost_rank: Sequence[str] = ()
    epoch: int = 0
    fraction: float = 0.0
    ended: str = ""
    message: str = ""
    numbers: Numbers = field(default_factory=RunNumbers)

    @classmethod
    def of(cls, event: RunStarted) -> "RunView":
        """Create the view of a run that starts."""
        view = cls(event.run, event.label, event.epochs, event.unranked_reasons, event.unused)
        view.numbers.first_epoch = event.first_epoch
        for earlier in event.earlier:
            view.take(earlier)
        return view

    def take(self, event: Progress | EpochEnded | HandEdited | RunEnded) -> None:
        """Update from an event of this run."""
        match event:
            case Progress():
                self.epoch = event.epoch
                within = event.batch / event.batches if event.batches else 0.0
                self.fraction = min(1.0, (event.epoch - 1 + within) / max(1, event.epochs))
            case EpochEnded():
                self.epoch = event.epoch
                self.fraction = min(1.0, event.epoch / max(1, event.epochs))
                note(self.numbers, event)
            case HandEdited():
                note(self.numbers, event)
            case RunEnded():
                self.ended, self.message = event.stopped_by, event.message
                first = self.numbers.first_epoch
                self.numbers = RunNumbers(edits=list(event.edits), first_epoch=first)
                for epoch in event.epochs:
                    note(self.numbers, epoch)

    @property
    def finished(self) -> bool:
        """Whether the run has ended; ``ended`` says by what."""
        return bool(self.ended)

    def to_message(self, *, paused: bool, stopping: bool) -> dict[str, Any]:
        """Return the run as a message of the protocol."""
        return {
            "run": self.run,
            "label": cut(self.label, NAME),
            "epoch": self.epoch,
            "epochs": self.epochs,
            "fraction": round(self.fraction, 4),
            "paused": paused,
            "stopping": stopping,
            "finished": self.finished,
            "ended": self.ended,
            "note": cut(self.message or "; ".join(self.unranked_reasons), LINE),
            "lost_rank": cut("; ".join(self.lost_rank), LINE),
            "unused": [cut(line, LINE) for line in self.unused[:MAX_LINES]],
            "edits": len(self.numbers.edits),
            "validated": bool(self.numbers.val_acc or not self.numbers.train_acc),
            "curve": curve(accuracies(self.numbers)),
        }


def wallet_message(game: "Game") -> dict[str, Any]:
    """Return a team's wallet, read from the ledger, for the protocol."""
    wallet, used = game.wallet, game.used
    owned = [
        {
            "slug": cut(slug, NAME),
            "name": cut(wallet.catalogue[slug].name, NAME),
            "count": count,
            "used": slug in used,
        }
        for slug, count in wallet.owned.items()
    ]
    return {
        "pack": game.pack.name,
        "title": cut(game.pack.title, NAME),
        "team": game.team,
        "practice": game.practice,
        "budget": float(wallet.budget),
        "balance": float(wallet.balance),
        "owned": owned[:MAX_ITEMS],
    }


def runs_message(
    records: Iterable["RunRecord"], curves: Mapping[int, Sequence[float]], room: int = ROOM
) -> list[dict[str, Any]]:
    """Return a team's runs for the protocol, the best first, as many as there is room for in bytes.

    Those of other kernels have no curve in the list; they are ``drawable`` if the ledger has one.
    """
    best = sorted(records, key=lambda run: (-_score(run), -run.number))
    messages: list[dict[str, Any]] = []
    for run in best[:MAX_RUNS]:
        values = curves.get(run.number, ())
        drawable = bool(values) or (run.numbers is not None and run.epochs > 0)
        message = {
            "run": run.number,
            "label": cut(run.label, NAME),
            "epochs": run.epochs,
            "val_acc": None if _score(run) < 0 else rounded_score(_score(run)),
            "ranked": run.ranked,
            "ended": run.stopped_by or "never",
            "drawable": drawable,
            "curve": curve(values) if len(messages) < MAX_SPARKLINES else [],
        }
        room -= size(message) + 2  # and a comma
        if room < 0:
            break
        messages.append(message)
    return messages


def verdict_message(verdict: "Verdict") -> dict[str, Any]:
    """Return the findings of referee and coach for the protocol, problems first."""
    bad = {slug: _not_owned(verdict, slug) for slug in verdict.unowned}
    bad |= dict.fromkeys(verdict.forbidden, "not allowed")
    stops = "note" if verdict.practice else "error"
    lines: list[tuple[str, str]] = [(f.severity, f"{f.message}; {f.fix}") for f in verdict.findings]
    lines += [
        (stops, f"{verdict.name(key)}: {why}: {verdict.in_use[key].text}")
        for key, why in bad.items()
    ]
    lines += [("note", said) for said in verdict.unused_lines()]
    lines += [("note", f"not observed: {reason}") for reason in verdict.unknown]
    lines += [("note", f"not ranked: {reason}") for reason in verdict.unranked]
    lines += [
        ("fine", f"{verdict.name(key)}: {seen.text}")
        for key, seen in verdict.in_use.items()
        if key not in bad
    ]
    return {
        "summary": summary(verdict),
        "lines": [{"kind": kind, "text": cut(text, LINE)} for kind, text in lines[:MAX_LINES]],
    }


def _not_owned(verdict: "Verdict", slug: str) -> str:
    price = f", {amount(verdict.costs[slug])}" if slug in verdict.costs else ""
    return f"not owned{price}"


def curve(values: Sequence[float]) -> list[list[float]]:
    """Return pairs of epoch and accuracy, at most :data:`MAX_POINTS`, to four decimals."""
    return [[epoch, rounded_score(height)] for epoch, height in pairs(values, MAX_POINTS)]


def _score(run: "RunRecord") -> float:
    """Return a run's best validation accuracy, or -1 without one."""
    return -1.0 if run.val_acc is None or not math.isfinite(run.val_acc) else run.val_acc
