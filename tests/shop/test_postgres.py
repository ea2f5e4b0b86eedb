"""A ledger that a class shares, on a real PostgreSQL server."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from math import inf
from pathlib import Path

import pytest
import sqlalchemy as sa
from helpers.servers import postgres
from helpers.shop import buy

from jupyter_classgame.errors import LedgerError, OrderError
from jupyter_classgame.shop import Wallet, parse_order
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.storage import engines
from jupyter_classgame.shop.storage.database import Database, UnwritableLedgerError, check_url
from jupyter_classgame.shop.storage.records import Answers

BUYER = """
import sys
sys.path.insert(0, {tests!r})
from helpers.shop import buy, item
from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop import Catalogue
from jupyter_classgame.shop.storage.database import Database
from jupyter_classgame.shop.ledger import Ledger
url, team, first, step = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
catalogue = Catalogue([item(f"item-{{n}}", f"Item {{n}}", 30) for n in range(40)])
print("ready", flush=True)
sys.stdin.readline()
ledger = Ledger(Database(url))
game = ledger.open_game(team, "digits", {{}})
bought = 0
for n in range(first, 40, step):
    try:
        bought += buy(ledger, game, catalogue, f"buy Item {{n}}").changed
    except OrderError:
        pass
print(game.id, bought, flush=True)
"""


@pytest.fixture(scope="module")
def server():
    if postgres.programs() is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("PostgreSQL is missing: apt-get install postgresql")
        pytest.skip("PostgreSQL is not installed here")
    pytest.importorskip("psycopg", reason="psycopg is not installed here")
    with postgres.running() as server:
        yield server


@pytest.fixture
def url(server):
    """An empty database, as the teacher reaches it."""
    server.run("DROP DATABASE IF EXISTS class WITH (FORCE)")
    server.run("CREATE DATABASE class")
    return server.url()


@pytest.fixture
def ledger(url):
    ledger = Ledger(Database(url))
    yield ledger
    ledger.close()


def processes(url, *arguments):
    """Start buyers, which wait until all are ready, and give what each says in the end."""
    code = BUYER.format(tests=str(Path(__file__).parent.parent))
    buyers = [
        subprocess.Popen(
            [sys.executable, "-c", code, url, *map(str, each)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for each in arguments
    ]
    for process in buyers:
        assert process.stdout.readline() == "ready\n"
    for process in buyers:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0].split() for process in buyers]
    assert [process.returncode for process in buyers] == [0] * len(buyers)
    return [tuple(map(int, each)) for each in said]


def test_processes_that_race_make_one_ledger_one_game_and_never_overdraw(url):
    said = processes(
        url, ("red", 0, 3), ("red", 1, 3), ("red", 2, 3), ("blue", 0, 2), ("blue", 1, 2)
    )
    red, blue = said[:3], said[3:]
    assert len({game for game, _ in red}) == len({game for game, _ in blue}) == 1
    assert red[0][0] != blue[0][0]
    assert sum(bought for _, bought in red) == 3  # three times 30 of 100 B NN, never a fourth
    assert sum(bought for _, bought in blue) == 3
    for team in ("red", "blue"):
        ledger = Ledger(Database(url))
        held = ledger.holdings(ledger.open_game(team, "digits", {}))
        ledger.close()
        assert sum(held.owned.values()) == 3
        assert sum(held.paid.values()) == 90


def test_two_members_of_a_team_agree_and_another_team_sees_nothing(url, catalogue):
    mine, mates, rivals = (Ledger(Database(url)) for _ in range(3))
    game, same = (each.open_game("red", "digits", {}) for each in (mine, mates))
    other = rivals.open_game("blue", "digits", {})
    buy(mine, game, catalogue, "buy Flip trick, neural-turbo-boost x 2")
    assert mates.holdings(same) == mine.holdings(game)
    assert dict(mates.holdings(same).owned) == {"flip-trick": 1, "neural-turbo-boost": 2}
    run = mine.start_run(game, "model", ranked=True, seed=2**64 - 1, in_use={"flip-trick": 1})
    assert [found.number for found in mates.runs(same)] == [run.number] == [1]
    assert rivals.holdings(other).owned == {}
    assert rivals.runs(other) == []
    for each in (mine, mates, rivals):
        each.close()


def test_a_whole_run_is_kept_as_it_was_written(ledger):
    game = ledger.open_game("r\u00f6t \U0001f98b", "digits", {"image size": "32x32"})
    run = ledger.start_run(game, "m" * 300, ranked=True, seed=1, in_use={"flip-trick": 1})
    ledger.record_epoch(run, epoch=1, life_epochs=1, weights="w", ranked=True)
    ledger.record_epoch(run, epoch=1, life_epochs=1, weights="w", ranked=True)
    assert not ledger.end_run(
        game, run, stopped_by="nan", epochs=1, life_epochs=1, weights="w", ranked=False,
        val_acc=0.5, val_loss=inf, rates=(inf, 0.1), answers=Answers([3], [0], [-inf]),
    )  # fmt: skip
    (found,) = ledger.runs(game)
    assert found.answers == Answers([3], [0], [-inf])
    assert (found.rates, found.val_loss) == ([inf, 0.1], inf)
    assert found.started == run.started
    assert found.label == "m" * 200
    assert len(ledger.epochs(game)) == 1
    assert (found.weights, found.life_epochs) == ("w", 1)
    assert [epoch.life_epochs for epoch in ledger.epochs(game, weights="w")] == [1]
    written = ledger.record_final(game, "w", 0.5, {"flip-trick": 1}, {}, cap=1)
    assert ledger.record_final(game, "w", 0.1, {}, {}, cap=1) == written
    assert ledger.record_final(game, "v", 0.1, {}, {}, cap=1) is None
    ledger.reset(game)
    assert ledger.finals(game) == [written]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE classgame_entries SET count = 9",
        "DELETE FROM classgame_games",
        "TRUNCATE classgame_finals",
    ],
)
def test_the_database_itself_refuses_to_forget(server, ledger, change):
    with pytest.raises(subprocess.CalledProcessError) as refused:
        server.run(change, "class")
    assert "append-only" in refused.value.stderr


def test_a_player_needs_no_right_but_to_read_and_add(server, ledger, catalogue):
    server.run("DROP ROLE IF EXISTS player")
    server.run("CREATE ROLE player LOGIN")
    for right in (
        "SELECT, INSERT ON ALL TABLES IN SCHEMA public",
        "USAGE ON ALL SEQUENCES IN SCHEMA public",
    ):
        server.run(f"GRANT {right} TO player", "class")
    player = Ledger(Database(server.url("player")))
    game = player.open_game("red", "digits", {})
    buy(player, game, catalogue, "buy Flip trick")
    buy(player, game, catalogue, "return Flip trick")
    run = player.start_run(game, "model", ranked=True, seed=1, in_use={})
    assert [found.id for found in player.runs(game)] == [run.id]
    player.close()
    server.run("DROP OWNED BY player", "class")


HOLDER = """
import sys, time
from jupyter_classgame.shop.storage import engines
from jupyter_classgame.shop.storage.database import Database
engines.IDLE_SECONDS = int(sys.argv[3])
with Database(sys.argv[1]).write() as connection:
    engines.lock(connection, int(sys.argv[2]))
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def stopped_kernel(url):
    """Stops a process in a transaction that holds a game's lock and may be idle for so long."""
    started = []

    def stop(game, idle):
        command = [sys.executable, "-c", HOLDER, url, str(game.id), str(idle)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "held\n"
        os.kill(started[-1].pid, signal.SIGSTOP)
        return started[-1]

    yield stop
    for process in started:
        process.kill()
        process.communicate()


def test_a_stopped_kernel_does_not_hold_the_others_up_for_ever(
    ledger, catalogue, stopped_kernel, monkeypatch
):
    game = ledger.open_game("red", "digits", {})
    stopped = stopped_kernel(game, idle=600)
    with monkeypatch.context() as patch:
        patch.setattr(engines, "LOCK_SECONDS", 0.5)
        with pytest.raises(LedgerError, match=r"was busy for over \d+ s; try again"):
            buy(ledger, game, catalogue, "buy Flip trick")
    assert ledger.holdings(game).owned == {}
    stopped.kill()
    stopped_kernel(game, idle=3)
    buy(ledger, game, catalogue, "buy Flip trick")  # waits until the server ends the transaction
    assert dict(ledger.holdings(game).owned) == {"flip-trick": 1}


def test_threads_of_one_kernel_take_turns(ledger, catalogue):
    game = ledger.open_game("red", "digits", {})

    def attempt(number):
        verb = "buy" if number % 2 else "return"
        try:
            return buy(ledger, game, catalogue, f"{verb} Flip trick, Ensemble enchanter").after
        except OrderError:
            return None

    with ThreadPoolExecutor(8) as pool:
        balances = set(pool.map(attempt, range(40)))
    assert balances <= {30, 100}


def test_a_server_that_was_started_again_is_found_again(server, ledger, catalogue):
    game = ledger.open_game("red", "digits", {})
    buy(ledger, game, catalogue, "buy Flip trick")
    server.stop()
    with pytest.raises(UnwritableLedgerError) as refused:
        ledger.holdings(game)
    assert "\n" not in str(refused.value)
    server.start()
    assert dict(ledger.holdings(game).owned) == {"flip-trick": 1}


def test_a_password_is_shown_to_nobody(server):
    with pytest.raises(UnwritableLedgerError) as refused:
        Database(f"postgresql://red:geheim@/nowhere?host={server.folder}")
    assert "geheim" not in str(refused.value)
    assert "red:***" in str(refused.value)


def test_a_url_without_a_driver_takes_the_one_we_ask_for(server, ledger):
    assert ledger.where.startswith("postgresql+psycopg://teacher@")
    check_url(server.url(), shared=True)


IN_TRANSACTION = """SELECT pid FROM pg_stat_activity
WHERE datname = 'class' AND state = 'idle in transaction'"""

CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'class'"


def test_a_kernel_takes_one_connection_at_a_time_and_gives_it_back(server, ledger):
    game = ledger.open_game("red", "digits", {})
    given_back = []
    sa.event.listen(ledger._database._engine, "close", lambda *_: given_back.append(1))
    with ThreadPoolExecutor(8) as pool, ledger._database.read():
        waiting = [pool.submit(ledger.holdings, game) for _ in range(40)]
        assert server.run(CONNECTIONS) == "1"
    assert {reading.result().owned == {} for reading in waiting} == {True}
    assert len(given_back) == 41


def test_more_kernels_than_the_server_has_connections_take_turns(server, url, catalogue):
    taken = [sa.create_engine(url.replace("gresql:", "gresql+psycopg:")) for _ in range(40)]
    held = [engine.connect() for engine in taken[:37]]
    for engine in taken[37:]:  # of the reserved ones
        with suppress(sa.exc.OperationalError):
            held.append(engine.connect())
    ledger_opened = ThreadPoolExecutor(1).submit(lambda: Ledger(Database(url)))
    with pytest.raises(TimeoutError):
        ledger_opened.result(timeout=0.5)
    for connection in held:
        connection.close()
    for engine in taken:
        engine.dispose()
    ledger = ledger_opened.result(timeout=60)
    buy(ledger, ledger.open_game("red", "digits", {}), catalogue, "buy Flip trick")
    ledger.close()


def test_a_server_that_has_stopped_answering_holds_nobody_up(
    server, ledger, catalogue, monkeypatch
):
    game = ledger.open_game("red", "digits", {})
    monkeypatch.setattr(engines, "ANSWER_SECONDS", 1)
    hasty = Ledger(Database(ledger._database.url))
    monkeypatch.undo()
    stopped = []

    def stop_the_server(_held, _used):
        stopped.append(int(server.run(IN_TRANSACTION)))
        os.kill(stopped[0], signal.SIGSTOP)
        return Wallet(catalogue, 100, {}, {}).settle(
            parse_order("buy Flip trick", catalogue), "red", {}
        )

    try:
        with pytest.raises(LedgerError, match="did not answer for over 1 s"):
            hasty.order(game, stop_the_server)
    finally:
        os.kill(stopped.pop(), signal.SIGCONT)
    buy(hasty, game, catalogue, "buy Flip trick")
    assert dict(ledger.holdings(game).owned) == {"flip-trick": 1}
    hasty.close()
