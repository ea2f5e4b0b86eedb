import logging

import comm as comm_package
import pytest

from jupyter_classgame.widgets import comm
from jupyter_classgame.widgets.comm import MAX_BYTES, TARGET, check

HELLO = {"version": 1, "type": "hello"}


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
    assert sent[-1].data == {"version": 1, "type": "insert-cell", "code": "x = 1"}


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
    assert [each.data for each in opened] == [{"version": 1, "type": "announce"}]
    assert not comm.link.alive
    opened[0].comm.handle_msg(message(HELLO))
    assert comm.link.alive
    assert comm.insert_cell("x = 1") == "inserted"


def test_a_recipe_too_long_for_a_message_waits_for_the_next_cell(manager, sent):
    connect(manager, sent)
    assert comm.insert_cell("#" * MAX_BYTES) == "queued"


@pytest.mark.parametrize("data", [HELLO, {"version": 1, "type": "inserted"}])
def test_good_messages_are_known(data):
    assert check(data) == data["type"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "not an object"),
        ([1, 2], "not an object"),
        ("hello", "not an object"),
        ({}, "version"),
        ({"version": 2, "type": "hello"}, "version"),
        ({"version": True, "type": "hello"}, "version"),
        ({"version": "1", "type": "hello"}, "version"),
        ({"version": 1}, "unknown"),
        ({"version": 1, "type": ["hello"]}, "unknown"),
        ({"version": 1, "type": "run-code"}, "unknown"),
        ({"version": 1, "type": "x" * 10_000}, "unknown"),
        ({**HELLO, "more": "x" * MAX_BYTES}, "longer"),
        ({**HELLO, "more": object()}, "longer"),
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
