import sqlite3
import subprocess
import sys
from dataclasses import replace
from threading import Event

import pytest
from helpers.shop import out_of_reach
from helpers.waiting import until, watchers

from jupyter_classgame import start_game
from jupyter_classgame.errors import LedgerError
from jupyter_classgame.events import WalletChanged
from jupyter_classgame.session.context import SharedState
from jupyter_classgame.session.wallet.ledger_poller import PERIOD
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.shop.ledger import open_ledger

BUYS = (
    "import sys, jupyter_classgame\n"
    "jupyter_classgame.start_game(sys.argv[1], team='red', image_size=16).buy('flip-trick')"
)


@pytest.fixture
def heard(game):
    """What is published."""
    heard = []
    game.events.subscribe(heard.append)
    return heard


@pytest.fixture
def other(game):
    """The team's purchases as another kernel makes them: with a ledger and events of its own."""
    ledger = open_ledger("", game.config.ledger_folder())
    asked = (game.team, game.pack.name, game.record.spec)
    game_there = ledger.open_game(*asked, rules=game.pack.digest)
    context = replace(
        game.context,
        ledger=ledger,
        record=game_there,
        shared=SharedState(),
    )
    yield Purchases(context)
    ledger.close()


@pytest.fixture(autouse=True)
def _nobody_watches():
    """See that the threads of earlier tests have ended."""
    until(lambda: not watchers())


def test_another_kernels_purchase_return_and_reset_are_heard_within_a_second(game, heard, other):
    close = game.watch()
    for act, owned, balance in (
        (lambda: other.buy("flip-trick"), {"flip-trick": 1}, 90),
        (lambda: other.order("buy neural-turbo-boost x 2"),
         {"flip-trick": 1, "neural-turbo-boost": 2}, 50),
        (lambda: other.return_("flip-trick"), {"neural-turbo-boost": 2}, 60),
        (lambda: other.reset(yes=True), {}, 100),
    ):  # fmt: skip
        heard.clear()
        act()
        until(lambda: heard)
        event = heard[0]
        assert isinstance(event, WalletChanged)
        assert (event.team, event.balance, dict(event.owned)) == ("red", balance, owned)
        assert event.changes == ()
    close()
    assert PERIOD <= 0.5


@pytest.mark.processes
def test_another_process_is_heard(game, heard, image_folder):
    close = game.watch()
    subprocess.run([sys.executable, "-c", BUYS, str(image_folder)], check=True)
    until(lambda: heard)
    assert heard[0].balance == game.balance == 90
    close()


def test_what_this_kernel_buys_is_told_once(game, heard):
    close = game.watch()
    game.buy("flip-trick")
    for _ in range(3):
        game._poller.look()
    assert [event.changes != () for event in heard] == [True]
    close()


def test_a_look_before_this_kernel_has_told_of_its_order_takes_it_for_nobody_elses(
    game, heard, monkeypatch
):
    close = game.watch()
    order = game.ledger.order

    def order_and_look(record, settle):
        receipt = order(record, settle)
        game._poller.look()  # as its thread may at that moment
        return receipt

    monkeypatch.setattr(game.ledger, "order", order_and_look)
    game.buy("flip-trick")
    game._poller.look()
    assert [event.changes != () for event in heard] == [True]
    close()


def test_another_teams_purchases_are_not_told(game, heard, image_folder):
    close = game.watch()
    start_game(image_folder, team="blue", image_size=16).buy("flip-trick")
    for _ in range(3):
        game._poller.look()
    assert heard == []
    close()


def test_one_thread_looks_while_anybody_watches(game, heard, other):
    assert watchers() == []
    first, second = game.watch(), game.watch()
    assert len(watchers()) == 1
    first()
    first()  # once more changes nothing
    assert len(watchers()) == 1
    second()
    until(lambda: not watchers())
    other.buy("flip-trick")
    assert watchers() == []
    assert heard == []
    third = game.watch()
    other.buy("foggy-lens")
    until(lambda: heard)
    assert heard[0].balance == 85
    third()


def test_a_ledger_that_is_held_for_a_while_is_looked_at_again(game, heard, other, monkeypatch):
    there, looked, look = Event(), Event(), game._poller.look

    def look_while_it_is_held():
        assert there.wait(300)
        looked.set()
        look()

    monkeypatch.setattr(game._poller, "look", look_while_it_is_held)
    close = game.watch()
    other.buy("flip-trick")
    held = sqlite3.connect(game.ledger.where, isolation_level=None)
    held.execute("BEGIN EXCLUSIVE")
    there.set()
    assert looked.wait(300)
    held.execute("ROLLBACK")
    held.close()
    until(lambda: heard)
    assert watchers()
    close()


def test_a_watch_that_could_not_begin_does_not_stand_in_the_way_of_the_next(game, heard, other):
    with out_of_reach(game.ledger), pytest.raises(LedgerError):
        game.watch()
    assert watchers() == []
    close = game.watch()
    assert len(watchers()) == 1
    other.buy("flip-trick")
    until(lambda: heard)
    close()
    until(lambda: not watchers())


def test_practice_is_not_watched(image_folder):
    close = start_game(image_folder, practice=True, image_size=16).watch()
    assert watchers() == []
    close()
