"""What the kernel and the labextension may say to each other; ``docs/protocol.md`` tells of it.

Every message is a JSON object with ``version`` and ``type``, at most :data:`MAX_BYTES` long. What a
front end says is checked here; ``labextension/src/protocol.ts`` checks what a kernel says.
"""

import json
import logging
from typing import Any

logger = logging.getLogger(__name__)

TARGET = "jupyter_classgame"
VERSION = 3
MAX_BYTES = 65_536
"""Longest message read or sent, as JSON in UTF-8."""

LONGEST = 200
"""Most characters of a word that a front end says: a pack, a team, an item."""

ACTIONS = ("stop", "pause", "resume")

_ADDRESS = {"pack": str, "team": str}
KNOWN: dict[str, dict[str, type]] = {
    "hello": {},
    "here": {},
    "inserted": {"id": int},
    "refused": {"id": int},
    "control": {**_ADDRESS, "run": int, "action": str},
    "recipe": {**_ADDRESS, "slug": str},
    "curves": {**_ADDRESS, "run": int},
}
"""What a front end may say, and the fields that go with it."""


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
    """Write into the log that a front end's message changed nothing, and why."""
    logger.warning("a message on comm target %s was ignored: %s", TARGET, why)


def size(data: dict[Any, Any]) -> int:
    """Give a message's length in bytes; more than :data:`MAX_BYTES` for what is no JSON."""
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
