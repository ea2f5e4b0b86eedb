"""A ledger that is out of reach for now: what was last known of a game, and no record of anything.

A class's ledger is never replaced by another, in which a team would have a full wallet again. So a
run is trained by what the team owned when the ledger was last read, and without a rank.
"""

from collections.abc import Callable, Mapping
from typing import Any, Never

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.receipt import Receipt
from jupyter_classgame.shop.storage.records import GameRecord, Holdings, RunRecord


class LostLedger(Ledger):
    """Stands in for a ledger during one run; what it does not know itself, it asks the ledger.

    Parameters
    ----------
    ledger
        The ledger that is out of reach.
    error
        Why it is; also an attribute.
    """

    lost = True

    def __init__(self, ledger: Ledger, error: LedgerError) -> None:
        super().__init__(ledger._database)  # noqa: SLF001 - it may be back by then
        self._ledger, self.error = ledger, error

    def holdings(self, game: GameRecord) -> Holdings:
        """Return what the team owned when the ledger was last read."""
        return self._ledger.last_known(game)

    def last_known(self, game: GameRecord) -> Holdings:
        """Return the same."""
        return self._ledger.last_known(game)

    def used(self, game: GameRecord) -> dict[str, str]:  # noqa: ARG002
        """Return nothing: no order can be carried out."""
        return {}

    def order(
        self, game: GameRecord, settle: Callable[[Holdings, Mapping[str, str]], Receipt]
    ) -> Receipt:
        """Carry out an order, as by the card of a verdict, if the ledger is back by now.

        Raises
        ------
        LedgerError
            It is not; nothing was bought.
        """
        self.check_present()
        return self._ledger.order(game, settle)

    def start_run(self, game: GameRecord, label: str, **about: Any) -> Never:  # noqa: ARG002
        """Refuse to record a run.

        Raises
        ------
        LedgerError
            Always: the error that the ledger was lost by.
        """
        raise self.error

    def unrecorded_run(
        self, game: GameRecord, label: str, *, in_use: Mapping[str, int]
    ) -> RunRecord:
        """Stand in for the record of a run; see :meth:`Ledger.unrecorded_run`."""
        return self._ledger.unrecorded_run(game, label, in_use=in_use)
