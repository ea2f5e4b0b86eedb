"""Interrupts where a child is forked: Python drops an exception that is raised in a fork's hook."""

import os
import signal
import sys
import threading
import time

import psutil
import pytest

from jupyter_classgame.referee.isolation import fork

pytestmark = pytest.mark.skipif(not fork.can_fork(), reason="nothing is forked on this system")

_armed = {"before": False, "after_in_parent": False, "after_in_child": False}


def _interrupt(place):
    if _armed[place]:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):  # the handler runs between two steps of Python
            pass


os.register_at_fork(**{place: lambda place=place: _interrupt(place) for place in _armed})


@pytest.fixture
def interrupt_in(monkeypatch):
    """Interrupts the process in a hook of its forks."""
    return lambda place: monkeypatch.setitem(_armed, place, True)


def slow():
    time.sleep(600)


def children():
    return psutil.Process().children()


@pytest.mark.parametrize("place", ["before", "after_in_parent"])
def test_an_interrupt_while_a_child_is_forked_is_heard_and_ends_the_child(interrupt_in, place):
    before, handler = children(), signal.getsignal(signal.SIGINT)
    interrupt_in(place)
    with pytest.raises(KeyboardInterrupt):
        fork.gather({"slow": slow}, limit=20)
    assert children() == before
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("threaded", [False, True])
def test_a_child_that_is_interrupted_while_it_is_forked_does_its_work(interrupt_in, threaded):
    interrupt_in("after_in_child")
    unraisable, results = [], []

    def stage():
        return os.getpid(), [str(each.exc_value) for each in unraisable]

    def work():
        results.append(fork.gather({"stage": stage}, limit=60)["stage"])

    hook, sys.unraisablehook = sys.unraisablehook, unraisable.append
    try:
        if threaded:
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        else:
            work()
    finally:
        sys.unraisablehook = hook
    pid, dropped = results[0]
    assert pid != os.getpid()
    assert dropped == []


def test_children_whose_end_other_code_has_taken_are_no_error():
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # as a cell may have left it
    try:
        results = fork.gather({"one": lambda: 1, "two": lambda: 2}, limit=60)
    finally:
        signal.signal(signal.SIGCHLD, before)
    assert results == {"one": 1, "two": 2}


def test_stages_of_a_chain_share_a_child_and_what_fails_costs_only_itself():
    told = []
    stages = {
        "one": os.getpid,
        "two": os.getpid,
        "dies": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "raises": lambda: 1 / 0,
        "three": os.getpid,
        "alone": os.getpid,
    }
    chain = ["one", "two", "dies", "raises", "missing", "three"]
    results = fork.gather(stages, limit=60, chains=[chain], watch=told.append)
    assert list(results) == list(stages)
    assert results["one"] == results["two"]
    assert len({results["one"], results["three"], results["alone"], os.getpid()}) == 4
    assert [results["dies"].cause, results["raises"].cause] == ["crash", "error"]
    assert told[0] == ["one", "alone"]
    assert children() == []


def test_a_stage_that_takes_too_long_is_ended_and_the_next_one_begun():
    stages = {"slow": slow, "next": os.getpid, "again": slow, "last": os.getpid}
    results = fork.gather(stages, limit=1, chains=[list(stages)])
    assert results["slow"].cause == results["again"].cause == results["last"].cause == "timeout"
    # on a machine that is very busy even that may have taken too long
    assert isinstance(results["next"], int) or results["next"].cause == "timeout"
    assert children() == []
