import threading
import time

import pytest
from helpers.waiting import Clock, until

from jupyter_classgame.widgets.lab import send_throttle
from jupyter_classgame.widgets.lab.send_throttle import SendThrottle


@pytest.fixture
def clock(monkeypatch):
    """The clock that it goes by, and its timers."""
    clock = Clock()
    monkeypatch.setattr(send_throttle, "time", clock)
    monkeypatch.setattr(send_throttle, "Timer", clock.timer)
    return clock


@pytest.fixture
def sent():
    """When things were sent, by that clock."""
    return []


@pytest.fixture
def throttle(clock, sent):
    return lambda pause: SendThrottle(lambda: sent.append(clock.now), pause)


def test_it_sends_at_once_and_then_only_after_a_pause(clock, sent, throttle):
    box = throttle(0.2)
    for _ in range(50):
        box.ask()
    clock.advance(0.0)
    assert sent == [0.0]
    box.ask()
    box.ask()
    clock.advance(0.19)
    assert sent == [0.0]
    assert box.due
    clock.advance(10.0)
    assert sent == [0.0, 0.2]
    assert not box.due


def test_what_can_wait_waits_and_goes_along_with_what_cannot(clock, sent, throttle):
    box = throttle(0.1)
    box.ask()
    clock.advance(0.0)
    box.ask(pause=600.0)
    clock.advance(599.0)
    assert sent == [0.0]
    assert box.due
    box.ask()
    clock.advance(0.0)
    assert sent == [0.0, 599.0]
    assert not box.due
    clock.advance(600.0)
    assert len(sent) == 2


def test_what_can_wait_does_not_hold_back_what_is_due_sooner(clock, sent, throttle):
    box = throttle(0.1)
    box.ask()
    clock.advance(0.0)
    box.ask()
    box.ask(pause=600.0)
    clock.advance(1.0)
    assert sent == [0.0, 0.1]
    assert not box.due


def test_what_is_due_sooner_comes_before_what_was_asked_for_earlier(clock, sent, throttle):
    box = throttle(0.1)
    box.ask()
    clock.advance(0.0)
    box.ask(pause=600.0)
    box.ask()
    clock.advance(1000.0)
    assert sent == [0.0, 0.1]


def test_asking_from_many_threads_leaves_nothing_unsent_and_sends_one_at_a_time():
    sending, together, asked, seen = threading.Lock(), [], [], []

    def send():
        together.append(not sending.acquire(blocking=False))
        seen.append(len(asked))
        time.sleep(0.03)  # longer than the pause
        sending.release()

    box = SendThrottle(send, 0.01)

    def ask():
        for number in range(200):
            asked.append(number)
            box.ask(pause=0.02 if number % 3 else None)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: not box.due and seen[-1:] == [800])
    assert not any(together)


def test_an_error_in_sending_is_logged_and_the_next_is_sent(caplog):
    sent = []

    def send():
        sent.append(len(sent))
        if len(sent) == 1:
            raise RuntimeError("no comm")

    box = SendThrottle(send, 0.01)
    for count in (1, 2):
        box.ask()
        until(lambda count=count: len(sent) >= count)
    assert "the state of the game could not be sent to the labextension" in caplog.text
