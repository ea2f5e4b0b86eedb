"""A cable between the browser and the server that can be pulled out and put back."""

import socket
import threading
from contextlib import suppress


class Cable:
    """A TCP proxy to a server on this machine; while it is out, it closes what it had and refuses.

    Attributes
    ----------
    url
        What the browser opens in place of the server's own.
    """

    def __init__(self, server_url):
        host, _, port = server_url.removeprefix("http://").partition(":")
        self._server = host, int(port)
        self._lock = threading.Lock()
        self._pairs = []
        self._ear = None
        self._port = 0
        self.mend()
        self.url = f"http://127.0.0.1:{self._port}"

    def mend(self):
        """Let connections through again, by the same port."""
        self._ear = socket.create_server(("127.0.0.1", self._port))
        self._port = self._ear.getsockname()[1]
        threading.Thread(target=self._listen, args=(self._ear,), daemon=True).start()

    def cut(self):
        """Close every connection, and refuse new ones."""
        with suppress(OSError):
            self._ear.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._ear.close()
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for end in (end for pair in pairs for end in pair):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _listen(self, ear):
        while True:
            try:
                near, _ = ear.accept()
            except OSError:  # it was cut
                return
            far = socket.create_connection(self._server)
            with self._lock:
                self._pairs.append((near, far))
            threading.Thread(target=_join, args=(near, far), daemon=True).start()


def _join(near, far):
    """Carry bytes both ways until either end is closed."""
    with near, far:
        back = threading.Thread(target=_carry, args=(far, near), daemon=True)
        back.start()
        _carry(near, far)
        back.join()


def _carry(source, target):
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
