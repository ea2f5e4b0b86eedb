"""What the ledger holds, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class GameRecord:
    """One team's game of one pack."""

    id: int
    team: str
    pack: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Holdings:
    """What a team owns: slug to count, above zero only, and slug to what was paid, in B NN."""

    owned: Mapping[str, int]
    paid: Mapping[str, float]


@dataclass(frozen=True)
class RunRecord:
    """One run as the ledger has it; ``number`` counts the game's runs from 1.

    ``owned`` and ``in_use`` map slugs to counts: what the team had, and what the referee saw.
    ``ranked`` is how it ended, ``began_ranked`` how it began. ``edits`` counts the hand edits of
    the learning rate in the model's life, ``rates`` are those it was left with (empty where a
    schedule moved them), ``answers`` its scores (images, classes) on a few known images (empty
    where they are not known).
    """

    id: int
    number: int
    label: str
    ranked: bool
    owned: Mapping[str, int]
    in_use: Mapping[str, int]
    started: datetime
    stopped_by: str | None = None
    epochs: int = 0
    life_epochs: int = 0
    val_acc: float | None = None
    val_loss: float | None = None
    weights: str | None = None
    after_reset: bool = False
    began_ranked: bool = False
    edits: int = 0
    rates: Sequence[float] = ()
    answers: Sequence[Sequence[float]] = ()


@dataclass(frozen=True)
class EpochRecord:
    """An epoch of a run, of which there is a checkpoint.

    ``life_epochs`` counts the model's whole life; ``weights`` is their fingerprint.
    """

    run: str
    epoch: int
    life_epochs: int
    weights: str
    ranked: bool


@dataclass(frozen=True)
class FinalRecord:
    """One scoring on the hidden test images; slug to count: ``owned``, and ``in_use`` by it."""

    weights: str
    accuracy: float
    owned: Mapping[str, int]
    in_use: Mapping[str, int]
    at: datetime
