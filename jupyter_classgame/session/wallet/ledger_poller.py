"""Polls the ledger for what other kernels of a team buy, while its wallet is on display."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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

    A look is one query, which finds the newest entry of the game by an index. There is a thread
    for it only while somebody watches, and none where no other kernel can reach the ledger. While
    this kernel carries out an order of its own, which it tells of itself, nothing is looked at.

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
        self._newest = 0
        self._own_begun = self._own_ended = 0

    @contextmanager
    def own_order(self) -> Iterator[None]:
        """Carry out an order of this kernel's, and tell of it, between two looks."""
        with self._lock:
            self._own_begun += 1
        try:
            yield
        finally:
            with self._lock:
                self._own_ended += 1

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
        self._newest = context.ledger.newest(context.record)  # what is read below is no older
        self._known = self._state()
        Thread(target=self._look_until, args=(over,), name=NAME, daemon=True).start()

    def _look_until(self, over: Event) -> None:
        unsubscribe = self._context.events.subscribe(self._hear)
        while not over.wait(PERIOD):
            try:
                self.look()
            except LedgerError as error:  # it may be there again at the next look
                logger.debug("the ledger could not be looked at: %s", error)
        unsubscribe()

    def look(self) -> None:
        """Tell of what another kernel has changed since the last look.

        Raises
        ------
        LedgerError
            The ledger cannot be read.
        """
        context = self._context
        with self._lock:
            begun, under_way = self._own_begun, self._own_begun != self._own_ended
        if under_way:
            return
        newest = context.ledger.newest(context.record)
        if newest == self._newest:
            return
        found = self._state()
        if begun == self._own_begun:  # else what was found may be this kernel's own
            self._newest = newest
            self._tell(found)

    def _tell(self, found: tuple[float, Mapping[str, int]]) -> None:
        context = self._context
        if found != self._known:
            self._known = found
            context.events.publish(WalletChanged(context.team, context.pack.name, *found))

    def _state(self) -> tuple[float, Mapping[str, int]]:
        wallet = self._context.wallet
        return wallet.balance, wallet.owned

    def _hear(self, event: GameEvent) -> None:
        if isinstance(event, WalletChanged):  # of this kernel
            self._known = (event.balance, event.owned)
