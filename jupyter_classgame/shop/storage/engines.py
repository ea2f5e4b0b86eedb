"""Engines for the supported databases: drivers, transactions and locks.

SQLite uses a rollback journal: its write-ahead log needs shared memory, which is not available on
network file systems, where Hub homes often are (https://sqlite.org/wal.html, section 1).

On PostgreSQL a writer reads committed rows (READ COMMITTED) under an advisory lock, which needs no
permission to update rows; a reader has a snapshot (REPEATABLE READ). So transactions never have to
be retried. The transaction of a kernel that stops in the middle of it ends before the timeout of
those that wait for its lock. A connection is given back with the end of its transaction: a class
has more kernels than a server has connections.
https://www.postgresql.org/docs/current/transaction-iso.html
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, StaticPool

from jupyter_classgame.shop.storage.postgres_connection import LIBPQ, limit
from jupyter_classgame.shop.storage.tables import games

LOCK_SECONDS = 30
IDLE_SECONDS = 15
CONNECT_SECONDS = 10
ANSWER_SECONDS = 45
"""A transaction takes no longer, however busy its database is."""

WRITE = "classgame_write"
"""Execution option: whether a transaction may write."""

ADVISORY = 0x6E6E
"""First half of the key of the advisory locks; the second is a game's number, or 0."""


def make_engine(url: sa.URL) -> sa.Engine:
    """Create an engine for a database, without connecting to it."""
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url)
        case _:
            return sa.create_engine(url, pool_pre_ping=True)


def with_default_driver(url: sa.URL) -> sa.URL:
    """Choose psycopg for a PostgreSQL URL that names no driver."""
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def lock(connection: sa.Connection, game: int = 0) -> None:
    """Hold the lock of a game, or of the whole ledger, until the end of the transaction.

    SQLite has locked the whole file since the start of a writing transaction. Databases other than
    SQLite and PostgreSQL lock the game's row.
    """
    match connection.dialect.name:
        case "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY, game)))
        case "sqlite":
            pass
        case _:
            connection.execute(sa.select(games.c.id).where(games.c.id == game).with_for_update())


def _sqlite(url: sa.URL) -> sa.Engine:
    if url.database:
        engine = sa.create_engine(url, connect_args={"timeout": LOCK_SECONDS})
    else:
        sharing = {"check_same_thread": False}
        engine = sa.create_engine(url, connect_args=sharing, poolclass=StaticPool)

    @sa.event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get(WRITE, True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _postgresql(url: sa.URL) -> sa.Engine:
    libpq = url.get_driver_name() in LIBPQ
    waits = libpq and "connect_timeout" not in url.query
    engine = sa.create_engine(
        url,
        poolclass=NullPool,
        connect_args={"connect_timeout": CONNECT_SECONDS} if waits else {},
    )
    if libpq:
        limit(engine, wait=CONNECT_SECONDS, seconds=ANSWER_SECONDS)

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get(WRITE, True)
        level = "READ COMMITTED, READ WRITE" if write else "REPEATABLE READ, READ ONLY"
        connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL {level}")
        limits = {
            "lock_timeout": LOCK_SECONDS,
            "idle_in_transaction_session_timeout": IDLE_SECONDS,
            "statement_timeout": ANSWER_SECONDS,
        }
        settings = [sa.func.set_config(n, f"{1000 * s:.0f}", True) for n, s in limits.items()]
        connection.execute(sa.select(*settings))

    return engine
