"""What a run's processes and the kernel tell each other: JSON, never code."""

import json
from dataclasses import asdict
from multiprocessing.connection import Connection
from typing import Any

from jupyter_classgame.events import Event, HandEdited, Noticed, Progress, RunPaused

TOLD: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Progress, Noticed, HandEdited, RunPaused)
}
"""Events that pass as they are; those of epochs and of the end come with a state."""

Message = dict[str, Any]

BEATS, STACK = "beats", "stack-{}"
"""Files of a group of processes: how often each came further; where each of its threads is."""


def send(connection: "Connection[Any, Any]", message: Message) -> None:
    """Send a message."""
    connection.send_bytes(json.dumps(message).encode())


def receive(connection: "Connection[Any, Any]") -> Message:
    """Wait for a message.

    Raises
    ------
    EOFError, OSError
        There is nobody at the other end.
    """
    message: Message = json.loads(connection.recv_bytes())
    return message


def packed(event: Event) -> Message:
    """Make a message of an event among :data:`TOLD`."""
    return {"kind": "event", "type": type(event).__name__, "values": asdict(event)}


def unpacked(message: Message) -> Event:
    """Make the event of such a message."""
    event: Event = TOLD[message["type"]](**message["values"])
    return event
