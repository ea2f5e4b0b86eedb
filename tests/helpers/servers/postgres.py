"""A PostgreSQL server of the test's own, in a folder of its own, reached by a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

DEBIAN = "/usr/lib/postgresql"
UNPRIVILEGED = ("postgres", "nobody")
"""Who may run the server where the tests run as root, which PostgreSQL refuses to."""


def programs():
    """Where initdb and its siblings are; None where there is no PostgreSQL."""
    found = [shutil.which("initdb"), *sorted(Path(DEBIAN).glob("*/bin/initdb"), reverse=True)]
    return next((Path(each).resolve().parent for each in found if each), None)


def _account():
    if os.geteuid() != 0:
        return None
    return next(
        user for user in UNPRIVILEGED if user in {entry.pw_name for entry in pwd.getpwall()}
    )


class Server:
    """A running server; ``stop`` and ``start`` go on with the same data."""

    def __init__(self, folder, account):
        self.folder, self._account = Path(folder), account
        self._program("initdb", "-A", "trust", "-U", "teacher", "-E", "UTF8", "-N")
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = ''\nunix_socket_directories = '{folder}'\nfsync = off\n"
                "max_connections = 40\ndefault_transaction_isolation = 'serializable'\n"
            )
        self.start()
        self.run("CREATE DATABASE class")

    def url(self, user="teacher", driver="postgresql"):
        """The class's database, for SQLAlchemy."""
        return f"{driver}://{user}@/class?host={self.folder}"

    def run(self, statement, database="postgres"):
        """Carry a statement out as the server's owner, and give what it prints."""
        command = [programs() / "psql", "-h", self.folder, "-U", "teacher", "-d", database, "-tAc"]
        done = subprocess.run(
            [*command, statement], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout.strip()

    def start(self):
        """Start it, and wait until it answers."""
        self._program("pg_ctl", "-w", "-l", self.folder / "log", "start")

    def stop(self):
        """Stop it, whoever is connected."""
        self._program("pg_ctl", "-w", "-m", "immediate", "stop")

    def _program(self, name, *arguments):
        subprocess.run(
            [programs() / name, "-D", self.folder / "data", *arguments],
            user=self._account,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=120,
        )


@contextmanager
def running():
    """A fresh server, stopped and forgotten at the end."""
    folder = tempfile.mkdtemp(prefix="classgame-pg-", dir="/tmp")  # a socket's path is short
    account = _account()
    try:
        if account is not None:
            shutil.chown(folder, account)
        server = Server(folder, account)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
