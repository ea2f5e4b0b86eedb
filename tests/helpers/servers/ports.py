"""Ports for servers of tests, which nobody takes between the choice and the server's start."""

import os
import random
import socket

_FIRST, _LAST = 10_000, 32_000
"""Below the ports that Linux gives to whoever asks for any, which another process may get."""

_WORKERS = 8


def free_port():
    """A port on this machine that nobody listens on; each worker chooses among its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = range(_FIRST + worker % _WORKERS, _LAST, _WORKERS)
    while True:
        port = random.SystemRandom().choice(own)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:  # somebody listens
                continue
        return port
