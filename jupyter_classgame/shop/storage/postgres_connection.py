"""Connections to PostgreSQL that end in time, whatever the server does.

The server's own limits end a statement that waits or works too long; they are of no use where the
server itself stands still. So a timer here closes the socket of a connection that is not given back
in time, which the driver takes for a server that is gone.
"""

import random
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

LIBPQ = ("psycopg", "psycopg2")
"""Drivers that accept the options of PostgreSQL's own library."""

LIMIT = "classgame_time_limit"
FULL = ("too many", "connection slots")
"""What a server says that has no connection left at the moment.

Of an attempt to connect, libpq passes on no state.
"""

FULL_STATE = "53300"


class TimeLimit:
    """Closes the socket of a connection after some seconds.

    Parameters
    ----------
    descriptor
        Of the socket.
    seconds
        From now on.
    """

    def __init__(self, descriptor: int, seconds: float) -> None:
        self.seconds, self.passed = seconds, False
        # one of our own: by then the driver's may have been closed, and its number be another's
        self._socket = socket.fromfd(descriptor, socket.AF_INET, socket.SOCK_STREAM)
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True
        self._timer.start()

    def _pass(self) -> None:
        self.passed = True
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Let the connection be; it has been given back."""
        self._timer.cancel()
        self._socket.close()


def limit(engine: sa.Engine, *, wait: float, seconds: float) -> None:
    """Let no connection of an engine last longer than ``seconds``.

    While the server has no connection left, each attempt is repeated for up to ``wait`` seconds.
    """

    @sa.event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        end = time.monotonic() + wait
        while True:
            try:
                return dialect.connect(*arguments, **options)
            except dialect.loaded_dbapi.OperationalError as error:
                if not _is_full(error) or time.monotonic() > end:
                    raise
            time.sleep(random.uniform(0.05, 0.25))  # noqa: S311 - kernels should not come in step

    @sa.event.listens_for(engine, "connect", insert=True)
    def _begin(connection: Any, record: Any) -> None:
        record.info[LIMIT] = TimeLimit(connection.fileno(), seconds)

    @sa.event.listens_for(engine, "close")
    def _end(_connection: Any, record: Any) -> None:
        record.info.pop(LIMIT).end()

    @sa.event.listens_for(engine, "handle_error", retval=True)
    def _explain(context: Any) -> BaseException | None:
        info = context.connection.info if context.connection is not None else {}
        if (found := info.get(LIMIT)) is None or not found.passed:
            return None
        reason = TimeoutError(f"the server did not answer for over {found.seconds:g} s")
        return sa.exc.OperationalError(context.statement, None, reason)


def state_of(error: BaseException) -> str | None:
    """Give PostgreSQL's five characters for the kind of an error; None where there are none."""
    return getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)


def _is_full(error: BaseException) -> bool:
    return state_of(error) == FULL_STATE or any(words in str(error) for words in FULL)
