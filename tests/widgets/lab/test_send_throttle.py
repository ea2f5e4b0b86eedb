import threading
import time

import pytest
from helpers.waiting import until

from jupyter_classgame.widgets.lab.send_throttle import SendThrottle


@pytest.fixture
def sent():
    """When things were sent, by the clock."""
    return []


def outbox(sent, pause):
    box = SendThrottle(lambda: sent.append(box._last), pause)  # this thread may be late to look
    return box


def wait_for(sent, count):
    until(lambda: len(sent) >= count)


def test_it_sends_at_once_and_then_only_after_a_pause(sent):
    box = outbox(sent, 0.2)
    for _ in range(50):
        box.ask()
    wait_for(sent, 1)
    box.ask()
    box.ask()
    wait_for(sent, 2)
    assert sent[1] - sent[0] >= 0.2
    assert not box.due


def test_what_can_wait_waits_and_goes_along_with_what_cannot(sent):
    box = outbox(sent, 0.1)
    box.ask()
    wait_for(sent, 1)
    box.ask(pause=600.0)
    assert box.due
    box.ask()
    wait_for(sent, 2)
    assert sent[1] - sent[0] >= 0.1
    assert not box.due


def test_what_can_wait_does_not_hold_back_what_is_due_sooner(sent):
    box = outbox(sent, 0.1)
    box.ask()
    wait_for(sent, 1)
    box.ask()
    box.ask(pause=600.0)
    wait_for(sent, 2)
    assert not box.due


def test_asking_from_many_threads_leaves_nothing_unsent_and_sends_one_at_a_time(sent):
    sending, together, asked = threading.Lock(), [], []

    def send():
        together.append(not sending.acquire(blocking=False))
        sent.append(time.monotonic())
        time.sleep(0.03)  # longer than the pause
        sending.release()

    box = SendThrottle(send, 0.01)

    def ask():
        for number in range(200):
            asked.append(time.monotonic())
            box.ask(pause=0.02 if number % 3 else None)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: not box.due and sent[-1] >= max(asked))
    assert not any(together)


def test_an_error_in_sending_is_logged_and_the_next_is_sent(sent, caplog):
    def send():
        sent.append(time.monotonic())
        if len(sent) == 1:
            raise RuntimeError("no comm")

    box = SendThrottle(send, 0.01)
    box.ask()
    wait_for(sent, 1)
    box.ask()
    wait_for(sent, 2)
    assert "the state of the game could not be sent to the labextension" in caplog.text
