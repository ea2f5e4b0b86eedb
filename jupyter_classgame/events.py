"""Events: published by the lower rooms, received by the rooms above.

Their types are defined here, at the bottom, so that no room imports another for them.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

StoppedBy = Literal["epochs", "patience", "user", "nan", "error"]
"""What ended a run."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ItemChange:
    """What an order did to one item; ``count`` is how many are owned now.

    ``verb`` is "bought", "returned" or "unchanged"; ``amount`` in B NN: positive was paid, negative
    was given back.
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
    """A wallet was changed; ``balance`` in B NN, ``owned`` maps slug to count.

    ``changes`` are those of an order of this kernel; empty for a reset and for another kernel.
    """

    team: str
    pack: str
    balance: float
    owned: Mapping[str, int]
    changes: tuple[ItemChange, ...] = ()


@dataclass(frozen=True)
class Judging:
    """The referee begins to observe what a run would use."""


@dataclass(frozen=True)
class Judged:
    """The referee has looked at what a run would use: before it begins, or for a check alone.

    ``verdict`` is a :class:`~jupyter_classgame.referee.Verdict`: text and numbers, which nobody
    changes any more.
    """

    verdict: Any


@dataclass(frozen=True)
class Noticed:
    """Something a player should know at once, about a run under way.

    ``unranked`` where the message says why the run is not ranked.
    """

    run: int
    message: str
    unranked: bool = False


@dataclass(frozen=True)
class RunStarted:
    """A run is about to take its first step; ``monitor`` decides which of its epochs is best.

    ``earlier`` are the epochs of a resumed run that were trained before, ``unranked_reasons`` those
    of the ``notes`` that say why the run is not ranked.
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


@dataclass(frozen=True)
class Progress:
    """Some batches later: running means of this epoch, ``seconds`` so far, ``eta`` seconds left."""

    run: int
    epoch: int
    epochs: int
    batch: int
    batches: int | None
    loss: float
    acc: float
    seconds: float
    eta: float | None


@dataclass(frozen=True)
class EpochEnded:
    """One epoch's numbers; accuracies in [0, 1]; ``val_*`` are None without validation data."""

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
    """A run rests after a whole step (``paused``), or goes on."""

    run: int
    paused: bool


@dataclass(frozen=True)
class HandEdited:
    """The optimizer's settings were changed by hand; ``epoch`` 2.5 is the middle of the third."""

    run: int
    epoch: float
    text: str


@dataclass(frozen=True)
class RunEnded:
    """A run is over; ``message`` says how it ended.

    ``epochs`` are those that stand in the end, ``edits`` its edits by hand: (epoch, what changed).
    Of ``epochs_begun`` epochs at least one step was taken.
    """

    run: int
    stopped_by: StoppedBy
    message: str
    epochs: tuple[EpochEnded, ...] = ()
    edits: tuple[tuple[float, str], ...] = ()
    epochs_begun: int = 0


Event = (
    WalletChanged
    | Judging
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
    """Hands every published event to every listener, in the publishing thread."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Add a listener; the function returned takes it away again."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Call all listeners; one that fails is logged and does not disturb the others or a run."""
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:
                logger.exception("a listener failed on %s", type(event).__name__)
