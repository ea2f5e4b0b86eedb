"""What can be said of a game at a glance: its status, its runs, its final scores."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_classgame.shop import Item
from jupyter_classgame.shop.item import amount
from jupyter_classgame.shop.storage.records import FinalRecord, RunRecord
from jupyter_classgame.training.wording import audited_text, counted, score_text

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Status:
    """A game at one moment; ``budget`` and ``balance`` in B NN.

    ``complete`` is false in a notebook that lacks names of the pack's baseline.
    """

    pack: str
    title: str
    team: str
    budget: float
    balance: float
    owned: tuple[tuple[Item, int], ...]
    classes: tuple[str, ...]
    image_size: tuple[int, int]
    images: tuple[int, int, int]
    best: RunRecord | None
    runs: int
    unvalidated: bool
    finals: tuple[int, int]
    max_epochs: int
    model: str
    practice: bool
    ledger: str
    complete: bool = True
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        owned = ", ".join(f"{i.name} x {n}" if n > 1 else i.name for i, n in self.owned)
        height, width = self.image_size
        train, val, test = self.images
        counts = f"{train:,} training, {val:,} validation, {test:,} hidden test"
        rows = [
            f"{self.title} ({self.pack}), team {self.team}" + (", practice" * self.practice),
            f"balance   {self.balance_text()}",
            f"owned     {owned or self.owns_nothing()}",
            f"images    {counts}, {height}x{width}, {len(self.classes)} classes",
            f"best run  {self.best_text('val_acc')}",
            *([f"model     its weights: {self.model}"] if self.model else []),
            f"final     {self.finals_text()}",
            f"limits    {self.limits_text()}",
            f"ledger    {self.ledger}",
            *([f"begin     {self.begin_text()}"] if self.begin_text() else []),
            *(f"note      {note}" for note in self.notes),
        ]
        return "\n".join(rows)

    def balance_text(self) -> str:
        """Say what is left, or that there is no wallet."""
        if self.practice:
            return "none: practice, everything may be used"
        return f"{amount(self.balance)} left of {amount(self.budget)}"

    def best_text(self, score: str) -> str:
        """Say which ranked run is the best, and its validation accuracy, called ``score``."""
        best = self.best
        if best is not None and best.val_acc is not None:
            number = score_text(best.val_acc)
            return f"run {best.number}: {best.label}, {score} {number} at its best epoch"
        if self.practice and self.runs:
            return "none: practice is not ranked; %classgame runs lists what was trained"
        if self.unvalidated:
            return "none that was validated: %train needs a val_loader for that"
        if self.runs:
            return "none that is ranked; %classgame runs lists them all"
        return "none yet; %train makes one"

    def owns_nothing(self) -> str:
        """Say that nothing is owned, or need be."""
        return "nothing: practice" if self.practice else "nothing yet; %shop shows what there is"

    def finals_text(self) -> str:
        """Say how many scores on the hidden test images there were, or that there are none."""
        used, cap = self.finals
        if self.practice:
            return "none: practice is not ranked"
        return f"{used} of {cap} attempts used, {max(0, cap - used)} left"

    def limits_text(self) -> str:
        """Say what the pack limits: the epochs of a model, and the final scores."""
        if self.practice:
            return "none: practice"
        epochs = counted(self.max_epochs, "epoch")
        scores = counted(self.finals[1], "final score")
        return f"{epochs} in a model's life, {scores} of different weights"

    def begin_text(self) -> str:
        """Say how to begin, as long as there is no run and the baseline is not there."""
        return "" if self.complete or self.runs else "%classgame start inserts the baseline's cells"


ENDINGS = {
    "epochs": "after all epochs",
    "patience": "stopped early",
    "user": "stopped by hand",
    "nan": "loss not finite",
    "error": "an error",
    None: "not ended",
}
"""How a run ended, as a table says it."""

RUN_COLUMNS = (
    "run", "model", "val acc", "epochs", "learning rate", "seconds", "rank", "audits", "ended",
)  # fmt: skip
"""What a table of runs shows of each, before what was owned."""


@dataclass(frozen=True, repr=False)
class RunTable:
    """All runs of a game; ``runs`` has them oldest first, what is shown the best first."""

    pack: str
    team: str
    runs: tuple[RunRecord, ...]
    names: Mapping[str, str]
    """The names of items by their slugs."""

    @property
    def best_first(self) -> list[RunRecord]:
        """The runs by their best validation accuracy; those without one last, the newest first."""
        return sorted(self.runs, key=lambda run: (-_score(run), -run.number))

    def frame(self) -> "pd.DataFrame":
        """Give a row a run, the best first.

        ``val_acc`` is the best, ``lr`` the learning rate of the first epoch, ``seconds`` the time
        of training; ``audits`` is how many steps were audited, missing where the ledger does not
        know; ``ended`` is as in a history, "never" where the run has not ended.
        """
        import pandas as pd  # noqa: PLC0415 - loaded on first use

        runs = self.best_first
        rows = [
            {
                "label": run.label,
                "val_acc": run.val_acc,
                "epochs": run.epochs,
                "lr": run.numbers.first_rate if run.numbers else None,
                "seconds": run.numbers.seconds if run.numbers else None,
                "ranked": run.ranked,
                "audits": run.audits.steps if run.audits else None,
                "ended": run.stopped_by or "never",
                "owned": _owned_slugs(run),
            }
            for run in runs
        ]
        columns = [
            "label", "val_acc", "epochs", "lr", "seconds", "ranked", "audits", "ended", "owned",
        ]  # fmt: skip
        index = pd.Index([run.number for run in runs], name="run")
        return pd.DataFrame(rows, index=index, columns=pd.Index(columns))

    def owned_text(self, run: RunRecord) -> str:
        """List what a run owned, by the names of the items."""
        owned = ((self.names.get(slug, slug), count) for slug, count in run.owned.items())
        return ", ".join(f"{s} x {n}" if n > 1 else s for s, n in owned) or "nothing"

    def rows(self) -> list[tuple[str, ...]]:
        """Give the texts of :data:`RUN_COLUMNS`, a row a run, the best first."""
        return [
            (
                str(run.number),
                run.label,
                accuracy_text(run),
                str(run.epochs) if run.stopped_by else "",
                rate_text(run),
                f"{run.numbers.seconds:.1f}" if run.numbers else "",
                "ranked" if run.ranked else "unranked",
                _audits_text(run),
                ENDINGS.get(run.stopped_by) or str(run.stopped_by),
            )
            for run in self.best_first
        ]

    def __repr__(self) -> str:
        if not self.runs:
            return f"team {self.team} has no runs of {self.pack} yet; %train makes one"
        owned = ["owned", *map(self.owned_text, self.best_first)]
        lines = [[cell or "-" for cell in row] for row in (RUN_COLUMNS, *self.rows())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join([*map(str.ljust, line, widths), last])
            for line, last in zip(lines, owned, strict=True)
        )


def _score(run: RunRecord) -> float:
    """Give a run's best validation accuracy, or -1 without one."""
    return -1.0 if run.val_acc is None or math.isnan(run.val_acc) else run.val_acc


def accuracy_text(run: RunRecord) -> str:
    """Write a run's best validation accuracy, or that of training where nothing was validated."""
    if run.val_acc is not None:
        return score_text(run.val_acc)
    if run.numbers is None or run.numbers.train_acc is None:
        return ""
    return f"{score_text(run.numbers.train_acc)} in training"


def _audits_text(run: RunRecord) -> str:
    """Write what came of a run's audits; empty where there were none to be."""
    audits = run.audits
    if audits is None or not (audits.steps or audits.unaudited):
        return ""
    return audited_text(audits.steps, len(audits.breaches), audits.unaudited)


def rate_text(run: RunRecord) -> str:
    """Write the learning rates of a run's first and last epoch, or one if it stayed the same."""
    if run.numbers is None or run.numbers.first_rate is None:
        return ""
    first, last = f"{run.numbers.first_rate:.4g}", f"{run.numbers.last_rate:.4g}"
    return first if first == last else f"{first} → {last}"


@dataclass(frozen=True, repr=False)
class FinalAttempt:
    """What a final score would be of; ``recorded`` where these weights have had one.

    ``score()`` scores it, as ``game.evaluate(model, final=True)`` does, and sooner: what had to be
    asked of the model for this is not asked again.
    """

    name: str
    weights: str
    recorded: bool
    cap: int
    n: int
    past: tuple[FinalRecord, ...]
    score: "Callable[[], FinalScore]"

    @property
    def spends(self) -> bool:
        """Whether the score would take one of the attempts that are left."""
        return not self.recorded and len(self.past) < self.cap

    def not_scored(self) -> "FinalScore":
        """Give what comes in place of the score where it is not wanted."""
        used = len(self.past)
        return FinalScore(
            self.name, math.nan, False, used, self.cap, self.n, self.past, self.weights,
            declined=True,
        )  # fmt: skip

    def __repr__(self) -> str:
        used = len(self.past)
        scores = ", ".join(score_text(record.accuracy) for record in self.past)
        rows = [
            f"{self.name} on {self.n:,} hidden test images",
            f"weights   {self.weights}",
            f"attempts  {used} of {self.cap} used; this one would leave {self.cap - used - 1}"
            if self.spends
            else f"attempts  {used} of {self.cap} used; this takes none",
            *([f"so far    {scores}"] if scores else []),
        ]
        return "\n".join(rows)


@dataclass(frozen=True, repr=False)
class FinalScore:
    """A score on the hidden test images.

    ``accuracy`` in [0, 1] is NaN when no attempt was left, or it was ``declined``, so that code
    which formats or compares it goes on; ``past`` holds all recorded scores, and ``weights`` says
    whose weights were scored.
    """

    name: str
    accuracy: float
    repeated: bool
    used: int
    cap: int
    n: int
    past: tuple[FinalRecord, ...]
    weights: str = ""
    declined: bool = False

    @property
    def scored(self) -> bool:
        """Whether there is a score: an attempt was left, or these weights have had one."""
        return not math.isnan(self.accuracy)

    def attempts(self) -> str:
        """Say which attempt this was, and how many there are."""
        if self.declined:
            return f"{self.used} of {self.cap} attempts used"
        if not self.scored:
            return f"all {self.cap} attempts are used"
        spent = f"{self.used} of {self.cap} attempts used"
        if self.repeated:
            return f"{spent}; the same weights again, recorded before: no attempt was spent"
        return f"attempt {self.used} of {self.cap}"

    def __repr__(self) -> str:
        if self.declined:
            return f"{self.name} was not scored ({self.attempts()})"
        if not self.scored:
            scores = ", ".join(score_text(record.accuracy) for record in self.past) or "none"
            return f"all {self.cap} final attempts are used; scores so far: {scores}"
        return (
            f"{self.name} on {self.n:,} hidden test images: accuracy "
            f"{score_text(self.accuracy)} ({self.attempts()})"
        )


def _owned_slugs(run: RunRecord) -> str:
    """List what a run owned, as code calls the items."""
    return ", ".join(f"{s} x {n}" if n > 1 else s for s, n in run.owned.items()) or "nothing"


def ranked_runs(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Give the runs since the last reset that count, validated or not."""
    return [run for run in runs if run.ranked and run.after_reset and run.epochs]


def best_run(runs: Sequence[RunRecord]) -> RunRecord | None:
    """Give the ranked run since the last reset with the best validation accuracy."""
    scored = [run for run in ranked_runs(runs) if run.val_acc is not None]
    return max(scored, key=lambda run: run.val_acc or 0.0, default=None)
