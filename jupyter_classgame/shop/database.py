"""The database under the ledger: opening it, transactions, and one line for whatever goes wrong.

SQLite is kept in rollback-journal mode: its write-ahead log needs shared memory, which network
file systems, where Hub homes often are, do not have (https://sqlite.org/wal.html, section 1).
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from jupyter_classgame.errors import LedgerError

from .tables import metadata, settings

IN_MEMORY = "sqlite://"
MEMORY = "memory"
LOCK_SECONDS = 30
SCHEMA = "2"


class UnwritableLedgerError(LedgerError):
    """The ledger's place cannot be written; play can go on in memory."""


class Database:
    """Transactions on one database, which is made into a ledger's when it is new.

    Parameters
    ----------
    url
        Any SQLAlchemy URL; ``sqlite:///FILE`` is a file, ``sqlite://`` is memory.

    Raises
    ------
    UnwritableLedgerError
        The place cannot be written or reached.
    LedgerError
        What is there is not a ledger; it is left as it was.
    """

    def __init__(self, url: str | sa.URL) -> None:
        self._lock = threading.RLock()
        try:
            self.url = sa.make_url(url)
        except sa.exc.ArgumentError as error:
            raise LedgerError(
                f"{str(url)[:80]!r} is no database URL; write c.ClassGame.ledger_url "
                "such as sqlite:////srv/class/ledger.sqlite"
            ) from error
        try:
            self._engine = _engine(self.url)
            with self.write() as connection:
                metadata.create_all(connection)
                _check_schema(connection, self.where)
        except (SQLAlchemyError, OSError, ImportError) as error:
            raise refusal(self.where, error) from error

    @property
    def where(self) -> str:
        """Where the ledger is, without a password."""
        if self.url.get_backend_name() == "sqlite":
            return self.url.database or MEMORY
        return self.url.render_as_string(hide_password=True)

    @property
    def present(self) -> bool:
        """Whether it is still there: a file may have been taken away meanwhile."""
        file = self.url.database if self.url.get_backend_name() == "sqlite" else None
        return file is None or Path(file).exists()

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[sa.Connection]:
        options = {"classgame_write": write}
        try:
            with (
                self._lock,
                self._engine.connect().execution_options(**options) as connection,
                connection.begin(),
            ):
                yield connection
        except SQLAlchemyError as error:
            raise refusal(self.where, error) from error

    def read(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that only reads."""
        return self._transaction(write=False)

    def write(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that may write; SQLite lets one through at a time."""
        return self._transaction(write=True)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
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
        write = connection.get_execution_options().get("classgame_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _check_schema(connection: sa.Connection, where: str) -> None:
    found = connection.execute(
        sa.select(settings.c.value).where(settings.c.name == "schema")
    ).scalar()
    if found is None:
        connection.execute(settings.insert().values(name="schema", value=SCHEMA))
    elif found != SCHEMA:
        raise LedgerError(
            f"the ledger {where} is of another version (schema {found}, this is {SCHEMA}); "
            "set c.ClassGame.ledger_url to a new one"
        )


def refusal(where: str, error: BaseException) -> LedgerError:
    """Put what a database said into one line."""
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    if "not a database" in reason or "malformed" in reason:
        return LedgerError(
            f"{where} is not a ledger and was left as it is; move it away, "
            "or set c.ClassGame.ledger_url to another file"
        )
    if "locked" in reason:
        return LedgerError(
            f"the ledger {where} was busy for over {LOCK_SECONDS} s; try again in a moment"
        )
    return UnwritableLedgerError(
        f"the ledger {where} cannot be used ({reason}); set c.ClassGame.ledger_url to another place"
    )
