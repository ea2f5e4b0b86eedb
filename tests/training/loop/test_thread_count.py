"""The number of threads of a run's steps, on machines whose speed the tests decide."""

import pytest
import torch
from helpers.runs import bare_request, quiet

from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.loop import thread_count
from jupyter_classgame.training.loop.thread_count import LATEST, STEPS, WINDOW, ThreadCount


class Machine:
    """A machine on which a step takes ``seconds[threads]``."""

    def __init__(self, seconds):
        self.seconds, self.now, self.threads = seconds, 0.0, max(seconds)
        self.used = []
        self.count = ThreadCount(max(seconds), use=self.use, clock=lambda: self.now)

    def use(self, threads):
        self.threads = threads

    def train(self, steps):
        for _ in range(steps):
            self.count.step()
            self.used.append(self.threads)
            self.now += self.seconds[self.threads]

    def rest(self, seconds):
        self.now += seconds
        self.count.rest()


QUIET = {1: 1.0, 2: 0.6, 4: 0.4, 8: 0.3}
BUSY = {1: 1.0, 2: 9.0, 4: 20.0, 8: 40.0}


def test_on_a_quiet_machine_all_threads_are_taken():
    machine = Machine(QUIET)
    machine.train(100)
    assert machine.used[-1] == machine.count.count == 8
    assert machine.used.count(1) == machine.used.count(2) == 1 + STEPS


def test_on_a_busy_machine_one_is_taken_and_others_are_hardly_tried():
    machine = Machine(BUSY)
    machine.train(100)
    assert machine.used[-1] == 1
    assert machine.used.count(2) == 2
    assert not {4, 8} & set(machine.used)


def test_more_are_taken_only_while_that_gains():
    machine = Machine({1: 1.0, 2: 0.6, 4: 0.59, 8: 0.1})
    machine.train(100)
    assert machine.used[-1] == 2


def test_a_number_that_is_no_power_of_two():
    machine = Machine({1: 1.0, 2: 0.5, 3: 0.3})
    machine.train(50)
    assert machine.used[-1] == 3


def test_it_is_measured_again_when_steps_become_slower():
    machine = Machine(QUIET)
    machine.train(200)
    machine.seconds = BUSY
    machine.train(20 * WINDOW)
    assert machine.used[-1] == 1


def test_it_is_measured_again_now_and_then_when_nothing_tells():
    machine = Machine(BUSY)
    machine.train(100)
    machine.seconds = QUIET  # with one thread a step takes as long as before
    machine.train(int(LATEST) * 4 * STEPS * 9)
    assert machine.used[-1] == 8


def test_a_measurement_costs_little():
    machine = Machine(BUSY)
    machine.train(20_000)
    alone = 20_000 * BUSY[1]
    assert machine.now < 1.04 * alone


def test_what_is_no_step_is_not_counted():
    machine = Machine(QUIET)
    for _ in range(20):
        machine.train(WINDOW)
        machine.rest(100.0)
    assert machine.used[-1] == 8
    assert machine.used.count(1) == 1 + STEPS


def test_one_thread_is_not_measured():
    machine = Machine({1: 1.0})
    machine.train(10)
    assert machine.used == [1] * 10


@pytest.fixture
def torch_threads(monkeypatch):
    """Give torch three threads, on a machine with two processors; record what is set."""
    before, chosen = torch.get_num_threads(), []
    torch.set_num_threads(3)
    monkeypatch.setattr(thread_count.processors, "usable", lambda: 2)
    set_threads = torch.set_num_threads

    def record(number):
        chosen.append(number)
        set_threads(number)

    monkeypatch.setattr(torch, "set_num_threads", record)
    yield chosen
    set_threads(before)


def test_a_run_leaves_the_setting_as_found(torch_threads):
    train(bare_request(epochs=1), quiet)
    assert torch_threads == [2, 3]
    train(bare_request(epochs=1, threads=1), quiet)
    assert torch_threads == [2, 3, 1, 3]
    assert torch.get_num_threads() == 3
