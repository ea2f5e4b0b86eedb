"""A budget of processor time: what other programs take is not held against an observation."""

import pytest

from jupyter_classgame.referee.isolation import time_budget
from jupyter_classgame.referee.isolation.time_budget import WAITING, TimeBudget


class Clocks:
    """The two clocks of a thread, moved by a test alone."""

    def __init__(self):
        self.now = self.worked = 0.0

    def monotonic(self):
        return self.now

    def thread_time(self):
        return self.worked

    def pass_by(self, seconds, *, working):
        self.now += seconds
        self.worked += working * seconds


@pytest.fixture
def clocks(monkeypatch):
    clocks = Clocks()
    monkeypatch.setattr(time_budget, "time", clocks)
    return clocks


def test_work_counts_whole(clocks):
    budget = TimeBudget(2.0)
    clocks.pass_by(2.0, working=1)
    assert budget.spent == 2.0
    assert not budget.over
    clocks.pass_by(0.1, working=1)
    assert budget.over


def test_a_machine_shared_by_four_leaves_the_same_time_to_work(clocks):
    budget = TimeBudget(2.0)
    clocks.pass_by(8.0, working=1 / 4)
    assert budget.spent == 2.0
    assert not budget.over


def test_waiting_without_end_ends(clocks):
    budget = TimeBudget(2.0)
    clocks.pass_by(2.0 * WAITING, working=0)
    assert not budget.over
    clocks.pass_by(0.1, working=0)
    assert budget.over
