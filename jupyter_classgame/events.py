"""Events that the lower rooms publish and the rooms above receive.

Their types are defined at the bottom, so that no room imports another for them.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

StoppedBy = Literal["epochs", "patience", "user", "nan", "error"]
"""What ended a run."""

Kept = Literal["", "last", "best", "averaged", "unfinished", "unchanged"]
"""Which weights a run left in the model; see :class:`~jupyter_classgame.training.history.History`.
"""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ItemChange:
    """What an order did to one item; ``count`` is the number owned now.

    ``verb`` is "bought", "returned" or "unchanged"; ``amount`` is in B NN, positive if it was paid,
    negative if it was refunded.
    """

    verb: str
    slug: str
    name: str
    count: int
    amount: float
    repeatable: bool
    note: str = ""


@dataclass(frozen=True)
class WalletChanged:
    """A wallet has changed; ``balance`` is in B NN, ``owned`` maps slug to count.

    ``changes`` are those of an order in this kernel; empty after a reset and for other kernels.
    """

    team: str
    pack: str
    balance: float
    owned: Mapping[str, int]
    changes: tuple[ItemChange, ...] = ()


@dataclass(frozen=True)
class Judging:
    """The referee starts to observe what a run would use."""


@dataclass(frozen=True)
class Observing:
    """The referee observes these parts of a run now, in processes of their own.

    What a listener does meanwhile costs the run no time.
    """

    subjects: tuple[str, ...]


@dataclass(frozen=True)
class Judged:
    """The referee has reached a verdict, before a run or for a check alone.

    ``verdict`` is a :class:`~jupyter_classgame.referee.Verdict`: text and numbers that no longer
    change.
    """

    verdict: Any


@dataclass(frozen=True)
class Noticed:
    """A notice about a run in progress, for the player to see at once.

    ``unranked`` says that the message is a reason why the run is not ranked.
    """

    run: int
    message: str
    unranked: bool = False


@dataclass(frozen=True)
class RunStarted:
    """A run is about to take its first step; ``monitor`` decides which of its epochs is best.

    ``earlier`` are the epochs that a resumed run had trained before, ``unranked_reasons`` those of
    the ``notes`` that say why the run is not ranked, ``unused`` a line for each item that the team
    owns and the run does not use. The model had ``first_epoch`` epochs before.
    """

    run: int
    label: str
    epochs: int
    batches: int | None
    seed: int
    device: str
    notes: tuple[str, ...] = ()
    monitor: str = "val_acc"
    earlier: "tuple[EpochEnded, ...]" = ()
    unranked_reasons: tuple[str, ...] = ()
    first_epoch: int = 0
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Progress in an epoch: running means, elapsed ``seconds``, ``eta`` in seconds.

    ``threads`` of ``most_threads`` compute where their number is chosen; else both are equal.
    """

    run: int
    epoch: int
    epochs: int
    batch: int
    batches: int | None
    loss: float
    acc: float
    seconds: float
    eta: float | None
    threads: int = 1
    most_threads: int = 1


@dataclass(frozen=True)
class EpochEnded:
    """An epoch has ended; accuracies are in [0, 1], ``val_*`` None without validation data."""

    run: int
    epoch: int
    epochs: int
    train_loss: float
    train_acc: float
    val_loss: float | None
    val_acc: float | None
    lr: float
    seconds: float
    eta: float | None
    ema_val_loss: float | None = None
    ema_val_acc: float | None = None


@dataclass(frozen=True)
class RunPaused:
    """A run was paused after a complete step (``paused``), or resumed."""

    run: int
    paused: bool


@dataclass(frozen=True)
class HandEdited:
    """The optimizer's settings were changed by hand; ``epoch`` 2.5 is the middle of the third.

    ``settings`` names those that were.
    """

    run: int
    epoch: float
    text: str
    settings: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunEnded:
    """A run has ended; ``message`` says how.

    ``epochs`` are those of the final history, ``edits`` the edits by hand: (epoch, what changed).
    In each of ``epochs_begun`` epochs at least one step was taken. ``kept`` and ``kept_epoch`` say
    which weights the model has.
    """

    run: int
    stopped_by: StoppedBy
    message: str
    epochs: tuple[EpochEnded, ...] = ()
    edits: tuple[tuple[float, str], ...] = ()
    epochs_begun: int = 0
    kept: Kept = ""
    kept_epoch: int = 0


Event = (
    WalletChanged
    | Judging
    | Observing
    | Judged
    | Noticed
    | RunStarted
    | Progress
    | EpochEnded
    | RunPaused
    | HandEdited
    | RunEnded
)
Listener = Callable[[Event], None]


class Bus:
    """Delivers each published event to all listeners, in the publishing thread."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; the returned function removes it."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Call all listeners; an error in one is logged and does not affect the others or a run."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                logger.exception("a listener failed on %s", type(event).__name__)
