import logging

import comm as comm_package
import pytest

from jupyter_classgame.widgets import comm
from jupyter_classgame.widgets.protocol import MAX_BYTES, TARGET, VERSION, check

HELLO = {"version": VERSION, "type": "hello"}


def message(data):
    return {"content": {"data": data}}


@pytest.fixture
def manager(shell, outputs):
    """The comm manager of a shell that looks like a kernel's, with the target registered."""
    comm.register(shell)
    yield comm._manager(shell)
    comm.unregister(shell)


def connect(manager, sent, data=HELLO):
    """Open a comm as a front end does."""
    channel = comm_package.create_comm(target_name=TARGET, primary=False)
    manager.register_comm(channel)
    manager.targets[TARGET](channel, message(data))
    return channel


def test_a_recipe_goes_to_the_front_end_that_said_hello(manager, sent):
    channel = connect(manager, sent)
    assert comm.insert_cell("x = 1") == "inserted"
    assert sent[-1].comm is channel
    assert sent[-1].data == {"version": VERSION, "type": "insert-cell", "code": "x = 1"}


def test_all_front_ends_are_told_of_the_game_but_not_those_of_pages_long_gone(manager, sent):
    channels = [connect(manager, sent) for _ in range(comm.MOST + 2)]
    sent.clear()
    assert comm.link.send_game(None)
    assert [each.comm for each in sent] == channels[-comm.MOST :]
    assert sent[0].data == {"version": VERSION, "type": "state", "game": None}


def test_a_state_too_long_is_not_sent(manager, sent, caplog):
    connect(manager, sent)
    sent.clear()
    assert not comm.link.send_game({"title": "x" * MAX_BYTES})
    assert sent == []
    assert "not sent" in caplog.text


def test_a_run_s_numbers_go_to_the_front_end_that_asked_unless_too_long(manager, sent):
    channel, other = connect(manager, sent), connect(manager, sent)
    sent.clear()
    assert comm.link.send_curves({"run": 3}, channel)
    assert [(each.comm, each.data) for each in sent] == [
        (channel, {"version": VERSION, "type": "curves", "run": 3})
    ]
    assert not comm.link.send_curves({"edits": "x" * MAX_BYTES}, other)
    assert not comm.link.send_curves({"lr": float("nan")}, other)
    assert len(sent) == 1


def test_the_newest_front_end_is_the_one_and_a_closed_one_is_none(manager, sent, shell):
    old, new = connect(manager, sent), connect(manager, sent)
    comm.insert_cell("x = 1")
    assert sent[-1].comm is new
    old.handle_close(message({}))
    assert comm.insert_cell("x = 2") == "inserted"
    new.handle_close(message({}))
    assert comm.insert_cell("x = 3") == "queued"


def test_without_a_front_end_the_recipe_waits_for_the_next_cell(manager, shell, monkeypatch):
    asked = []
    monkeypatch.setattr(
        shell, "set_next_input", lambda text, replace=False: asked.append((text, replace))
    )
    assert comm.insert_cell("x = 1") == "queued"
    assert asked == [("x = 1", False)]


def test_recipes_that_wait_together_are_joined(manager, shell, monkeypatch):
    payloads = shell.payload_manager

    def set_next_input(text, replace=False):  # as a kernel's shell does
        payloads.write_payload({"source": "set_next_input", "text": text, "replace": replace})

    monkeypatch.setattr(shell, "set_next_input", set_next_input)
    for code in ("x = 1", "y = 2", "x = 1"):
        comm.insert_cell(code)
    assert [each["text"] for each in payloads.read_payload()] == ["x = 1\n\ny = 2"]
    payloads.clear_payload()
    comm.insert_cell("z = 3")
    assert [each["text"] for each in payloads.read_payload()] == ["z = 3"]
    payloads.clear_payload()


def test_a_front_end_that_was_there_first_is_asked_to_say_hello(manager, sent):
    comm.link.announce()
    comm.link.announce()
    opened = [each for each in sent if each.type == "comm_open"]
    assert [each.data for each in opened] == [{"version": VERSION, "type": "announce"}]
    assert not comm.link.alive
    opened[0].comm.handle_msg(message(HELLO))
    assert comm.link.alive
    assert comm.insert_cell("x = 1") == "inserted"


def test_a_recipe_too_long_for_a_message_waits_for_the_next_cell(manager, sent):
    connect(manager, sent)
    assert comm.insert_cell("#" * MAX_BYTES) == "queued"


ADDRESS = {"version": VERSION, "pack": "digits", "team": "red"}
STOP = {**ADDRESS, "type": "control", "run": 3, "action": "stop"}
RECIPE = {**ADDRESS, "type": "recipe", "slug": "flip-trick"}
CURVES = {**ADDRESS, "type": "curves", "run": 3}


@pytest.mark.parametrize(
    "data", [HELLO, {"version": VERSION, "type": "inserted"}, STOP, RECIPE, CURVES]
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
    assert not comm.link.alive


def test_without_a_kernel_registering_does_no_harm(shell):
    comm.register(shell)
    comm.link.announce()
    assert not comm.link.alive
    assert comm.insert_cell("x = 1") == "queued"
    comm.unregister(shell)
    comm.unregister(shell)
