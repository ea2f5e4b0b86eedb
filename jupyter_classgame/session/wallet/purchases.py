"""What a team buys in a game: its wallet, its orders, what they let it use."""

from collections.abc import Callable, Iterable, Mapping

from jupyter_classgame.errors import OrderError
from jupyter_classgame.events import Bus, WalletChanged
from jupyter_classgame.packs import Pack
from jupyter_classgame.packs.techniques import TECHNIQUES
from jupyter_classgame.session.wallet.ledger_poller import Watch
from jupyter_classgame.shop import Item, Order, OrderLine, Receipt, Wallet, parse_order
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.order import check_count
from jupyter_classgame.shop.storage.records import GameRecord, Holdings


class Purchases:
    """A team's wallet of one game, kept in the ledger.

    Parameters
    ----------
    pack
        What is sold, and the budget.
    ledger, record
        Where purchases are recorded, and the game's row there.
    practice
        Without a wallet: everything may be used.
    """

    def __init__(
        self, pack: Pack, ledger: Ledger, record: GameRecord, *, practice: bool = False
    ) -> None:
        self.pack = pack
        self.team = record.team
        self.practice = practice
        self.events: Bus = ledger.events(record)
        self._ledger = ledger
        self._record = record
        self._watch = Watch(self)
        self._kept: dict[str, frozenset[str]] = {}

    @property
    def ledger(self) -> Ledger:
        """Where purchases, runs and final scores are recorded."""
        return self._ledger

    @property
    def record(self) -> GameRecord:
        """The game's row in the ledger."""
        return self._record

    @property
    def wallet(self) -> Wallet:
        """What the team owns at this moment, from the ledger."""
        if self.practice:
            return Wallet(self.pack.catalogue, self.budget, {})
        held = self._ledger.holdings(self._record)
        return Wallet(self.pack.catalogue, self.budget, held.owned, held.paid)

    @property
    def budget(self) -> float:
        """What the team may spend in all, in B NN."""
        return self.pack.budget

    @property
    def balance(self) -> float:
        """What the team has left, in B NN."""
        return self.wallet.balance

    @property
    def owned(self) -> dict[str, int]:
        """What the team owns: slug to count."""
        return dict(self.wallet.owned)

    @property
    def used(self) -> dict[str, str]:
        """What cannot be returned: slug to the ranked run or the final score that used it."""
        return {} if self.practice else self._with_kept(self._ledger.used(self._record))

    def keep(self, run: str, slugs: Iterable[str]) -> Callable[[], None]:
        """Keep items from being returned in this kernel while a ranked run uses them.

        Returns
        -------
        callable
            Lets them go, when the run is over; a second call does nothing.
        """
        self._kept = {**self._kept, run: frozenset(slugs)}

        def let_go() -> None:
            self._kept = {name: kept for name, kept in self._kept.items() if name != run}

        return let_go

    def _with_kept(self, used: Mapping[str, str]) -> dict[str, str]:
        kept = {
            s: f"{run}, which is under way," for run, slugs in self._kept.items() for s in slugs
        }
        return kept | dict(used)

    def order(self, text: str) -> Receipt:
        """Carry out an order as written in a ``%%shop`` cell, all of it or nothing.

        Raises
        ------
        OrderError
            It cannot be understood or paid for; nothing was bought.
        """
        if not isinstance(text, str):
            raise OrderError(f"an order is text, not a {type(text).__name__}; nothing was bought")
        return self._settle(parse_order(text, self.pack.catalogue, self._unsold))

    def buy(self, item: str, count: int | None = None) -> Receipt:
        """Buy an item by any of its names; ``count`` is how many to own at least.

        Raises
        ------
        OrderError
            There is no such item, or the balance does not reach; nothing was bought.
        """
        found = self._find(item)
        if count is not None:
            check_count(found, "buy", count)
        return self._settle(Order((OrderLine("buy", found, count),)))

    def return_(self, item: str) -> Receipt:
        """Return an item, all of them if it is repeatable, for its full price.

        Raises
        ------
        OrderError
            There is no such item, or a ranked run has used it.
        """
        return self._settle(Order((OrderLine("return", self._find(item)),)))

    def reset(self) -> None:
        """Start the wallet over. Runs and final scores stay in the record.

        Raises
        ------
        ClassGameError
            A ranked run is under way.
        """
        from jupyter_classgame.session.run_registry import check_idle  # noqa: PLC0415 - loads torch

        check_idle(self, "reset")
        with self._watch.own_order():
            self._ledger.reset(self._record)
            self._tell(self.budget, {}, None)

    def watch(self) -> Callable[[], None]:
        """Tell of what other kernels of the team buy, too, within a second.

        ``events`` has it as ``WalletChanged`` without a receipt, from a thread that ends when the
        function returned is called, or with the kernel.
        """
        return self._watch.open()

    def _find(self, item: str) -> Item:
        if not isinstance(item, str):
            raise OrderError(f"an item's name is needed, not a {type(item).__name__}")
        return self.pack.catalogue.find(item, self._unsold)

    def _unsold(self, technique: str) -> str:
        """Say why a technique cannot be bought; nothing where there is none of that name."""
        if technique not in TECHNIQUES:
            return ""
        free = technique in self.pack.rules.free
        return "costs nothing in this game: use it" if free else "is not allowed in this game"

    def _settle(self, order: Order) -> Receipt:
        if self.practice:
            raise OrderError(
                "a practice game has no wallet: everything may be used and nothing is ranked; "
                f"%classgame new {self.pack.name} starts one with a wallet"
            )

        def settle(held: Holdings, used: Mapping[str, str]) -> Receipt:
            wallet = Wallet(self.pack.catalogue, self.budget, held.owned, held.paid)
            return wallet.settle(order, self.team, self._with_kept(used))

        with self._watch.own_order():
            receipt = self._ledger.order(self._record, settle)
            if receipt.changed:
                self._tell(receipt.after, receipt.owned, receipt)
        return receipt

    def _tell(self, balance: float, owned: Mapping[str, int], receipt: Receipt | None) -> None:
        """Tell of a wallet as it was written; it need not be read again, which may fail."""
        self.events.publish(WalletChanged(self.team, self.pack.name, balance, owned, receipt))

    def owns(self, technique: str) -> bool:
        """Say whether a technique may be used: owned, free, or anything goes in practice."""
        item = self.item_for(technique)
        free = technique in self.pack.rules.free
        owned = self.owned
        sold = item is not None and item.slug in owned
        within = any(technique in self.pack.catalogue[slug].contains for slug in owned)
        return self.practice or free or sold or within

    def item_for(self, technique: str) -> Item | None:
        """Find the item that sells a technique."""
        return next((i for i in self.pack.catalogue if i.technique == technique), None)
