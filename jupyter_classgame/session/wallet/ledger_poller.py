"""Polls the ledger for what other kernels of a team buy, while its wallet is on display."""

import logging
from collections.abc import Callable, Mapping
from threading import Event, Lock, Thread

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.events import Event as GameEvent
from jupyter_classgame.events import WalletChanged
from jupyter_classgame.session.context import Context

logger = logging.getLogger(__name__)

NAME = "classgame-watch"

PERIOD = 0.5
"""Seconds between two queries of the ledger."""


class LedgerPoller:
    """Publishes ``WalletChanged``, without changes, for what another kernel bought or returned.

    Each poll is one query, which finds the newest entry of the game by an index. A thread polls
    only while somebody watches, and none where no other kernel can reach the ledger.

    Parameters
    ----------
    context
        The game whose wallet it is.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = Lock()
        self._watchers = 0
        self._over = Event()
        self._known: tuple[float, Mapping[str, int]] | None = None

    def open(self) -> Callable[[], None]:
        """Begin to watch; the function returned ends it, once.

        Raises
        ------
        LedgerError
            The ledger cannot be read; nothing is watched.
        """
        own = Event()
        with self._lock:
            if not self._watchers:
                self._over = Event()
                self._start(self._over)
            self._watchers += 1

        def close() -> None:
            with self._lock:
                if not own.is_set():
                    own.set()
                    self._watchers -= 1
                    if not self._watchers:
                        self._over.set()

        return close

    def _start(self, over: Event) -> None:
        context = self._context
        if context.practice or not context.ledger.shared:
            return
        newest = context.ledger.newest(context.record)  # what is read from now on is no older
        self._known = self._state()
        Thread(target=self._look, args=(over, newest), name=NAME, daemon=True).start()

    def _look(self, over: Event, newest: int) -> None:
        context = self._context
        unsubscribe = context.events.subscribe(self._hear)
        while not over.wait(PERIOD):
            try:
                entry = context.ledger.newest(context.record)
                if entry != newest:
                    self._tell()
                    newest = entry
            except LedgerError as error:  # it may be there again at the next look
                logger.debug("the ledger could not be looked at: %s", error)
        unsubscribe()

    def _tell(self) -> None:
        context = self._context
        found = self._state()
        if found != self._known:
            self._known = found
            context.events.publish(WalletChanged(context.team, context.pack.name, *found))

    def _state(self) -> tuple[float, Mapping[str, int]]:
        wallet = self._context.wallet
        return wallet.balance, wallet.owned

    def _hear(self, event: GameEvent) -> None:
        if isinstance(event, WalletChanged):  # of this kernel
            self._known = (event.balance, event.owned)
