"""Errors in a ``pack.toml``, described for the author of the pack."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

KINDS = {
    "string": "a string in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list in brackets",
    "dict": "a table",
    "model": "a table",
}
BOUNDS = {
    "greater_than": "above",
    "greater_than_equal": "at least",
    "less_than": "below",
    "less_than_equal": "at most",
}


def first_fault(error: ValidationError, schema: type[BaseModel]) -> str:
    """Describe the first invalid key in one line, and count the others."""
    faults: list[Any] = error.errors()
    fault = faults[0]
    key = ".".join(str(part) for part in fault["loc"])
    more = f" ({len(faults) - 1} more after it)" if len(faults) > 1 else ""
    return f"{key}: {_describe(fault, schema)}{more}"


def _describe(fault: Mapping[str, Any], schema: type[BaseModel]) -> str:
    kind, limits = str(fault["type"]), fault.get("ctx", {})
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return _unknown_key(fault["loc"], schema)
    wanted = _wanted(kind, limits)
    return f"{_short(fault['input'])} must {wanted}" if wanted else str(fault["msg"])[:200]


def _wanted(kind: str, limits: Mapping[str, Any]) -> str:
    """Describe what a value must be or have; empty for unknown kinds of faults."""
    wanted = ""
    match kind.split("_", maxsplit=1):
        case _ if kind in BOUNDS:
            wanted = f"be {BOUNDS[kind]} {next(iter(limits.values())):g}"
        case ["string", "pattern_mismatch"]:
            wanted = f"be {_pattern(str(limits['pattern']))}"
        case ["literal", _]:
            wanted = f"be {limits['expected']}"
        case ["finite", _]:
            wanted = "be a finite number"
        case ["string", "too_long" | "too_short"]:
            wanted = f"have {_length(limits)} characters"
        case ["too", _]:
            wanted = f"have {_length(limits)} entries"
        case [start, *_] if start in KINDS:
            wanted = f"be {KINDS[start]}"
    return wanted


def _unknown_key(place: tuple[int | str, ...], schema: type[BaseModel]) -> str:
    """Describe an unknown key and the keys that there are."""
    known = list(_table(place[:-1], schema))
    near = get_close_matches(str(place[-1]), known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return f"there is no such key; {hint}"


def _table(place: tuple[int | str, ...], schema: Any) -> Mapping[str, Any]:
    """Return the keys of the table at a location."""
    fields: Mapping[str, Any] = schema.model_fields
    for name in (part for part in place if isinstance(part, str)):
        annotation = fields[name].annotation
        inner = [annotation, *getattr(annotation, "__args__", ())]
        fields = next(kind.model_fields for kind in inner if hasattr(kind, "model_fields"))
    return fields


def _pattern(pattern: str) -> str:
    slug = pattern.startswith("^[a-z0-9]+")
    return "lower-case letters, digits and hyphens" if slug else "one line without , and #"


def _length(limits: Mapping[str, Any]) -> str:
    return " ".join(
        f"{'at least' if name.startswith('min') else 'at most'} {limits[name]}"
        for name in ("min_length", "max_length")
        if name in limits
    )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
