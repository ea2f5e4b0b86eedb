import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from helpers.shop import buy
from helpers.waiting import until

from jupyter_classgame.errors import LedgerError, OrderError
from jupyter_classgame.shop.ledger import Ledger, open_ledger
from jupyter_classgame.shop.storage.database import Database, UnwritableLedgerError
from jupyter_classgame.shop.storage.records import RunAudits, RunNumbers


def owned_by(ledger, game):
    return dict(ledger.holdings(game).owned)


IN_USE = {"flip-trick": 1}


def start(ledger, game, label="model", ranked=True):
    return ledger.start_run(game, label, ranked=ranked, seed=1, in_use=IN_USE)


def end(ledger, game, run, weights="w1", ranked=True, epochs=2, life=2):
    return ledger.end_run(
        game,
        run,
        stopped_by="epochs",
        epochs=epochs,
        life_epochs=life,
        weights=weights,
        ranked=ranked,
        val_acc=0.5,
        val_loss=1.0,
    )


def test_purchases_outlive_the_process(tmp_path, catalogue):
    url = f"sqlite:///{tmp_path / 'a.sqlite'}"
    first = Ledger(Database(url))
    game = first.open_game("red", "digits", {})
    buy(first, game, catalogue, "buy Flip trick, neural-turbo-boost x 2")
    first.close()
    second = Ledger(Database(url))
    again = second.open_game("red", "digits", {})
    assert owned_by(second, again) == {"flip-trick": 1, "neural-turbo-boost": 2}
    assert again.id == game.id
    second.close()


def test_teams_do_not_see_each_other(ledger, game, catalogue):
    buy(ledger, game, catalogue, "buy Flip trick")
    blue = ledger.open_game("blue", "digits", {"image size": "32x32"})
    assert owned_by(ledger, blue) == {}


def test_returns_and_resets_keep_the_record(ledger, game, catalogue, tmp_path):
    buy(ledger, game, catalogue, "buy Flip trick, neural-turbo-boost x 2")
    buy(ledger, game, catalogue, "return Flip trick")
    assert owned_by(ledger, game) == {"neural-turbo-boost": 2}
    ledger.reset(game)
    assert owned_by(ledger, game) == {}
    with sqlite3.connect(tmp_path / "ledger.sqlite") as rows:
        kinds = [row[0] for row in rows.execute("select kind from classgame_entries order by id")]
    rows.close()
    assert kinds == ["purchase", "purchase", "return", "reset"]


def test_a_failed_order_writes_nothing(ledger, game, catalogue):
    with pytest.raises(OrderError):
        buy(ledger, game, catalogue, "buy neural-turbo-boost x 3, Ensemble enchanter")
    with pytest.raises(ValueError, match="of another's code"):  # nothing in the ledger is to blame
        ledger.order(game, lambda *_: int("of another's code"))
    assert owned_by(ledger, game) == {}


@pytest.mark.parametrize(
    "change", ["update classgame_entries set count = 9", "delete from classgame_entries"]
)
def test_the_database_itself_refuses_to_forget(ledger, game, catalogue, tmp_path, change):
    buy(ledger, game, catalogue, "buy Flip trick")
    rows = sqlite3.connect(tmp_path / "ledger.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        rows.execute(change)
    rows.close()


def test_resuming_with_something_else_names_the_difference(ledger, game):
    with pytest.raises(LedgerError, match="begun with image size 32x32, not 64x64"):
        ledger.open_game("red", "digits", {"image size": "64x64"})


def test_a_ranked_run_holds_what_was_owned(ledger, game, catalogue):
    buy(ledger, game, catalogue, "buy Flip trick, Speed dial")
    run = start(ledger, game, "model", ranked=True)
    buy(ledger, game, catalogue, "return Speed dial")  # owned, and not in use
    end(ledger, game, run)
    with pytest.raises(OrderError, match=r"used in ranked run 1 \(model\)"):
        buy(ledger, game, catalogue, "return Flip trick")
    ledger.reset(game)
    buy(ledger, game, catalogue, "buy Flip trick")
    assert buy(ledger, game, catalogue, "return Flip trick").changed


def test_a_runs_numbers_are_kept_also_in_a_ledger_of_before_there_were_any(ledger, game, tmp_path):
    earlier = start(ledger, game)
    end(ledger, game, earlier)
    ledger.close()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as rows:
        rows.execute("drop table classgame_run_numbers")
        rows.execute("drop table classgame_run_audits")
    rows.close()
    ledger = open_ledger("", tmp_path)
    run = start(ledger, game)
    curves = {"train_acc": [[1, 0.5], [2, 0.75]], "edits": [[0.5, "lr 1 → 2"]]}
    numbers = RunNumbers(0.1, 0.01, 3.5, 0.75, curves)
    audits = RunAudits(7, [{"what": "weights", "epoch": 2}], {"the step": "too large"})
    ledger.end_run(
        game, run, stopped_by="epochs", epochs=2, life_epochs=2, weights="w2", ranked=True,
        val_acc=None, val_loss=None, numbers=numbers, audits=audits,
    )  # fmt: skip
    first, second = ledger.runs(game)
    assert (first.numbers, first.audits, ledger.curves(first)) == (None, None, {})
    assert second.audits == audits
    assert second.numbers == RunNumbers(0.1, 0.01, 3.5, 0.75)
    assert ledger.curves(second) == curves
    ledger.close()


def test_a_practice_run_uses_nothing_up(ledger, game, catalogue):
    buy(ledger, game, catalogue, "buy Flip trick")
    end(
        ledger,
        game,
        start(ledger, game, "model", ranked=False),
        ranked=False,
    )
    assert buy(ledger, game, catalogue, "return Flip trick").changed


def test_runs_are_numbered_and_remembered(ledger, game):
    end(
        ledger,
        game,
        start(ledger, game, "a", ranked=True),
        weights="wa",
        life=3,
    )
    start(ledger, game, "b", ranked=True)
    first, second = ledger.runs(game)
    assert (first.number, first.label, first.stopped_by, first.val_acc) == (1, "a", "epochs", 0.5)
    assert (second.number, second.stopped_by, second.ranked) == (2, None, False)
    assert (first.weights, first.life_epochs) == ("wa", 3)
    assert second.weights is None
    assert not ledger.epochs(game, weights="other")
    lost = [ledger.unrecorded_run(game, "c", in_use={}).number for _ in range(2)]
    assert (lost, start(ledger, game).number) == ([3, 4], 5)


def test_final_scores_are_capped_and_kept(ledger, game):
    def record(weights, accuracy):
        return ledger.record_final(game, weights, accuracy, {"flip-trick": 1}, {}, cap=2)

    assert record("a", 0.9).accuracy == 0.9
    assert record("a", 0.1).accuracy == 0.9
    assert record("b", 0.8).accuracy == 0.8
    assert record("c", 0.7) is None
    ledger.reset(game)
    assert [found.weights for found in ledger.finals(game)] == ["a", "b"]
    assert record("c", 0.7) is None
    assert record("b", 0.1).accuracy == 0.8


def test_what_a_final_score_was_reached_with_stays_bought(ledger, game, catalogue):
    buy(ledger, game, catalogue, "buy Ensemble enchanter")
    ledger.record_final(
        game, "a", 0.9, {"ensemble-enchanter": 1, "flip-trick": 1}, {"ensemble-enchanter": 1}, cap=3
    )
    with pytest.raises(OrderError, match="used in a final score"):
        buy(ledger, game, catalogue, "return Ensemble enchanter")


def test_a_run_whose_item_was_returned_meanwhile_is_not_ranked(ledger, game, catalogue):
    buy(ledger, game, catalogue, "buy Flip trick")
    run = start(ledger, game)
    buy(ledger, game, catalogue, "return Flip trick")
    assert not end(ledger, game, run)
    assert not ledger.runs(game)[0].ranked


def test_moments_are_read_as_they_were_written(ledger, game):
    written = ledger.record_final(game, "a", 0.5, {}, {}, cap=1)
    assert ledger.finals(game) == [written]
    assert written.at.tzinfo is not None


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path):
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"my thesis, chapter one " * 100)
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="is not a ledger and was left as it is") as refused:
        open_ledger("", tmp_path)
    assert not isinstance(refused.value, UnwritableLedgerError)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UnwritableLedgerError, match="cannot be used") as refused:
        open_ledger("", tmp_path / "file" / "classgame")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "nosuchdb://u:secret@host/x",
        "postgresql://u:secret@host:abc/x",
        "u:secret@host",
        "postgresql://u@127.0.0.1:1/x?password=secret",
    ],
)
def test_a_wrong_url_is_told_in_one_line_without_its_password(tmp_path, url):
    with pytest.raises(LedgerError) as refused:
        open_ledger(url, tmp_path)
    assert "ledger_url" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_ledger_of_another_version_is_refused(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with database.write() as connection:
        connection.execute(sa.text("update classgame_settings set value = '99'"))
    database.close()
    with pytest.raises(LedgerError, match="schema 99"):
        open_ledger("", tmp_path)


def test_the_journal_suits_network_file_systems(ledger, tmp_path):
    rows = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert rows.execute("pragma journal_mode").fetchone() == ("delete",)
    rows.close()


BUYER = """
import sys, time
sys.path.insert(0, {tests!r})
from helpers.shop import buy, item
from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop import Catalogue
from jupyter_classgame.shop.storage.database import Database
from jupyter_classgame.shop.ledger import Ledger
ledger = Ledger(Database({url!r}))
game = ledger.open_game("red", "digits", {{}})
catalogue = Catalogue([item(f"item-{{n}}", f"Item {{n}}", 30) for n in range(40)])
print("ready", flush=True)
sys.stdin.readline()
for n in range(int(sys.argv[1]), 40, 2):
    try:
        buy(ledger, game, catalogue, f"buy Item {{n}}")
    except OrderError:
        pass
print("done", flush=True)
"""


def buyer(tmp_path, first):
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    code = BUYER.format(tests=str(Path(__file__).parent.parent), url=url)
    return subprocess.Popen(
        [sys.executable, "-c", code, str(first)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.processes
def test_two_kernels_buying_at_once_never_overdraw(tmp_path):
    buyers = [buyer(tmp_path, first) for first in (0, 1)]
    for process in buyers:
        assert process.stdout.readline() == "ready\n"
    for process in buyers:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in buyers:
        out, _ = process.communicate(timeout=300)
        assert out == "done\n"
        assert process.returncode == 0
    ledger = Ledger(Database(f"sqlite:///{tmp_path / 'shared.sqlite'}"))
    owned = owned_by(ledger, ledger.open_game("red", "digits", {}))
    ledger.close()
    assert sum(owned.values()) == 3  # three times 30 of 100 B NN, never a fourth


def _order_for_ever(path, catalogue, orders):
    ledger = Ledger(Database(f"sqlite:///{path}"))
    game = ledger.open_game("red", "digits", {})
    while True:
        buy(ledger, game, catalogue, "buy Flip trick, Speed dial, neural-turbo-boost x 2")
        buy(ledger, game, catalogue, "return Flip trick, Speed dial, neural-turbo-boost")
        orders.value += 2


@pytest.mark.processes
def test_a_kernel_killed_in_an_order_leaves_it_whole_or_not_there(tmp_path, catalogue):
    path = tmp_path / "ledger.sqlite"
    context = multiprocessing.get_context("spawn")
    for round_ in range(4):
        orders = context.Value("i", lock=False)
        process = context.Process(target=_order_for_ever, args=(path, catalogue, orders))
        process.start()
        until(lambda orders=orders, round_=round_: orders.value > 6 * round_)  # somewhere in one
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        ledger = Ledger(Database(f"sqlite:///{path}"))
        owned = owned_by(ledger, ledger.open_game("red", "digits", {}))
        ledger.close()
        whole = {"flip-trick": 1, "rate-rollercoaster": 1, "neural-turbo-boost": 2}
        assert owned in ({}, whole)


@pytest.mark.parametrize(
    ("column", "content"),
    [
        ("runs.owned", "'{half'"),
        ("runs.owned", "cast(x'ff7b' as text)"),
        ("runs.started", "'yesterday'"),
        ("games.spec", "'[1'"),
    ],
)
def test_a_record_that_cannot_be_read_is_told_in_one_line(ledger, game, tmp_path, column, content):
    start(ledger, game)
    table, _, name = column.partition(".")
    rows = sqlite3.connect(tmp_path / "ledger.sqlite")
    rows.execute(f"DROP TRIGGER classgame_{table}_no_update")
    rows.execute(" ".join(["UPDATE", f"classgame_{table}", "SET", name, "=", content]))
    rows.commit()
    rows.close()
    reads = {
        "games": lambda: ledger.open_game("red", "digits", {}),
        "runs": lambda: ledger.runs(game),
    }
    with pytest.raises(LedgerError) as refused:
        reads[table]()
    assert "\n" not in str(refused.value)
    assert "cannot be read" in str(refused.value) or "cannot be used" in str(refused.value)


def test_a_class_that_opens_its_games_again_locks_nothing(ledger, game, tmp_path):
    holder = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    other = open_ledger("", tmp_path)
    other.check_writable()
    assert other.open_game("red", "digits", {"image size": "32x32"}) == game
    other.close()
    holder.close()
