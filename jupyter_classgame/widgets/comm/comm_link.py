"""The kernel's end of the comm with the labextension; :mod:`.message_schema` has the messages.

Both sides know the comm target, and either may open a comm on it. The front end opens its comm
when it connects to a kernel; one that was there before the extension was loaded is found by
``announce``.
"""

import logging
import time
from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any, Literal

import comm
from IPython.core.getipython import get_ipython

from jupyter_classgame.widgets.comm.cell_insertion import PATIENCE, CellInsertion
from jupyter_classgame.widgets.comm.message_schema import MAX_BYTES, TARGET, VERSION, check, size
from jupyter_classgame.widgets.frontend import in_kernel
from jupyter_classgame.widgets.markup import line

logger = logging.getLogger(__name__)

Where = Literal["inserted", "queued"]


class CommLink:
    """The open comms on which a labextension answers.

    A page that is closed or reloaded does not close its comm. Whenever a front end connects, the
    others are pinged, and those that have not answered for a while are dropped. One that was only
    slow is added again with its next message.

    Attributes
    ----------
    listener
        Called with every hello and every request: the message, and the comm it came on. It runs in
        the thread of the message, also while a cell runs.
    greetings
        Number of hello messages so far.
    """

    def __init__(self) -> None:
        self.listener: Callable[[dict[str, Any], Any], None] | None = None
        self.greetings = 0
        self._lock = RLock()
        self._comms: list[Any] = []
        self._greeted: dict[Any, str] = {}
        self._asked: dict[Any, float] = {}
        self._insertions: dict[int, CellInsertion] = {}
        self._number = 0
        self._announced: Any = None
        self._queued: list[str] = []
        self._awaiting: list[Callable[[], None]] = []

    @property
    def alive(self) -> bool:
        """Whether a labextension is connected."""
        return bool(self._comms)

    def when_alive(self, call: Callable[[], None]) -> None:
        """Call a function once a labextension is connected: at once, or in the thread of its hello.

        Where no labextension ever connects, it is not called.
        """
        with self._lock:
            if not self.alive:
                self._awaiting.append(call)
                return
        call()

    def opened(self, channel: Any, message: dict[str, Any]) -> None:
        """Accept a comm that the front end opens (callback of the target)."""
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

    def insert(
        self, cells: Sequence[str], on_done: Callable[[bool], None], channel: Any = None
    ) -> None:
        """Have a labextension insert cells, one below the other.

        Parameters
        ----------
        cells
            Their sources.
        on_done
            Called once with whether they were inserted, at once or later, in any thread.
        channel
            The comm to use; by default all are tried in turn, the newest first.
        """
        with self._lock:
            self._number += 1
            number = self._number
            message = {
                "version": VERSION, "type": "insert-cells", "id": number, "cells": list(cells)
            }  # fmt: skip
            channels = self._comms[::-1] if channel is None else [channel]
            if size(message) > MAX_BYTES:
                channels = []

            def over(inserted: bool) -> None:
                self._insertions.pop(number, None)
                on_done(inserted)

            insertion = CellInsertion(lambda each: each.send(message), channels, self._drop, over)
            self._insertions[number] = insertion
        insertion.begin()

    def send_game(self, game: dict[str, Any] | None) -> bool:
        """Send the game's state to all front ends; False, with a warning, if it is too long."""
        message = {"version": VERSION, "type": "state", "game": game}
        if (length := size(message)) > MAX_BYTES:
            logger.warning("the state of the game is not sent: it takes %s bytes", length)
            return False
        with self._lock:
            for channel in self._comms:
                channel.send(message)
        return True

    def send_curves(self, curves: dict[str, Any], channel: Any) -> bool:
        """Send a run's curves to the labextension that asked; False if they are too long."""
        message = {"version": VERSION, "type": "curves", **curves}
        if size(message) > MAX_BYTES:
            return False
        with self._lock:
            channel.send(message)
        return True

    def send_chart(self, place: str, model: str, channel: Any) -> None:
        """Send the model of a live chart to the labextension that asked; empty if there is none."""
        message = {"version": VERSION, "type": "chart", "place": place, "model": model}
        with self._lock:
            channel.send(message)

    def send_output(self, place: str, html: str, plain: str) -> bool:
        """Have all front ends replace the output with this display id.

        Returns
        -------
        bool
            False if the HTML is too long: the plain text is sent alone.
        """
        message = {"version": VERSION, "type": "output", "place": place, "plain": plain}
        whole = {**message, "html": html}
        fits = size(whole) <= MAX_BYTES
        with self._lock:
            for channel in self._comms:
                channel.send(whole if fits else {**message, "html": line(plain)})
        return fits

    def queue_cell(self, code: str) -> None:
        """Attach code to the next execute reply, joined to code still waiting there.

        A front end takes one such cell from a reply, so a second must not displace the first.
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
            channels = {id(c): c for c in (*self._comms, self._announced) if c is not None}
            self._comms, self._announced = [], None
            self._asked.clear()
            self._greeted.clear()
        for channel in channels.values():
            channel.on_close(None)
            channel.close()

    def _listen(self, channel: Any) -> None:
        if hasattr(channel, "_reply_subshell_for"):  # as in frontend.answer_while_busy
            channel._reply_subshell_for = lambda _data, default: default  # noqa: SLF001
        channel.on_msg(lambda message: self._take(channel, message))
        channel.on_close(lambda _message: self._closed(channel))

    def _take(self, channel: Any, message: dict[str, Any]) -> None:
        said = check(message.get("content", {}).get("data"))
        if said is None:
            return
        kind = said["type"]
        greeted = str(message.get("header", {}).get("date", "")) if kind == "hello" else None
        came = self._record_sign_of_life(channel, greeted)
        with self._lock:
            awaiting, self._awaiting = self._awaiting, []
        for call in awaiting:
            call()
        if kind in ("inserted", "refused"):
            if (insertion := self._insertions.get(said["id"])) is not None:
                insertion.inserted() if kind == "inserted" else insertion.refused(channel)
        elif kind != "here" and self.listener is not None:
            self.listener(said, channel)
        if came and kind != "hello" and self.listener is not None:
            self.listener({"type": "hello"}, channel)

    def _record_sign_of_life(self, channel: Any, greeted: str | None) -> bool:
        """Record that a front end is connected, and when it ``greeted``; return whether it is new.

        A page that waits for a busy kernel says hello again on another comm, by a faster way. Its
        first hello comes after that, and does not count as the newest.
        """
        with self._lock:
            self.greetings += greeted is not None
            if greeted is not None:
                self._greeted[channel] = greeted
            self._asked.pop(channel, None)
            others = [each for each in self._comms if each is not channel]
            came = len(others) == len(self._comms)
            if came or greeted is not None:
                self._comms = sorted([*others, channel], key=lambda c: self._greeted.get(c, ""))
            if came:
                self._ask(others)
        return came

    def _ask(self, channels: list[Any]) -> None:
        """Ping front ends, and drop those whose answer is overdue."""
        now = time.monotonic()
        for each in channels:
            if now - self._asked.setdefault(each, now) > PATIENCE:
                self._drop(each)
            else:
                each.send({"version": VERSION, "type": "ping"})

    def _drop(self, channel: Any) -> None:
        with self._lock:
            self._comms = [each for each in self._comms if each is not channel]
            self._asked.pop(channel, None)
            self._greeted.pop(channel, None)

    def _closed(self, channel: Any) -> None:
        with self._lock:
            self._drop(channel)
            if self._announced is channel:
                self._announced = None


link = CommLink()
"""This kernel's link; a kernel has one."""


def insert_cell(code: str, on_done: Callable[[Where], None]) -> None:
    """Put code into a new cell of the notebook; see :func:`insert_cells`."""
    insert_cells([code], on_done)


def insert_cells(cells: Sequence[str], on_done: Callable[[Where], None]) -> None:
    """Put code into new cells of the notebook, of which the first becomes the active one.

    Parameters
    ----------
    cells
        Their sources.
    on_done
        Called once, within some seconds and in any thread, with where the code is: "inserted" below
        the active cell, as confirmed by a labextension; or "queued" without one, for the front end
        to insert, in one cell, below the next one that is run.
    """

    def over(inserted: bool) -> None:
        if not inserted:
            link.queue_cell("\n\n\n".join(cells))
        on_done("inserted" if inserted else "queued")

    link.insert(cells, over)


def register(ip: Any) -> None:
    """Register the comm target in this kernel; without a kernel no message arrives."""
    _manager(ip).register_target(TARGET, link.opened)


def unregister(ip: Any) -> None:
    """Undo :func:`register` and close all comms."""
    manager = _manager(ip)
    if TARGET in manager.targets:
        manager.unregister_target(TARGET, link.opened)
    link.forget()


def _manager(ip: Any) -> Any:
    kernel = getattr(ip, "kernel", None)
    return getattr(kernel, "comm_manager", None) or comm.get_comm_manager()
