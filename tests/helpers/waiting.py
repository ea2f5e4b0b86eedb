"""Waiting for what other threads do, and a clock for what waits for a time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

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


def recorded_jobs(monkeypatch, module):
    """Give a list that keeps what a module hands to its pools of threads from now on."""
    jobs = []

    class Recorded(ThreadPoolExecutor):
        def submit(self, *job):
            jobs.append(super().submit(*job))
            return jobs[-1]

    monkeypatch.setattr(module, "ThreadPoolExecutor", Recorded)
    return jobs


class Clock:
    """A clock that only a test moves: stands for the module ``time``, and its timers for others."""

    def __init__(self):
        self.now = 0.0
        self.timers = []

    def monotonic(self):
        return self.now

    def timer(self, seconds, call, args=()):
        """Stand for :class:`threading.Timer`; what is due is called by :meth:`advance`."""
        return _Timer(self, self.now + seconds, call, args)

    def advance(self, seconds):
        """Let time pass, and call what becomes due, each at its time and in this thread."""
        end = self.now + seconds
        while due := [timer for timer in self.timers if timer.at <= end]:
            first = min(due, key=lambda timer: timer.at)
            self.timers.remove(first)
            self.now = max(self.now, first.at)
            first.call()
        self.now = end


class _Timer:
    def __init__(self, clock, at, call, args):
        self._clock, self.at, self.daemon = clock, at, False
        self.call = lambda: call(*args)

    def start(self):
        self._clock.timers.append(self)

    def cancel(self):
        if self in self._clock.timers:
            self._clock.timers.remove(self)
