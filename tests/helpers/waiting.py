"""Waiting for what other threads do."""

import threading
import time

from jupyter_classgame.session.wallet.ledger_poller import NAME


def until(condition, seconds=300):
    """Ask again and again until something is so; so many seconds are only a guard."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def watchers():
    """Give the threads that watch a ledger for other kernels."""
    return [thread for thread in threading.enumerate() if thread.name == NAME]
