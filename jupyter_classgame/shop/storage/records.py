"""Records of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

UNRECORDED = 0
"""In place of a run's id where the ledger could not take it."""


@dataclass(frozen=True)
class GameRecord:
    """A team's game of a pack."""

    id: int
    team: str
    pack: str
    spec: Mapping[str, Any]


@dataclass(frozen=True)
class Holdings:
    """What a team owns: slug to count above zero, and slug to the amount paid in B NN."""

    owned: Mapping[str, int]
    paid: Mapping[str, float]


@dataclass(frozen=True)
class RunNumbers:
    """What was measured in a run.

    ``first_rate`` and ``last_rate`` are the learning rates of its first and its last epoch,
    ``seconds`` is the time of training, ``train_acc`` the training accuracy of its best epoch.
    ``curves`` maps names of a history's numbers, and "edits", to pairs of epoch and value.
    """

    first_rate: float | None = None
    last_rate: float | None = None
    seconds: float = 0.0
    train_acc: float | None = None
    curves: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class TensorMark:
    """What a weight tensor that a run has trained is known again by.

    Attributes
    ----------
    digest
        16 hexadecimal digits; the same in any order of its numbers.
    size
        How many numbers it has.
    sketch
        Sums of its numbers; empty for most tensors.
    """

    digest: str
    size: int
    sketch: tuple[float, ...] = ()


@dataclass(frozen=True)
class RunAudits:
    """What the audits of a run came to.

    ``steps`` is how many were audited, ``breaches`` what was found and should not have been, each
    as its fields, ``unaudited`` maps what could not be audited to the reason.
    """

    steps: int = 0
    breaches: Sequence[Mapping[str, Any]] = ()
    unaudited: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """What a model said of some validation images.

    Attributes
    ----------
    images
        Their numbers in the game's validation images.
    classes, scores
        Of each, the class with the highest score, and that score.
    operations
        Digest of what ran in the passes; empty where it is not the same in all of them.
    """

    images: Sequence[int]
    classes: Sequence[int]
    scores: Sequence[float]
    operations: str = ""


@dataclass(frozen=True)
class RunRecord:
    """A run; ``number`` counts the game's runs from 1.

    ``owned`` and ``in_use`` map slugs to counts: what the team owned, and what the referee
    observed. ``ranked`` is the status at the end, ``began_ranked`` at the start. ``edits`` counts
    the hand edits of the learning rate over the model's whole life, ``rates`` are the learning
    rates at the end (empty if a schedule changed them), ``answers`` what the model said of
    validation images (None if not known). ``numbers`` are None for a run that has not
    ended, or was recorded by an earlier version; its curves are read by themselves. So are
    ``audits``.
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
    answers: Answers | None = None
    numbers: RunNumbers | None = None
    audits: RunAudits | None = None

    @property
    def recorded(self) -> bool:
        """Whether the ledger has it."""
        return self.id != UNRECORDED


@dataclass(frozen=True)
class EpochRecord:
    """An epoch of a run that has a checkpoint.

    ``life_epochs`` counts the epochs of the model's whole life; ``weights`` is a fingerprint.
    """

    run: str
    epoch: int
    life_epochs: int
    weights: str
    ranked: bool


@dataclass(frozen=True)
class FinalRecord:
    """A score on the hidden test images; ``owned`` and ``in_use`` map slugs to counts."""

    weights: str
    accuracy: float
    owned: Mapping[str, int]
    in_use: Mapping[str, int]
    at: datetime
