"""A server that is out of reach is waited for once, and found again when it is back."""

import threading

import pytest
import sqlalchemy as sa

from jupyter_classgame.shop.storage.database import Database, UnwritableLedgerError
from jupyter_classgame.shop.storage.outage import Outage


class Server:
    """Counts the attempts to reach it; away until ``back`` is set."""

    def __init__(self):
        self.attempts, self.back = 0, threading.Event()

    def reach(self):
        self.attempts += 1
        if not self.back.is_set():
            raise OSError("no route to host")


def test_it_is_tried_once_and_then_in_the_background_alone():
    server = Server()
    outage = Outage(server.reach, long=0, pause=0.001)
    with pytest.raises(OSError, match="no route"), outage.noticed():
        server.reach()
    for _ in range(3):
        with pytest.raises(OSError, match="no route"), outage.noticed():
            pytest.fail("nobody waits for it")
    server.back.set()
    assert outage.over.wait(60)
    with outage.noticed():
        server.reach()


def test_what_fails_at_once_is_tried_each_time():
    outage, server = Outage(lambda: None, long=60), Server()
    for _ in range(2):
        with pytest.raises(OSError, match="no route"), outage.noticed():
            server.reach()
    assert (server.attempts, outage.over.is_set()) == (2, True)


def test_a_closed_one_is_looked_for_no_more():
    server = Server()
    outage = Outage(server.reach, long=0, pause=600)
    with pytest.raises(OSError, match="no route"), outage.noticed():
        server.reach()
    outage.close()
    assert outage.over.wait(60)


def test_a_ledger_out_of_reach_says_why_each_time(tmp_path, monkeypatch):
    database, server = Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}"), Server()
    database._outage = Outage(server.reach, long=0, pause=0.001)
    reason = sa.exc.OperationalError("", None, TimeoutError("timeout expired"))

    def fail():
        server.attempts += 1
        raise reason

    with monkeypatch.context() as patch:
        patch.setattr(database._engine, "connect", fail)
        for _ in range(3):
            with pytest.raises(UnwritableLedgerError, match="timeout expired"), database.read():
                pytest.fail("it cannot be read")
    server.back.set()
    assert database._outage.over.wait(60)
    with database.read() as connection:
        assert connection.execute(sa.text("select 1")).scalar() == 1
    database.close()
