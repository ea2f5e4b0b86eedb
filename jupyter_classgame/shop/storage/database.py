"""The ledger's database: opening it, transactions, and its errors in one line."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from jupyter_classgame.errors import LedgerError, one_line
from jupyter_classgame.shop.storage.database_url import EXAMPLE, read_url, without_password
from jupyter_classgame.shop.storage.engines import LOCK_SECONDS, WRITE, lock, make_engine
from jupyter_classgame.shop.storage.outage import Outage
from jupyter_classgame.shop.storage.postgres_connection import LIBPQ, state_of
from jupyter_classgame.shop.storage.tables import metadata, settings

IN_MEMORY = "sqlite://"
MEMORY = "memory"
SCHEMA = "2"
TRIAL_BYTES = 64 * 1024
"""What an order needs on the disk, and more."""

NOT_A_LEDGER = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
LOCK_TIMEOUT = "55P03"
"""PostgreSQL's state of an error where a lock was not to be had in time."""


class UnwritableLedgerError(LedgerError):
    """The ledger's location is not writable; the game can continue in memory."""


class Database:
    """Transactions on a database, whose tables are created if it is new.

    Parameters
    ----------
    url
        Any SQLAlchemy URL; ``sqlite:///FILE`` is a file, ``sqlite://`` is memory.

    Raises
    ------
    UnwritableLedgerError
        The location is not writable, or cannot be reached.
    LedgerError
        The database is not a ledger; it is left unchanged.
    """

    def __init__(self, url: str | sa.URL) -> None:
        self._lock = threading.RLock()
        self.url = read_url(url)
        try:
            self._engine = make_engine(self.url)
            self._outage = Outage(lambda: self._engine.connect().close())
            self._prepare()
        except (SQLAlchemyError, OSError, ImportError) as error:
            raise refusal(self.where, error) from error

    def _prepare(self) -> None:
        try:
            with self.read() as connection:  # a whole class may open it at once: lock nothing
                if self._is_there(connection):
                    return
            with self.write() as connection:
                lock(connection)
                if self._is_there(connection):  # another kernel has created the tables meanwhile
                    return
                metadata.create_all(connection)
                if schema := _schema(connection):
                    _check_schema(schema, self.where)
                else:
                    connection.execute(settings.insert().values(name="schema", value=SCHEMA))
        except BaseException:
            self.close()
            raise

    def _is_there(self, connection: sa.Connection) -> bool:
        """Say whether the tables are there, of this version; those of another are refused."""
        if not metadata.tables.keys() <= set(sa.inspect(connection).get_table_names()):
            return False
        if (schema := _schema(connection)) is None:
            return False
        _check_schema(schema, self.where)
        return True

    def check_writable(self) -> None:
        """Write something and take it back.

        For a file, another one is written beside it: that locks nothing, so that nobody waits when
        a whole class opens the ledger at once.

        Raises
        ------
        UnwritableLedgerError
            The database is read-only, or its disk is full.
        """
        if self._file is not None:
            try:
                with self._file.open("ab"), TemporaryFile(dir=self._file.parent) as trial_file:
                    trial_file.write(bytes(TRIAL_BYTES))
            except OSError as error:
                raise refusal(self.where, error) from error
            return
        with suppress(_TakenBackError), self.write() as connection:
            trial = {"name": f"trial {uuid4().hex}", "value": ""}
            connection.execute(settings.insert().values(trial))
            raise _TakenBackError

    @property
    def where(self) -> str:
        """Location of the ledger, without a password."""
        if self.url.get_backend_name() == "sqlite":
            return self.url.database or MEMORY
        return without_password(self.url)

    @property
    def present(self) -> bool:
        """Whether it still exists; a file may have been removed meanwhile."""
        return self._file is None or self._file.exists()

    @property
    def _file(self) -> Path | None:
        sqlite = self.url.get_backend_name() == "sqlite"
        return Path(self.url.database) if sqlite and self.url.database else None

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[sa.Connection]:
        options = {WRITE: write}
        try:
            with (
                self._lock,
                self._connected().execution_options(**options) as connection,
                connection.begin(),
            ):
                yield connection
        except SQLAlchemyError as error:
            raise refusal(self.where, error) from error

    @contextmanager
    def decoding(self) -> Iterator[None]:
        """Read records within the context: a page that has changed decodes to anything.

        Raises
        ------
        LedgerError
            A value is not what it was written as.
        """
        try:
            yield
        except (ValueError, TypeError) as error:
            raise LedgerError(
                f"the ledger {self.where} has a record that cannot be read ({one_line(error)})",
                "put a copy of it in its place, or set c.ClassGame.ledger_url to another place",
            ) from error

    def _connected(self) -> sa.Connection:
        with self._outage.noticed():
            return self._engine.connect()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Begin a read-only transaction, in which nothing is done but to read records."""
        with self.decoding(), self._transaction(write=False) as connection:
            yield connection

    def write(self) -> AbstractContextManager[sa.Connection]:
        """Begin a transaction that may write; SQLite allows one at a time.

        What it reads is read in :meth:`decoding`.
        """
        return self._transaction(write=True)

    def close(self) -> None:
        """Close the database."""
        self._outage.close()
        self._engine.dispose()


def check_url(url: str, *, shared: bool = False) -> None:
    """Reject a URL that no kernel could use, without opening the database.

    Parameters
    ----------
    url
        URL of a database.
    shared
        Whether kernels in different folders must find the same ledger by it.

    Raises
    ------
    LedgerError
        It is invalid, its driver is not installed, or it is relative to a kernel's folder.
    """
    read = read_url(url)
    try:
        read.get_dialect().import_dbapi()
    except (SQLAlchemyError, ImportError) as error:
        raise refusal(without_password(read), error) from error
    if shared and read.get_backend_name() == "sqlite" and not read.database:
        raise LedgerError(
            f"{url}: no other kernel finds what is kept in memory; write an absolute path, "
            f"such as {EXAMPLE}"
        )


class _TakenBackError(Exception):
    """Ends a transaction without its changes."""


def _schema(connection: sa.Connection) -> str | None:
    return connection.execute(
        sa.select(settings.c.value).where(settings.c.name == "schema")
    ).scalar()


def _check_schema(found: str, where: str) -> None:
    if found != SCHEMA:
        raise LedgerError(
            f"the ledger {where} is of another version (schema {found}, this is {SCHEMA}); "
            "set c.ClassGame.ledger_url to a new one"
        )


def refusal(where: str, error: BaseException) -> LedgerError:
    """Describe a database's error in one line."""
    original = getattr(error, "orig", None) or error
    reason = (str(original) or type(original).__name__).splitlines()[0]
    if _sqlite_code(original) in NOT_A_LEDGER:
        return LedgerError(
            f"{where} is not a ledger and was left as it is; move it away, "
            "or set c.ClassGame.ledger_url to another file"
        )
    if _sqlite_code(original) in BUSY or state_of(original) == LOCK_TIMEOUT:
        return LedgerError(
            f"the ledger {where} was busy for over {LOCK_SECONDS} s; try again in a moment"
        )
    if isinstance(error, ImportError) and error.name in LIBPQ:
        reason = f'{reason}; run %pip install "jupyter-classgame[postgres]"'
    return UnwritableLedgerError(
        f"the ledger {where} cannot be used ({reason})",
        "try again in a moment, or set c.ClassGame.ledger_url to another place",
    )


def _sqlite_code(error: BaseException) -> int | None:
    """Give SQLite's primary code of an error; None where it is another's."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
