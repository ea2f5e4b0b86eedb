"""How each kind of database is spoken to: its driver, its transactions, its locks.

SQLite is kept in rollback-journal mode: its write-ahead log needs shared memory, which network
file systems, where Hub homes often are, do not have (https://sqlite.org/wal.html, section 1).

On PostgreSQL a writer reads what is committed (READ COMMITTED) under an advisory lock, which needs
no right to change a row; a reader sees one moment (REPEATABLE READ). So nothing is ever to be tried
again. A kernel that stops in the middle of a transaction loses it before others lose patience.
https://www.postgresql.org/docs/current/transaction-iso.html
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from jupyter_classgame.shop.storage.tables import games

LOCK_SECONDS = 30
IDLE_SECONDS = 15
CONNECT_SECONDS = 10
WRITE = "classgame_write"
"""The execution option that says whether a transaction may write."""

LIBPQ = ("psycopg", "psycopg2")
"""Drivers that take the options of PostgreSQL's own library."""

ADVISORY = 0x6E6E
"""The first half of the key of our advisory locks; the second is a game's number, 0 for none."""


def make_engine(url: sa.URL) -> sa.Engine:
    """Make an engine for a database; nothing is opened yet."""
    match url.get_backend_name():
        case "sqlite":
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url)
        case _:
            return sa.create_engine(url, pool_pre_ping=True)


def spoken(url: sa.URL) -> sa.URL:
    """Choose psycopg for a PostgreSQL URL that names no driver."""
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def lock(connection: sa.Connection, game: int = 0) -> None:
    """Hold a game's lock, or that of the whole ledger, to the end of the transaction.

    SQLite has locked the whole file when a writing transaction began. Databases that are neither it
    nor PostgreSQL lock the game's row.
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
    taken = url.get_driver_name() in LIBPQ and "connect_timeout" not in url.query
    # one connection a kernel is enough, and a class has many kernels
    engine = sa.create_engine(
        url,
        pool_size=1,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_SECONDS} if taken else {},
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        write = connection.get_execution_options().get(WRITE, True)
        level = "READ COMMITTED, READ WRITE" if write else "REPEATABLE READ, READ ONLY"
        connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL {level}")
        limits = {
            "lock_timeout": LOCK_SECONDS,
            "idle_in_transaction_session_timeout": IDLE_SECONDS,
        }
        for setting, seconds in limits.items():
            connection.exec_driver_sql(f"SET LOCAL {setting} = {int(1000 * seconds)}")

    return engine
