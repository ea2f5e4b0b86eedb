"""The messages between kernel and labextension, and their validation.

``docs/developers/protocol.md`` describes the protocol. Every message is a JSON object with
``version`` and ``type``, at most :data:`MAX_BYTES` long.
Messages from a front end are checked here, those of a kernel in
``labextension/src/messages/messageSchema.ts``.
"""

import json
import logging
from typing import Any

logger = logging.getLogger(__name__)

TARGET = "jupyter_classgame"
VERSION = 5
MAX_BYTES = 65_536
"""Longest message read or sent, as JSON in UTF-8."""

LONGEST = 200
"""Most characters of a text field in a message from a front end."""

ACTIONS = ("stop", "pause", "resume")

_ADDRESS = {"pack": str, "team": str}
KNOWN: dict[str, dict[str, type]] = {
    "hello": {},
    "here": {},
    "inserted": {"id": int},
    "refused": {"id": int},
    "control": {**_ADDRESS, "run": int, "action": str},
    "recipe": {**_ADDRESS, "slug": str},
    "baseline": {**_ADDRESS},
    "curves": {**_ADDRESS, "run": int},
    "chart": {"place": str},
}
"""Types of messages from a front end, with the types of their fields."""


def check(data: object) -> dict[str, Any] | None:
    """Validate what a front end sent.

    Returns
    -------
    dict or None
        A new message with ``type`` and its fields and nothing else; or None, with a warning in the
        log, for anything that is not an object of this protocol's version with a known type,
        fields of the right types and at most ``MAX_BYTES`` in all.
    """
    fault = _fault(data)
    if fault is not None:
        ignored(fault)
        return None
    assert isinstance(data, dict)  # noqa: S101 - _fault has seen to it
    kind = data["type"]
    return {"type": kind} | {name: data[name] for name in KNOWN[kind]}


def ignored(why: str) -> None:
    """Log that a message from a front end was ignored, and why."""
    logger.warning("a message on comm target %s was ignored: %s", TARGET, why)


def size(data: dict[Any, Any]) -> int:
    """Return a message's length in bytes; more than :data:`MAX_BYTES` for what is no JSON."""
    try:
        return len(json.dumps(data, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError):
        return MAX_BYTES + 1


def _fault(data: object) -> str | None:
    if not isinstance(data, dict):
        return f"it is {type(data).__name__}, not an object"
    if data.get("version") != VERSION or isinstance(data.get("version"), bool):
        return f"it speaks version {str(data.get('version'))[:20]!r}, this is {VERSION}"
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in KNOWN:
        return f"its type {str(kind)[:40]!r} is unknown"
    if (length := size(data)) > MAX_BYTES:
        return f"it is longer than {MAX_BYTES} bytes ({length})"
    return _wrong_field(data, KNOWN[kind])


def _wrong_field(data: dict[str, Any], fields: dict[str, type]) -> str | None:
    for name, wanted in fields.items():
        value = data.get(name)
        if type(value) is not wanted or (isinstance(value, str) and len(value) > LONGEST):
            return f"its {name} {str(value)[:40]!r} is not a {wanted.__name__} as is needed"
    if "action" in fields and data["action"] not in ACTIONS:
        return f"its action {data['action'][:40]!r} is none of {', '.join(ACTIONS)}"
    return None
