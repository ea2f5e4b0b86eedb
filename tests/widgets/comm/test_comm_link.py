import logging
from queue import Queue
from types import SimpleNamespace

import comm as comm_package
import pytest

from jupyter_classgame.widgets.baseline_cells import insert_cells
from jupyter_classgame.widgets.comm import cell_insertion, comm_link
from jupyter_classgame.widgets.comm.message_schema import MAX_BYTES, TARGET, VERSION, check

HELLO = {"version": VERSION, "type": "hello"}


def message(data):
    return {"content": {"data": data}}


@pytest.fixture
def manager(shell, outputs):
    """The comm manager of a shell that looks like a kernel's, with the target registered."""
    comm_link.register(shell)
    yield comm_link._manager(shell)
    comm_link.unregister(shell)


def connect(manager, sent, data=HELLO):
    """Open a comm as a front end does."""
    channel = comm_package.create_comm(target_name=TARGET, primary=False)
    manager.register_comm(channel)
    manager.targets[TARGET](channel, message(data))
    return channel


def say(channel, kind, **fields):
    channel.handle_msg(message({"version": VERSION, "type": kind, **fields}))


def cells(sent):
    """The cells that front ends were asked for: the comm, the number and their code."""
    return [
        (each.comm, each.data["id"], "\n\n\n".join(each.data["cells"]))
        for each in sent
        if each.data.get("type") == "insert-cells"
    ]


def kinds(sent):
    return [(each.comm, each.data["type"]) for each in sent]


@pytest.fixture
def impatient(monkeypatch):
    """A front end has a moment to answer."""
    monkeypatch.setattr(cell_insertion, "PATIENCE", 0.05)
    monkeypatch.setattr(comm_link, "PATIENCE", 0.05)


@pytest.fixture
def queued(monkeypatch):
    """What is left for the next cell."""
    queued = []
    monkeypatch.setattr(comm_link.link, "queue_cell", queued.append)
    return queued


def insert(code="x = 1"):
    """Ask for a cell, and give a queue of what is told of it."""
    told = Queue()
    comm_link.insert_cell(code, told.put)
    return told


def test_a_cell_is_inserted_when_the_front_end_says_so_and_not_before(manager, sent, queued):
    channel = connect(manager, sent)
    told = insert()
    ((asked, number, code),) = cells(sent)
    assert (asked, code) == (channel, "x = 1")
    assert told.empty()
    say(channel, "inserted", id=number + 1)
    assert told.empty()
    say(channel, "inserted", id=number)
    say(channel, "inserted", id=number)
    assert (told.get(timeout=60), told.empty(), queued) == ("inserted", True, [])


def test_cells_are_shown_until_a_front_end_comes_that_inserts_them(manager, sent, outputs):
    insert_cells(["x = 1", "%train"])
    assert "x = 1\n\n\n%train" in outputs[0]["data"]["text/plain"]
    channel = connect(manager, sent)
    (asked,) = (each for each in sent if each.data.get("type") == "insert-cells")
    assert (asked.comm, asked.data["cells"]) == (channel, ["x = 1", "%train"])
    say(channel, "inserted", id=asked.data["id"])
    assert outputs[1]["update"]
    assert "are below" in outputs[1]["data"]["text/plain"]
    say(channel, "hello")
    assert len(cells(sent)) == 1
    insert_cells(["y = 2"])
    assert [code for _, _, code in cells(sent)][1:] == ["y = 2"]
    assert len(outputs) == 2


def test_a_front_end_that_does_not_answer_is_forgotten_and_the_next_is_asked(
    manager, sent, impatient, queued
):
    living, gone = connect(manager, sent), connect(manager, sent)
    original = living.publish_msg

    def answer(kind, data=None, **keys):
        original(kind, data, **keys)
        if data and data["type"] == "insert-cells":
            say(living, "inserted", id=data["id"])

    living.publish_msg = answer
    assert insert().get(timeout=60) == "inserted"
    assert [each for each, _, _ in cells(sent)] == [gone, living]
    sent.clear()
    comm_link.link.send_game(None)
    assert kinds(sent) == [(living, "state")]
    assert queued == []
    assert not comm_link.link._insertions


def test_a_hello_that_was_sent_earlier_and_comes_later_is_not_the_newest(manager, sent):
    def greet(date):
        channel = comm_package.create_comm(target_name=TARGET, primary=False)
        manager.register_comm(channel)
        manager.targets[TARGET](channel, {**message(HELLO), "header": {"date": date}})
        return channel

    again, first = greet("2030-01-01T00:00:01Z"), greet("2030-01-01T00:00:00Z")
    insert()
    assert [each for each, _, _ in cells(sent)] == [again]
    assert first in comm_link.link._comms


def test_where_no_front_end_answers_the_cell_waits_for_the_next_one(
    manager, sent, impatient, queued
):
    channels = [connect(manager, sent) for _ in range(2)]
    assert insert().get(timeout=60) == "queued"
    assert queued == ["x = 1"]
    assert [each for each, _, _ in cells(sent)] == channels[::-1]
    assert not comm_link.link.alive


def test_a_front_end_that_cannot_insert_a_cell_is_told_of_the_game_as_before(manager, sent, queued):
    other, read_only = connect(manager, sent), connect(manager, sent)
    told = insert()
    say(read_only, "refused", id=cells(sent)[0][1])
    say(read_only, "refused", id=cells(sent)[0][1])
    assert [each for each, _, _ in cells(sent)] == [read_only, other]
    assert told.empty()
    say(other, "refused", id=cells(sent)[1][1])
    assert told.get(timeout=60) == "queued"
    assert queued == ["x = 1"]
    sent.clear()
    comm_link.link.send_game(None)
    assert kinds(sent) == [(other, "state"), (read_only, "state")]


def test_an_answer_that_comes_late_counts_and_is_a_sign_of_life(manager, sent, impatient, queued):
    slow = connect(manager, sent)
    assert insert().get(timeout=60) == "queued"
    heard = []
    comm_link.link.listener = lambda said, channel: heard.append((said["type"], channel))
    say(slow, "inserted", id=cells(sent)[0][1])
    assert comm_link.link.alive
    assert heard == [("hello", slow)]


def test_no_front_end_that_answers_is_cut_off_and_those_that_do_not_are(manager, sent, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(comm_link, "time", SimpleNamespace(monotonic=lambda: now[0]))
    living = [connect(manager, sent) for _ in range(6)]
    for _ in range(8):  # a tab that is loaded again and again
        now[0] += comm_link.PATIENCE + 1
        for channel in living:
            say(channel, "here")
        last = connect(manager, sent)
    sent.clear()
    assert comm_link.link.send_game(None)
    told = [each.comm for each in sent]
    assert told[:6] == living
    assert last in told
    assert len(told) <= 6 + 2


def test_one_that_comes_in_has_the_others_asked_and_that_goes_round_but_once(manager, sent):
    first = connect(manager, sent)
    assert sent == []
    connect(manager, sent)
    assert kinds(sent) == [(first, "ping")]
    sent.clear()
    say(first, "here")
    say(first, "hello")
    assert sent == []


def test_a_front_end_that_was_forgotten_is_known_again_by_its_next_word(manager, sent, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(comm_link, "time", SimpleNamespace(monotonic=lambda: now[0]))
    slow = connect(manager, sent)
    connect(manager, sent)
    now[0] += comm_link.PATIENCE + 1
    connect(manager, sent)
    sent.clear()
    comm_link.link.send_game(None)
    assert slow not in [each.comm for each in sent]
    heard = []
    comm_link.link.listener = lambda said, channel: heard.append((said["type"], channel))
    say(slow, "here")
    assert heard == [("hello", slow)]
    sent.clear()
    comm_link.link.send_game(None)
    assert slow in [each.comm for each in sent]


def test_a_state_too_long_is_not_sent(manager, sent, caplog):
    connect(manager, sent)
    sent.clear()
    assert not comm_link.link.send_game({"title": "x" * MAX_BYTES})
    assert sent == []
    assert "not sent" in caplog.text


def test_a_run_s_numbers_go_to_the_front_end_that_asked_unless_too_long(manager, sent):
    channel, other = connect(manager, sent), connect(manager, sent)
    sent.clear()
    assert comm_link.link.send_curves({"run": 3}, channel)
    assert [(each.comm, each.data) for each in sent] == [
        (channel, {"version": VERSION, "type": "curves", "run": 3})
    ]
    assert not comm_link.link.send_curves({"edits": "x" * MAX_BYTES}, other)
    assert not comm_link.link.send_curves({"lr": float("nan")}, other)
    assert len(sent) == 1


def test_the_newest_front_end_is_asked_first_and_a_closed_one_never(manager, sent, queued):
    old, new = connect(manager, sent), connect(manager, sent)
    insert("x = 1")
    assert cells(sent)[-1][0] is new
    old.handle_close(message({}))
    insert("x = 2")
    assert cells(sent)[-1][0] is new
    new.handle_close(message({}))
    assert insert("x = 3").get(timeout=60) == "queued"
    assert queued == ["x = 3"]


def test_without_a_front_end_the_recipe_waits_for_the_next_cell(manager, shell, monkeypatch):
    asked = []
    monkeypatch.setattr(
        shell, "set_next_input", lambda text, replace=False: asked.append((text, replace))
    )
    assert insert().get(timeout=60) == "queued"
    assert asked == [("x = 1", False)]


def test_recipes_that_wait_together_are_joined(manager, shell, monkeypatch):
    payloads = shell.payload_manager

    def set_next_input(text, replace=False):  # as a kernel's shell does
        payloads.write_payload({"source": "set_next_input", "text": text, "replace": replace})

    monkeypatch.setattr(shell, "set_next_input", set_next_input)
    for code in ("x = 1", "y = 2", "x = 1"):
        insert(code)
    assert [each["text"] for each in payloads.read_payload()] == ["x = 1\n\ny = 2"]
    payloads.clear_payload()
    insert("z = 3")
    assert [each["text"] for each in payloads.read_payload()] == ["z = 3"]
    payloads.clear_payload()


def test_a_front_end_that_was_there_first_is_asked_to_say_hello(manager, sent):
    comm_link.link.announce()
    comm_link.link.announce()
    opened = [each for each in sent if each.type == "comm_open"]
    assert [each.data for each in opened] == [{"version": VERSION, "type": "announce"}]
    assert not comm_link.link.alive
    opened[0].comm.handle_msg(message(HELLO))
    assert comm_link.link.alive
    told = insert()
    say(opened[0].comm, "inserted", id=cells(sent)[0][1])
    assert told.get(timeout=60) == "inserted"


def test_a_recipe_too_long_for_a_message_waits_for_the_next_cell(manager, sent, queued):
    connect(manager, sent)
    assert insert("#" * MAX_BYTES).get(timeout=60) == "queued"
    assert queued == ["#" * MAX_BYTES]
    assert comm_link.link.alive


ADDRESS = {"version": VERSION, "pack": "digits", "team": "red"}
STOP = {**ADDRESS, "type": "control", "run": 3, "action": "stop"}
RECIPE = {**ADDRESS, "type": "recipe", "slug": "flip-trick"}
CURVES = {**ADDRESS, "type": "curves", "run": 3}
INSERTED = {"version": VERSION, "type": "inserted", "id": 3}
REFUSED = {**INSERTED, "type": "refused"}


@pytest.mark.parametrize(
    "data", [HELLO, {"version": VERSION, "type": "here"}, INSERTED, REFUSED, STOP, RECIPE, CURVES]
)
def test_good_messages_are_known_by_their_fields(data):
    known = {name: value for name, value in data.items() if name != "version"}
    assert check({**data, "more": "<b>"}) == known


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "not an object"),
        ([1, 2], "not an object"),
        ("hello", "not an object"),
        ({}, "version"),
        ({"version": 1, "type": "hello"}, "version"),
        ({"version": True, "type": "hello"}, "version"),
        ({"version": "1", "type": "hello"}, "version"),
        ({"version": VERSION}, "unknown"),
        ({"version": VERSION, "type": ["hello"]}, "unknown"),
        ({"version": VERSION, "type": "run-code"}, "unknown"),
        ({"version": VERSION, "type": "x" * 10_000}, "unknown"),
        ({**HELLO, "more": "x" * MAX_BYTES}, "longer"),
        ({**HELLO, "more": object()}, "longer"),
        ({**HELLO, "more": float("nan")}, "longer"),
        ({**STOP, "team": None}, "its team"),
        ({**STOP, "pack": ["digits"]}, "its pack"),
        ({**STOP, "run": "3"}, "its run"),
        ({**STOP, "run": True}, "its run"),
        ({**STOP, "run": 3.0}, "its run"),
        ({**STOP, "action": "train"}, "its action"),
        ({**STOP, "action": "__init__"}, "its action"),
        ({**STOP, "team": "x" * 201}, "its team"),
        ({**RECIPE, "slug": {"a": 1}}, "its slug"),
        ({"version": VERSION, "type": "recipe", "slug": "flip-trick"}, "its pack"),
        ({**INSERTED, "id": None}, "its id"),
        ({**REFUSED, "id": "3"}, "its id"),
        ({"version": VERSION, "type": "inserted"}, "its id"),
        ({**CURVES, "run": None}, "its run"),
        ({**CURVES, "run": [3]}, "its run"),
        ({**CURVES, "run": float("inf")}, "longer"),
        ({**CURVES, "version": 2}, "version"),
        ({"version": VERSION, "type": "curves", "run": 3}, "its pack"),
    ],
)
def test_other_messages_are_ignored_with_a_warning(data, reason, caplog):
    with caplog.at_level(logging.WARNING):
        assert check(data) is None
    assert reason in caplog.text
    assert len(caplog.text) < 500


def test_a_bad_first_message_is_no_hello(manager, sent, caplog):
    connect(manager, sent, {"version": 9, "type": "hello"})
    assert not comm_link.link.alive


def test_without_a_kernel_registering_does_no_harm(shell):
    comm_link.register(shell)
    comm_link.link.announce()
    assert not comm_link.link.alive
    assert insert().get(timeout=60) == "queued"
    comm_link.unregister(shell)
    comm_link.unregister(shell)
