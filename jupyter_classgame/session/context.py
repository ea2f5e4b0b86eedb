"""The context of a game: what every part of a session may look up, and nothing of what it does."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jupyter_classgame.config import ClassGame
from jupyter_classgame.data import ImageSets
from jupyter_classgame.errors import LedgerError
from jupyter_classgame.events import Bus
from jupyter_classgame.packs import Pack
from jupyter_classgame.shop import Item, Wallet
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.lost_ledger import LostLedger
from jupyter_classgame.shop.storage.records import GameRecord

if TYPE_CHECKING:
    from jupyter_classgame.session.image_preparation import Preparation
    from jupyter_classgame.training.history import History

MORE_DATA = "more-data"
"""The technique of training on more than the base fraction of the images."""


@dataclass(frozen=True, eq=False)
class SharedState:
    """What a game shares with the one that is started in its place in the same kernel.

    Attributes
    ----------
    events : Bus
        Announces purchases and runs.
    preparations : dict
        By the weights that a run left: how its images were prepared; None: not known.
    histories : list of History
        The runs of this kernel, oldest first; a run that ends appends itself.
    in_use_by_runs : dict
        Items that ranked runs use at this moment: the run's name to the items' slugs.
    """

    events: Bus = field(default_factory=Bus)
    preparations: "dict[str, Preparation | None]" = field(default_factory=dict)
    histories: "list[History]" = field(default_factory=list)
    in_use_by_runs: dict[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Context:
    """One team's game as the parts of a session see it.

    Attributes
    ----------
    pack : Pack
        What is played: prices, rules, images.
    ledger, record
        Where purchases and runs are recorded, and the game's row there.
    config : ClassGame
        The configured defaults.
    namespace : dict
        The names of the notebook.
    images : ImageSets
        All images of the game, with the hidden test images.
    shared : SharedState
        What outlives the game where it is started anew.
    seed : int or None
        Seed of every run that is given none of its own.
    practice : bool
        Played without a wallet; nothing is ranked.
    """

    pack: Pack
    ledger: Ledger
    record: GameRecord
    config: ClassGame
    namespace: MutableMapping[str, Any]
    images: ImageSets
    shared: SharedState = field(default_factory=SharedState)
    seed: int | None = None
    practice: bool = False

    @property
    def team(self) -> str:
        """The name of the team."""
        return self.record.team

    @property
    def events(self) -> Bus:
        """Announces purchases and runs, also those of a game that took this one's place."""
        return self.shared.events

    @property
    def preparations(self) -> "dict[str, Preparation | None]":
        """How the images of this kernel's runs were prepared, by the weights they left."""
        return self.shared.preparations

    @property
    def histories(self) -> "list[History]":
        """The runs of this kernel, oldest first, also those of a game that this one replaced."""
        return self.shared.histories

    # -- images -----------------------------------------------------------------------------

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels."""
        return self.images.classes

    @property
    def image_size(self) -> tuple[int, int]:
        """Height and width of every image, in pixels."""
        return self.images.image_size

    @property
    def fraction(self) -> float:
        """The share of the training images that the team may train on."""
        return 1.0 if self.owns(MORE_DATA) else self.pack.rules.base_fraction

    # -- purchases --------------------------------------------------------------------------

    @property
    def wallet(self) -> Wallet:
        """What the team owns at this moment, from the ledger."""
        if self.practice:
            return Wallet(self.pack.catalogue, self.pack.budget, {})
        held = self.ledger.holdings(self.record)
        return Wallet(self.pack.catalogue, self.pack.budget, held.owned, held.paid)

    @property
    def owned(self) -> dict[str, int]:
        """What the team owns: slug to count."""
        return dict(self.wallet.owned)

    @property
    def used(self) -> dict[str, str]:
        """What cannot be returned: slug to the ranked run or the final score that used it."""
        return {} if self.practice else self.with_running(self.ledger.used(self.record))

    def owns(self, technique: str) -> bool:
        """Say whether a technique may be used: owned, free, or a practice game."""
        item = self.item_for(technique)
        free = technique in self.pack.rules.free
        owned = {} if self.practice else self._owned_or_last_known()
        sold = item is not None and item.slug in owned
        within = any(technique in self.pack.catalogue[slug].contains for slug in owned)
        return self.practice or free or sold or within

    def _owned_or_last_known(self) -> Mapping[str, int]:
        try:
            return self.owned
        except LedgerError:
            return self.last_known

    @property
    def last_known(self) -> Mapping[str, int]:
        """What the team owned when the ledger was last read, without reading it: slug to count."""
        return self.ledger.last_known(self.record).owned

    def item_for(self, technique: str) -> Item | None:
        """Find the item that sells a technique."""
        return next((i for i in self.pack.catalogue if i.technique == technique), None)

    def keep(self, run: str, slugs: Iterable[str]) -> Callable[[], None]:
        """Keep items from being returned in this kernel while a ranked run uses them.

        Returns
        -------
        callable
            Lets them go, when the run is over; a second call does nothing.
        """
        in_use = self.shared.in_use_by_runs
        in_use[run] = frozenset(slugs)

        def let_go() -> None:
            in_use.pop(run, None)

        return let_go

    def with_running(self, used: Mapping[str, str]) -> dict[str, str]:
        """Add what the runs of this moment use to what others used: slug to a name."""
        running = tuple(self.shared.in_use_by_runs.items())  # a run in a thread may end meanwhile
        kept = {s: f"{run}, which is under way," for run, slugs in running for s in slugs}
        return kept | dict(used)

    def reachable(self) -> "Context":
        """Give this game, or what was last known of it while its ledger is out of reach."""
        if self.practice:
            return self
        try:
            self.ledger.check_present()
            self.ledger.holdings(self.record)
        except LedgerError as error:
            return replace(self, ledger=LostLedger(self.ledger, error))
        return self

    # -- runs -------------------------------------------------------------------------------

    def earlier_runs(self) -> "tuple[History, ...]":
        """Give the runs of this kernel that the chart of the next shows behind it, oldest first."""
        count = self.config.earlier_runs
        return tuple(self.histories[-count:]) if count else ()
