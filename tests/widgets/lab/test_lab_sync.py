import json
import logging
import math
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from helpers.isolation.folders import many_epochs
from helpers.shop import out_of_reach
from helpers.waiting import Clock, until, watchers
from ipywidgets.widgets.widget import _instances
from torch import nn

from jupyter_classgame.config import ClassGame
from jupyter_classgame.events import (
    EpochEnded,
    HandEdited,
    Judged,
    Noticed,
    Progress,
    RunEnded,
    RunPaused,
    RunStarted,
)
from jupyter_classgame.referee import Evidence, Finding, Verdict
from jupyter_classgame.session import start_game
from jupyter_classgame.session.context import SharedState
from jupyter_classgame.session.run_registry import control_of
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.shop.ledger import open_ledger
from jupyter_classgame.shop.storage.records import RunNumbers
from jupyter_classgame.training.wording import score_text
from jupyter_classgame.widgets.chart.run_chart import RunChart
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.comm.message_schema import MAX_BYTES, VERSION, size
from jupyter_classgame.widgets.lab import game_state, send_throttle
from jupyter_classgame.widgets.lab.lab_sync import PAUSE, PROGRESS_PAUSE, WITHIN_PAUSE, LabSync


class Front:
    """A front end that has said hello: keeps what it is told, and can ask."""

    def __init__(self, link, now=time.monotonic):
        self.heard = []
        self.link, self._now = link, now
        self._take = lambda data: link._take(self, {"content": {"data": data}})
        self.say("hello")

    def send(self, message):
        self.heard.append((self._now(), message))

    def say(self, kind, **fields):
        self._take({"version": VERSION, "type": kind, **fields})

    @property
    def states(self):
        return [message["game"] for _, message in self.heard if message["type"] == "state"]

    @property
    def numbers(self):
        return [message for _, message in self.heard if message["type"] == "curves"]

    def wait(self, told):
        """Wait until the newest state is as it should be."""
        until(lambda: self.states and told(self.states[-1]))
        return self.states[-1]


@pytest.fixture
def game(image_folder, tmp_path):
    """A game whose rules let a run last."""
    config = ClassGame(rules=many_epochs(tmp_path))
    return start_game(image_folder, team="red <b>&</b>", image_size=16, config=config)


@pytest.fixture
def clock(monkeypatch):
    """The clock that messages keep their distance by, moved by hand."""
    clock = Clock()
    monkeypatch.setattr(send_throttle, "time", clock)
    monkeypatch.setattr(send_throttle, "Timer", clock.timer)
    return clock


@pytest.fixture
def desk(sent, game):
    """A desk that follows a game."""
    desk = LabSync(comm_link.CommLink())
    desk.follow(game)
    yield desk
    desk.follow(None)


@pytest.fixture
def front(desk):
    return Front(desk._link)


def address(game):
    return {"pack": game.pack.name, "team": game.team}


def test_a_front_end_that_says_hello_is_told_how_the_game_stands(game, front):
    state = front.wait(lambda state: state)
    assert state["team"] == "red <b>&</b>"
    assert (state["budget"], state["balance"]) == (100.0, 100.0)
    assert (state["owned"], state["runs"], state["under_way"]) == ([], [], [])
    assert state["verdict"] is None


def test_a_purchase_is_told_of(game, front):
    game.order("buy flip-trick, neural-turbo-boost x 2")
    state = front.wait(lambda state: state["balance"] == 50.0)
    assert state["owned"] == [
        {"slug": "flip-trick", "name": "Flip trick", "count": 1, "used": False},
        {"slug": "neural-turbo-boost", "name": "Neural turbo boost", "count": 2, "used": False},
    ]


def test_messages_keep_their_distance_and_the_last_change_is_told(clock, desk, game):
    front = Front(desk._link, clock.monotonic)
    clock.advance(0.0)
    game.events.publish(RunStarted(1, "run 1", 400, 1, 0, "cpu"))
    epoch = 0
    for _ in range(500):
        for _ in range(10):
            epoch += 1
            game.events.publish(EpochEnded(1, epoch, 40000, 1.0, 0.5, None, None, 0.1, 1.0, 1.0))
        clock.advance(0.01)
    clock.advance(60.0)
    times = [when for when, _ in front.heard]
    progress = [PAUSE + number * PROGRESS_PAUSE for number in range(1, 5)]
    assert times == pytest.approx([0.0, PAUSE, *progress])
    assert front.states[-1]["under_way"][0]["epoch"] == epoch
    del front.heard[:]
    for batch in range(100):
        game.events.publish(Progress(1, 9, 40000, batch, 100, 1.0, 0.5, 1.0, 1.0))
        clock.advance(0.1)
    (first, *times) = [when for when, _ in front.heard]
    assert times == pytest.approx(
        [first + number * WITHIN_PAUSE for number in range(1, 4)], abs=0.2
    )


def test_the_ledger_is_read_when_it_has_changed_and_not_for_every_message(desk, game, monkeypatch):
    reads = []
    real = type(game).runs
    monkeypatch.setattr(type(game), "runs", lambda self: reads.append(1) or real(self))
    for epoch in range(1, 4):
        game.events.publish(EpochEnded(1, epoch, 4, 1.0, 0.5, None, None, 0.1, 1.0, 1.0))
        desk.state()
    assert len(reads) == 1
    game.buy("flip-trick")
    assert desk.state()["balance"] == 90.0
    assert len(reads) == 2


def test_without_a_front_end_nothing_is_gathered(clock, desk, game, monkeypatch):
    monkeypatch.setattr(desk, "state", lambda: pytest.fail("gathered for nobody"))
    game.buy("flip-trick")
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu"))
    assert clock.timers == []
    assert not desk._outbox.due


@pytest.fixture
def start(game):
    """Starts a slow run in the background, which lasts until it is stopped."""

    def slowly(image):
        time.sleep(0.01)
        return image

    histories = []

    def start(epochs=10_000):
        model = nn.Sequential(nn.Flatten(), nn.Linear(768, 3))
        history = game.train(
            model,
            torch.optim.SGD(model.parameters(), lr=0.01),
            data=game.loader("train", batch_size=4, transform=slowly),
            val=game.loader("val"),
            epochs=epochs,
            background=True,
        )
        histories.append(history)
        return history

    yield start
    for history in histories:
        history.stop()
        history.wait()


def test_a_run_is_told_of_while_it_goes_on_and_obeys(game, front, start):
    history = start()
    state = front.wait(lambda state: state["under_way"] and state["under_way"][0]["epoch"] > 1)
    (run,) = state["under_way"]
    assert run["run"] == history.run
    assert run["epochs"] == 10_000
    assert 0.0 < run["fraction"] < 1.0
    assert [run[name] for name in ("paused", "finished")] == [False] * 2
    assert state["runs"] == []

    ask = {**address(game), "run": history.run}
    front.say("control", **ask, action="pause")
    front.wait(lambda state: state["under_way"][0]["paused"])
    front.say("control", **ask, action="resume")
    front.wait(lambda state: not state["under_way"][0]["paused"])
    front.say("control", **ask, action="stop")
    state = front.wait(lambda state: state["under_way"][0]["finished"] and state["runs"])
    assert history.wait(60)
    assert history.stopped_by == "user"
    assert state["runs"][0]["ended"] == "user"
    assert state["runs"][0]["curve"][0] == [1, round(history.val_acc[0], 4)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"team": "blue"}, "meant for team 'blue'"),
        ({"pack": "other"}, "of 'other'"),
        ({"run": 77}, "run 77 is not under way"),
        ({"run": -1}, "run -1 is not under way"),
        ({"action": "wait"}, "its action"),
    ],
)
def test_a_forged_message_changes_nothing_and_is_logged(game, front, start, caplog, change, why):
    history = start()
    front.wait(lambda state: state["under_way"])
    with caplog.at_level(logging.WARNING):
        front.say("control", **{**address(game), "run": history.run, "action": "stop", **change})
    assert why in caplog.text
    assert history.running
    assert not control_of(game.context, history.run).stopping


def test_a_recipe_goes_to_the_front_end_that_asked(desk, game, front, caplog):
    other = Front(desk._link)
    front.say("recipe", **address(game), slug="flip-trick")
    cells = [message for _, message in front.heard if message["type"] == "insert-cells"]
    assert [cell["cells"] for cell in cells] == [[game.recipe("flip-trick")]]
    front.say("refused", id=cells[0]["id"])
    assert "the recipe of flip-trick came into no cell" in caplog.text
    caplog.clear()
    assert all(message["type"] == "state" for _, message in other.heard)
    front.say("recipe", **address(game), slug="<script>")
    front.say("recipe", pack=game.pack.name, team="blue", slug="flip-trick")
    assert len(caplog.records) == 2
    assert game.owned == {}


def test_the_cells_of_the_baseline_go_to_the_front_end_that_asked(desk, game, front):
    front.say("baseline", **address(game))
    (asked,) = (message for _, message in front.heard if message["type"] == "insert-cells")
    assert asked["cells"] == list(game.pack.notebook)


def test_no_game_takes_no_requests(sent, caplog):
    desk = LabSync(comm_link.CommLink())
    front = Front(desk._link)
    front.say("control", pack="p", team="t", run=1, action="stop")
    assert "there is no game" in caplog.text
    assert front.wait(lambda state: state is None) is None


def test_the_game_is_the_one_bound_in_the_notebook(sent, shell, game):
    desk = LabSync(comm_link.CommLink())
    desk.attach(shell)
    shell.user_ns["game"] = game
    shell.run_cell("1")
    assert desk.state()["team"] == game.team
    shell.run_cell("game = 3")
    assert desk.state() is None
    desk.detach(shell)


def test_a_game_started_anew_keeps_its_runs_and_another_does_not(desk, game, image_folder):
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu"))
    desk.follow(start_game(image_folder, team=game.team, image_size=16, config=game.config))
    assert [run["run"] for run in desk.state()["under_way"]] == [1]
    desk.follow(start_game(image_folder, team="blue", image_size=16))
    assert desk.state()["under_way"] == []


def test_a_practice_run_says_so(desk, game):
    note = "practice: not ranked"
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu", (note,), unranked_reasons=(note,)))
    (run,) = desk.state()["under_way"]
    assert run["note"] == note


def test_a_note_on_rank_is_told_and_one_that_only_has_the_word_in_it_is_not(desk, game):
    notes = ("ranked_net goes on from its third epoch",)
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu", notes))
    game.events.publish(Noticed(1, "saved as ranked_net.safetensors, with its card ranked_net.md"))
    (run,) = desk.state()["under_way"]
    assert (run["note"], run["unused"]) == ("", [])
    told = "no longer ranked: a hook was added"
    game.events.publish(Noticed(1, told, unranked=True))
    (run,) = desk.state()["under_way"]
    assert (run["lost_rank"], run["note"]) == (told, "")


def test_a_verdict_is_told_with_what_is_wrong_first(desk, game):
    verdict = Verdict(
        in_use={"flip-trick": Evidence(1, "it flips"), "rotation": Evidence(1, "it turns")},
        unowned=["flip-trick"],
        names={"flip-trick": "Flip trick", "drop-shield": "Drop shield"},
        costs={"flip-trick": 10.0},
        unused={"drop-shield": 1},
        findings=[Finding("not-shuffled", "warning", "the loader does not shuffle", "shuffle")],
    )
    game.events.publish(Judged(verdict))
    assert desk.state()["verdict"] == {
        "summary": "not owned or not allowed",
        "lines": [
            {"kind": "warning", "text": "the loader does not shuffle; shuffle"},
            {"kind": "error", "text": "Flip trick: not owned, 10 B NN: it flips"},
            {"kind": "note", "text": "Drop shield: owned, not in use"},
            {"kind": "fine", "text": "rotation: it turns"},
        ],
    }


def test_runs_come_best_first_and_those_without_a_number_last():
    def record(number, val_acc, numbers=None):
        return SimpleNamespace(
            number=number, label="m", epochs=3, val_acc=val_acc, ranked=True, stopped_by=None,
            numbers=numbers,
        )  # fmt: skip

    records = [record(1, 0.5), record(2, None), record(3, 0.9), record(4, float("nan"))]
    told = game_state.runs_message(records, {3: [0.1, float("nan"), 0.9]})
    assert [run["run"] for run in told] == [3, 1, 4, 2]
    assert [run["val_acc"] for run in told] == [0.9, 0.5, None, None]
    assert told[0]["curve"] == [[1, 0.1], [3, 0.9]]
    assert [run["drawable"] for run in told] == [True, False, False, False]
    many = [record(number, 0.5, RunNumbers()) for number in range(1, 101)]
    told = game_state.runs_message(many, {number: [0.5] for number in range(1, 101)})
    assert sorted(run["run"] for run in told) == list(range(1, 101))
    assert all(run["drawable"] for run in told)
    assert [bool(run["curve"]) for run in told].count(True) == 12


def test_a_run_that_failed_says_so_in_its_state(desk, game):
    game.events.publish(RunStarted(1, "run 1", 5, 1, 0, "cpu"))
    assert desk.state()["under_way"][0]["ended"] == ""
    game.events.publish(RunEnded(1, "nan", "the loss was not finite"))
    (run,) = desk.state()["under_way"]
    assert (run["ended"], run["finished"]) == ("nan", True)


def test_runs_of_other_kernels_are_counted_and_their_curves_read_from_the_ledger(desk, game, front):
    for _ in range(2):
        run = game.ledger.start_run(game.record, "net", ranked=True, seed=1, in_use={})
        game.ledger.end_run(
            game.record, run, stopped_by="epochs", epochs=2, life_epochs=2, weights="w",
            ranked=True, val_acc=0.5, val_loss=None,
            numbers=RunNumbers(0.1, 0.1, 1.0, 0.5, {"lr": [[1, 0.1]], "edits": [[0.5, "lr"]]}),
        )  # fmt: skip
    desk._turn()
    state = desk.state()
    assert state["run_count"] == len(state["runs"]) == 2
    assert all(run["drawable"] for run in state["runs"])
    front.say("curves", **address(game), run=2)
    (told,) = front.numbers
    assert (told["run"], told["curves"]["lr"], told["edits"]) == (2, [[1, 0.1]], [[0.5, "lr"]])
    assert told["curves"]["val_acc"] == []


def test_the_longest_game_there_can_be_is_a_message(desk, game, monkeypatch):
    long = "🐝" * 500
    texts = [Evidence(1, long)] * 50
    verdict = Verdict(in_use={f"{long}{n}": text for n, text in enumerate(texts)}, message="no")
    monkeypatch.setattr(
        desk,
        "_read",
        lambda game: (
            {
                **game_state.wallet_message(game),
                "owned": [
                    {"slug": "a" * 80, "name": game_state.cut(long, 80), "count": 9, "used": True}
                ]
                * game_state.MAX_ITEMS,
            },
            tuple(
                SimpleNamespace(
                    number=n,
                    label=long,
                    epochs=9,
                    val_acc=0.5,
                    ranked=True,
                    stopped_by="user",
                    numbers=None,
                )
                for n in range(1000)
            ),
        ),
    )
    game.events.publish(Judged(verdict))
    for run in range(1, 7):
        game.events.publish(
            RunStarted(run, long, 9000, 1, 0, "cpu", unranked_reasons=(f"not ranked {long}",))
        )
        for epoch in range(1, 3000):
            desk.handle(EpochEnded(run, epoch, 9000, 1.0, 0.123456, None, None, 0.1, 1.0, 1.0))
        game.events.publish(RunPaused(run, paused=True))
    state = desk.state()
    assert [run["run"] for run in state["under_way"]] == [3, 4, 5, 6]
    assert all(len(run["curve"]) <= 40 for run in state["under_way"])
    message = {"version": VERSION, "type": "state", "game": state}
    assert 20_000 < size(message) < MAX_BYTES
    assert json.loads(json.dumps(message)) == message


def test_an_ended_run_stays_until_the_next_begins(desk, game, history, ended):
    game.events.publish(RunStarted(1, "run 1", 5, 1, 0, "cpu"))
    game.events.publish(ended(history(), message="5 epochs done"))
    (run,) = desk.state()["under_way"]
    assert (run["finished"], run["note"]) == (True, "5 epochs done")
    game.events.publish(RunStarted(2, "run 2", 5, 1, 0, "cpu"))
    assert [run["run"] for run in desk.state()["under_way"]] == [2]


def test_no_run_is_looked_for_before_one_has_begun(game):
    assert control_of(game.context, 1) is None


def test_what_another_kernel_of_the_team_buys_is_told_of(game, desk):
    """By a thread that is there as long as a front end listens."""
    ledger = open_ledger("", game.config.ledger_folder())
    record = ledger.open_game(game.team, game.pack.name, game.record.spec, rules=game.pack.digest)
    there = Purchases(replace(game.context, ledger=ledger, record=record, shared=SharedState()))
    until(lambda: not watchers())  # of the test before
    front = Front(desk._link)
    front.wait(lambda state: state)
    assert len(watchers()) == 1
    there.buy("flip-trick")
    state = front.wait(lambda state: state["balance"] == 90.0)
    assert [item["slug"] for item in state["owned"]] == ["flip-trick"]
    ledger.close()
    desk.follow(None)
    until(lambda: not watchers())


def test_a_ledger_out_of_reach_is_tried_again_at_the_next_change(
    game, desk, history, ended, caplog
):
    until(lambda: not watchers())
    with out_of_reach(game.ledger):
        front = Front(desk._link)
        idle(desk)
        assert front.states == []
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu"))
    front.wait(lambda state: state["under_way"])
    assert len(watchers()) == 1
    with out_of_reach(game.ledger):
        game.events.publish(ended(history(4)))
        idle(desk)
    game.buy("flip-trick")
    front.wait(lambda state: state["balance"] == 90.0)
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


def test_a_slow_ledger_keeps_no_run_waiting(game, desk, monkeypatch):
    asked, answers = threading.Event(), threading.Event()
    newest = type(game.ledger).newest

    def slowly(self, record):
        asked.set()
        assert answers.wait(60)
        return newest(self, record)

    monkeypatch.setattr(type(game.ledger), "newest", slowly)
    front = Front(desk._link)
    assert asked.wait(60)
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu"))
    game.events.publish(EpochEnded(1, 1, 4, 1.0, 0.5, None, None, 0.1, 1.0, 1.0))
    answers.set()
    front.wait(lambda state: [run["epoch"] for run in state["under_way"]] == [1])


def idle(desk):
    """Wait until all that was asked for is sent."""
    until(lambda: not (desk._outbox.due or desk._outbox._sending.locked()))


def pairs_of(values):
    return [[epoch, float(f"{value:.6g}")] for epoch, value in enumerate(values, 1)]


def test_a_picture_becomes_a_live_chart_where_it_was_asked_for(
    desk, front, outputs, history, ended
):
    other, before = Front(desk._link), set(_instances)
    with RunChart() as chart:
        chart.handle(RunStarted(1, "run 1: model", 3, 10, 0, "cpu"))
        chart.handle(ended(history(3)))
    place = outputs[-1]["transient"]["display_id"]
    assert f'data-classgame-place="{place}"' in outputs[-1]["data"]["text/html"]
    assert set(_instances) == before
    front.say("chart", place=place)
    front.say("chart", place=place)
    front.say("chart", place="classgame-run-of-another-kernel")
    first, again, unknown = (m for _, m in front.heard if m["type"] == "chart")
    assert first == again == {**first, "place": place}
    assert "run 1: model" in _instances[first["model"]].children[0].value
    assert unknown["model"] == ""
    assert not [m for _, m in other.heard if m["type"] == "chart"]


def test_the_numbers_of_a_run_go_to_the_front_end_that_asked(desk, game, front, start):
    other = Front(desk._link)
    history = start(epochs=3)
    front.wait(lambda state: state["under_way"] and state["under_way"][0]["curve"])
    front.say("curves", **address(game), run=history.run)
    first = front.numbers[-1]
    assert 1 <= len(first["curves"]["val_acc"]) <= 3
    history.wait()
    front.wait(lambda state: state["under_way"][0]["finished"])
    front.say("curves", **address(game), run=history.run)
    told = front.numbers[-1]
    assert {name: told[name] for name in ("pack", "team", "run")} == {
        **address(game),
        "run": history.run,
    }
    assert sorted(told["curves"]) == ["lr", "train_acc", "train_loss", "val_acc", "val_loss"]
    for name, curve in told["curves"].items():
        values = getattr(history, name)
        if name.endswith("acc"):  # as they are written
            values = [float(score_text(value)) for value in values]
        assert [epoch for epoch, _ in curve] == [1, 2, 3]
        assert [value for _, value in curve] == pytest.approx(values, rel=1e-5)
        assert first["curves"][name] == curve[: len(first["curves"][name])]
    assert told["edits"] == []
    assert other.numbers == []
    assert json.loads(json.dumps(told)) == told


def test_an_edit_by_hand_is_told_of_at_once(desk, game, front):
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu"))
    game.events.publish(EpochEnded(1, 1, 4, 1.0, 0.5, None, None, 0.1, 1.0, 1.0))
    game.events.publish(HandEdited(1, 1.5, "lr 0.1 → 0.01\n<b>\u202e"))
    front.wait(lambda state: state["under_way"] and state["under_way"][0]["edits"] == 1)
    front.say("curves", **address(game), run=1)
    (told,) = front.numbers
    assert told["edits"] == [[1.5, "lr 0.1 → 0.01 <b>\u202e"]]
    assert told["curves"]["val_acc"] == []
    assert told["curves"]["lr"] == [[1, 0.1]]


def test_numbers_are_those_of_the_history_once_a_run_is_over(desk, game, front, history, ended):
    """What was undone, after a loss that is not finite, is not in it."""
    game.events.publish(RunStarted(1, "run 1", 9, 1, 0, "cpu"))
    for epoch in range(1, 5):
        game.events.publish(EpochEnded(1, epoch, 9, math.nan, 0.5, 1.0, 0.5, 0.1, 1.0, 1.0))
    left = history(2)
    game.events.publish(ended(left, "nan", "the loss is not finite"))
    front.say("curves", **address(game), run=1)
    assert front.numbers[-1]["curves"]["val_loss"] == pairs_of(left.val_loss)
    assert front.numbers[-1]["curves"]["train_loss"] == pairs_of(left.train_loss)


def test_values_that_are_not_finite_are_left_out(desk, game, front):
    game.events.publish(RunStarted(1, "run 1", 9, 1, 0, "cpu"))
    for epoch, loss in enumerate((1.0, math.nan, math.inf, 2.0), 1):
        game.events.publish(EpochEnded(1, epoch, 9, loss, 0.5, None, None, 0.1, 1.0, 1.0))
    front.say("curves", **address(game), run=1)
    assert front.numbers[-1]["curves"]["train_loss"] == [[1, 1.0], [4, 2.0]]


def test_the_longest_numbers_there_can_be_are_a_message(desk, game, front):
    game.events.publish(RunStarted(1, "run 1", 9, 1, 0, "cpu"))
    for epoch in range(1, 3001):
        desk.handle(
            EpochEnded(
                1, epoch, 9, -1.234567e-30, 0.1234567, -1.2e-30, 0.76543219, 1.2e-9, 1.0, 1.0
            )
        )
        desk.handle(HandEdited(1, epoch + 1 / 3, "🐝" * 5000))
    front.say("curves", **address(game), run=1)
    (told,) = front.numbers
    assert all(180 < len(curve) <= 200 for curve in told["curves"].values())
    assert all(curve[-1][0] == 3000 for curve in told["curves"].values())
    assert len(told["edits"]) == 20
    assert told["edits"][-1][0] == 3000.3333
    assert all(len(text) == 200 for _, text in told["edits"])
    assert 20_000 < size(told) < MAX_BYTES


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"team": "blue"}, "meant for team 'blue'"),
        ({"pack": "<b>"}, "of '<b>'"),
        ({"run": 2}, "run 2 has no numbers"),
        ({"run": -1}, "run -1 has no numbers"),
        ({"run": "1"}, "its run"),
    ],
)
def test_a_forged_question_for_numbers_is_logged_and_not_answered(game, front, caplog, change, why):
    game.events.publish(RunStarted(1, "run 1", 9, 1, 0, "cpu"))
    with caplog.at_level(logging.WARNING):
        front.say("curves", **{**address(game), "run": 1, **change})
    assert why in caplog.text
    assert front.numbers == []


def test_a_game_started_anew_still_has_the_numbers_of_its_runs(desk, game, front, image_folder):
    game.events.publish(RunStarted(1, "run 1", 4, 1, 0, "cpu"))
    game.events.publish(EpochEnded(1, 1, 4, 1.0, 0.5, None, None, 0.1, 1.0, 1.0))
    desk.follow(start_game(image_folder, team=game.team, image_size=16, config=game.config))
    front.say("curves", **address(game), run=1)
    assert front.numbers[-1]["curves"]["train_acc"] == [[1, 0.5]]
    other = start_game(image_folder, team="blue", image_size=16)
    desk.follow(other)
    front.say("curves", **address(other), run=1)
    assert len(front.numbers) == 1
