"""The URL of a ledger's database: the place it names, and what is refused."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote

import sqlalchemy as sa

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.shop.storage.engines import with_default_driver

EXAMPLE = "sqlite:////srv/class/ledger.sqlite"
MEMORY_FILE = ":memory:"

SQLITE_OPTIONS = ("timeout", "check_same_thread", "cached_statements")
"""What may stand behind the ? of an SQLite URL; other options make another database of it."""


def read_url(url: str | sa.URL) -> sa.URL:
    """Parse a database's URL.

    The path of an SQLite URL that is text may begin with ``~``, and may have percent-encoded
    characters; it is absolute, so that it names the same file whatever a kernel's folder is.

    Raises
    ------
    LedgerError
        It is invalid, or its path is relative to a kernel's folder.
    """
    try:
        read = with_default_driver(sa.make_url(url))
    except (sa.exc.ArgumentError, ValueError) as error:
        _, at, place = str(url).rpartition("@")  # the password precedes it
        shown = ("…@" if at else "") + place[:80]
        why = "" if isinstance(error, sa.exc.ArgumentError) else ", its port is not a number"
        raise LedgerError(
            f"{shown!r} is not a database URL{why}; set c.ClassGame.ledger_url to one such as "
            f"{EXAMPLE}"
        ) from error
    if isinstance(url, str) and read.get_backend_name() == "sqlite":
        return _sqlite_file(url, read)
    return read


def without_password(url: sa.URL) -> str:
    """Format a URL for people."""
    return url.difference_update_query(["password"]).render_as_string(hide_password=True)


def _sqlite_file(text: str, url: sa.URL) -> sa.URL:
    if url.host:
        raise LedgerError(
            f"{text}: {url.host} stands where a server would; a file's URL begins with more "
            f"slashes, such as {EXAMPLE}"
        )
    place, mark, options = text.partition("?")
    _check_options(text, mark, options)
    database = place.partition("://")[2].removeprefix("/")
    if database in ("", MEMORY_FILE):
        return sa.URL.create(url.drivername)
    path = _decoded(database)
    if not path.is_absolute():
        raise LedgerError(
            f"{text}: this path is relative to each kernel's folder; write an absolute path, "
            f"such as {EXAMPLE}"
        )
    return url.set(database=str(path))


def _check_options(text: str, mark: str, options: str) -> None:
    given = [name for name, _ in parse_qsl(options, keep_blank_values=True)]
    unknown = [name for name in given if name not in SQLITE_OPTIONS]
    if mark and (unknown or not given):
        what = f"{unknown[0]!r} is no option of a ledger" if unknown else "there is none"
        raise LedgerError(
            f"{text}: what follows a ? are options, and {what}; set c.ClassGame.ledger_url to "
            f"one such as {EXAMPLE}, with %3F for a ? in the path"
        )


def _decoded(database: str) -> Path:
    """Decode a percent-encoded path, unless only the path as it is written is there."""
    written, meant = (Path(each).expanduser() for each in (database, unquote(database)))
    for one, other in ((written, meant), (written.parent, meant.parent)):
        if one.exists() != other.exists():
            return written if one.exists() else meant
    return meant
