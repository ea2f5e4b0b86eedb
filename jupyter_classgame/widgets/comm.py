"""The protocol with the labextension, by which a recipe becomes a cell of the notebook.

Both sides know the comm target ``jupyter_classgame``, and either may open a comm on it. Every
message is a JSON object with ``version`` (1) and ``type``, at most 64 kB; others are ignored with a
warning in the log.

===============  ============  ==================================================================
type             from          meaning
===============  ============  ==================================================================
``announce``     kernel        data of a comm the kernel opens: say ``hello``, on it or on a new one
``hello``        front end     data of a comm the front end opens, or the answer to ``announce``:
                               the notebook is on this comm; the newest such comm is used
``insert-cell``  kernel        insert ``code`` as a code cell below the active cell
``inserted``     front end     done
===============  ============  ==================================================================

The front end opens its comm when it connects to a kernel; one that was there before the extension
was loaded is found by ``announce``.
"""

import json
import logging
from threading import RLock
from typing import Any, Literal

import comm
from IPython.core.getipython import get_ipython

from .frontend import in_kernel

logger = logging.getLogger(__name__)

TARGET = "jupyter_classgame"
VERSION = 1
MAX_BYTES = 65_536
"""Longest message read or sent, as JSON in UTF-8."""

KNOWN = frozenset({"hello", "inserted"})
"""What a front end may say."""


class Link:
    """The kernel's end: knows the newest comm on which a labextension has said hello."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._comm: Any = None
        self._announced: Any = None
        self._queued: list[str] = []

    @property
    def alive(self) -> bool:
        """Whether a labextension listens."""
        return self._comm is not None

    def opened(self, channel: Any, message: dict[str, Any]) -> None:
        """Take a comm that the front end opens (the target's callback)."""
        self._listen(channel)
        self._take(channel, message)

    def announce(self) -> None:
        """Ask a front end that was connected before this target existed to say hello."""
        if self.alive or not in_kernel():
            return
        with self._lock:
            if self._announced is not None:
                return
            data = {"version": VERSION, "type": "announce"}
            self._announced = comm.create_comm(target_name=TARGET, data=data)
        self._listen(self._announced)

    def send_cell(self, code: str) -> bool:
        """Send a recipe to the labextension; False where none listens or it is too long."""
        message = {"version": VERSION, "type": "insert-cell", "code": code}
        with self._lock:
            if self._comm is None or _size(message) > MAX_BYTES:
                return False
            self._comm.send(message)
        return True

    def queue_cell(self, code: str) -> None:
        """Leave a recipe with the next reply to a cell, joined to those still waiting there.

        A front end takes one such cell from a reply, so that a second must not displace the first.
        """
        shell = get_ipython()
        if shell is None:
            return
        manager = getattr(shell, "payload_manager", None)
        waiting = [] if manager is None else manager.read_payload()
        texts = [each.get("text") for each in waiting if each.get("source") == "set_next_input"]
        with self._lock:
            if "\n\n".join(self._queued) not in texts:
                self._queued = []
            if code not in self._queued:
                self._queued.append(code)
            shell.set_next_input("\n\n".join(self._queued), replace=False)

    def forget(self) -> None:
        """Drop all comms, for example when the extension is unloaded."""
        with self._lock:
            channels = {id(c): c for c in (self._comm, self._announced) if c is not None}
            self._comm = self._announced = None
        for channel in channels.values():
            channel.on_close(None)
            channel.close()

    def _listen(self, channel: Any) -> None:
        if hasattr(channel, "_reply_subshell_for"):  # as in frontend.answer_while_busy
            channel._reply_subshell_for = lambda _data, default: default  # noqa: SLF001
        channel.on_msg(lambda message: self._take(channel, message))
        channel.on_close(lambda _message: self._closed(channel))

    def _take(self, channel: Any, message: dict[str, Any]) -> None:
        kind = check(message.get("content", {}).get("data"))
        if kind == "hello":
            with self._lock:
                self._comm = channel
        elif kind == "inserted":
            logger.debug("the labextension inserted a cell")

    def _closed(self, channel: Any) -> None:
        with self._lock:
            if self._comm is channel:
                self._comm = None
            if self._announced is channel:
                self._announced = None


link = Link()
"""This kernel's link; a kernel has one."""


def check(data: object) -> str | None:
    """Validate what a front end sent.

    Returns
    -------
    str or None
        The message's type, or None, with a warning in the log, for anything that is not an
        object of this protocol's version with a known type and at most ``MAX_BYTES`` long.
    """
    fault = _fault(data)
    if fault is None:
        assert isinstance(data, dict)  # noqa: S101 - _fault has seen to it
        return str(data["type"])
    logger.warning("a message on comm target %s was ignored: %s", TARGET, fault)
    return None


def _fault(data: object) -> str | None:
    if not isinstance(data, dict):
        return f"it is {type(data).__name__}, not an object"
    if data.get("version") != VERSION or isinstance(data.get("version"), bool):
        return f"it speaks version {str(data.get('version'))[:20]!r}, this is {VERSION}"
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in KNOWN:
        return f"its type {str(kind)[:40]!r} is unknown"
    if (size := _size(data)) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES} bytes ({size})"
    return None


def _size(data: dict[Any, Any]) -> int:
    try:
        return len(json.dumps(data, ensure_ascii=False).encode())
    except (TypeError, ValueError):
        return MAX_BYTES + 1


def insert_cell(code: str) -> Literal["inserted", "queued"]:
    """Put code into a new cell of the notebook.

    Parameters
    ----------
    code
        The cell's source.

    Returns
    -------
    "inserted" or "queued"
        Inserted below the active cell, by the labextension; or, where none listens, left for the
        front end to insert below the next cell that is run.
    """
    if link.send_cell(code):
        return "inserted"
    link.queue_cell(code)
    return "queued"


def register(ip: Any) -> None:
    """Answer the labextension's comm in this kernel; without a kernel nothing will come."""
    _manager(ip).register_target(TARGET, link.opened)


def unregister(ip: Any) -> None:
    """Undo :func:`register` and close what was opened."""
    manager = _manager(ip)
    if TARGET in manager.targets:
        manager.unregister_target(TARGET, link.opened)
    link.forget()


def _manager(ip: Any) -> Any:
    kernel = getattr(ip, "kernel", None)
    return getattr(kernel, "comm_manager", None) or comm.get_comm_manager()
