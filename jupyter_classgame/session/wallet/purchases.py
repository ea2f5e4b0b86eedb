"""What a team buys in a game: its wallet, its orders, what they let it use."""

from collections.abc import Callable, Mapping

from jupyter_classgame.errors import ClassGameError, OrderError
from jupyter_classgame.events import Bus, ItemChange, WalletChanged
from jupyter_classgame.packs import Pack
from jupyter_classgame.packs.techniques import TECHNIQUES
from jupyter_classgame.session.context import Context
from jupyter_classgame.session.wallet.ledger_poller import LedgerPoller
from jupyter_classgame.shop import Item, Order, OrderLine, Receipt, Wallet, parse_order
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.order import check_count
from jupyter_classgame.shop.storage.records import GameRecord, Holdings


class Purchases:
    """A team's wallet of one game, kept in the ledger.

    Parameters
    ----------
    context
        What is sold, for how much, and where purchases are recorded.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._poller = LedgerPoller(context)

    @property
    def pack(self) -> Pack:
        """What is sold, and the budget."""
        return self.context.pack

    @property
    def team(self) -> str:
        """The name of the team."""
        return self.context.team

    @property
    def practice(self) -> bool:
        """Without a wallet: everything may be used, nothing is ranked."""
        return self.context.practice

    @property
    def events(self) -> Bus:
        """Announces purchases and runs, also those of a game that took this one's place."""
        return self.context.events

    @property
    def ledger(self) -> Ledger:
        """Where purchases, runs and final scores are recorded."""
        return self.context.ledger

    @property
    def record(self) -> GameRecord:
        """The game's row in the ledger."""
        return self.context.record

    @property
    def wallet(self) -> Wallet:
        """What the team owns at this moment, from the ledger."""
        return self.context.wallet

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
        return self.context.owned

    @property
    def used(self) -> dict[str, str]:
        """What cannot be returned: slug to the ranked run or the final score that used it."""
        return self.context.used

    def owns(self, technique: str) -> bool:
        """Say whether a technique may be used: owned, free, or a practice game."""
        return self.context.owns(technique)

    def item_for(self, technique: str) -> Item | None:
        """Find the item that sells a technique."""
        return self.context.item_for(technique)

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

    def reset(self, *, yes: bool = False) -> None:
        """Start the wallet over. Runs and final scores stay in the record.

        Parameters
        ----------
        yes
            Everything bought is to be given up; ``%classgame reset`` asks in its place.

        Raises
        ------
        ClassGameError
            ``yes`` was not given, or a ranked run is under way; nothing was reset.
        """
        from jupyter_classgame.session.run_registry import check_idle  # noqa: PLC0415 - loads torch

        check_idle(self.context, "reset")
        if yes is not True:
            raise ClassGameError(
                f"reset: team {self.team} would give up everything bought, so nothing was reset",
                "write game.reset(yes=True), or %classgame reset, which asks",
            )
        with self._poller.own_order():
            self.ledger.reset(self.record)
            self._tell(self.budget, {})

    def watch(self) -> Callable[[], None]:
        """Announce what other kernels of the team buy, too, within a second.

        ``events`` has it as ``WalletChanged`` without changes, from a thread that ends when the
        function returned is called, or with the kernel.
        """
        return self._poller.open()

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
            return wallet.settle(order, self.team, self.context.with_running(used))

        with self._poller.own_order():
            receipt = self.ledger.order(self.record, settle)
            if receipt.changed:
                self._tell(receipt.after, receipt.owned, receipt.changes)
        return receipt

    def _tell(
        self, balance: float, owned: Mapping[str, int], changes: tuple[ItemChange, ...] = ()
    ) -> None:
        """Announce a wallet as it was written; reading it again might fail."""
        self.events.publish(WalletChanged(self.team, self.pack.name, balance, owned, changes))
