"""States as JSON and tensors, and back: what can be written down without code, and no more."""

from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

DEEPEST = 24
"""Levels of nesting after which a state is taken for one that holds itself."""

MARK = "~"
"""Begins the one key of a dictionary that stands for something JSON has no word for."""


class _Unkept(Exception):  # noqa: N818 - it never leaves this module
    """A value that is neither numbers, text nor tensors."""


class Encoder:
    """Turns states into what JSON can hold, and puts their tensors aside.

    Attributes
    ----------
    tensors
        What was put aside, by name; the tensors themselves, not copies.
    unkept
        Where something stood that cannot be kept (a function, an object), such as
        ``scheduler.lr_lambdas``. It is left out of its dictionary.
    """

    def __init__(self) -> None:
        self.tensors: dict[str, Tensor] = {}
        self.unkept: list[str] = []

    def encode(self, value: Any, name: str) -> Any:
        """Encode a state; ``name`` begins the names of its tensors. None where it is unkept."""
        try:
            return self._encode(value, name, 0)
        except _Unkept:
            self.unkept.append(name)
            return None

    def encode_whole(self, value: Any, name: str) -> Any:
        """Encode a state that is of no use in part, as an optimizer's of one parameter.

        None where anything in it cannot be kept: what is empty is begun anew.
        """
        whole = Encoder()
        encoded = whole.encode(value, name)
        self.unkept += whole.unkept
        if whole.unkept:
            return None
        self.tensors |= whole.tensors
        return encoded

    def _encode(self, value: Any, name: str, depth: int) -> Any:  # noqa: PLR0911 - a line a kind
        if depth > DEEPEST:
            raise _Unkept
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, Tensor):
            return self._put_aside("tensor", value, name)
        if isinstance(value, Mapping):
            return self._mapping(value, name, depth)
        if isinstance(value, list):
            return self._items(value, name, depth)
        if isinstance(value, (tuple, set, frozenset)):
            kind = "tuple" if isinstance(value, tuple) else "set"
            return {MARK + kind: self._items(value, name, depth)}
        if isinstance(value, deque):
            return {MARK + "deque": [self._items(value, name, depth), value.maxlen]}
        return self._plain(value, name)

    def _plain(self, value: Any, name: str) -> Any:
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return {MARK + "scalar": [value.dtype.name, value.item()]}
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
            return self._put_aside("array", torch.from_numpy(value.copy()), name)
        if isinstance(value, torch.dtype):
            return {MARK + "dtype": str(value).removeprefix("torch.")}
        if isinstance(value, torch.device):
            return {MARK + "device": str(value)}
        if isinstance(value, complex):
            return {MARK + "complex": [value.real, value.imag]}
        if isinstance(value, bytes):
            return {MARK + "bytes": value.hex()}
        raise _Unkept

    def _put_aside(self, kind: str, tensor: Tensor, name: str) -> dict[str, str]:
        if tensor.layout is not torch.strided or tensor.is_meta or tensor.is_quantized:
            raise _Unkept
        self.tensors[name] = tensor.detach()
        return {MARK + kind: name}

    def _items(self, values: Any, name: str, depth: int) -> list[Any]:
        return [self._encode(v, f"{name}.{i}", depth + 1) for i, v in enumerate(values)]

    def _mapping(self, value: Mapping[Any, Any], name: str, depth: int) -> dict[str, Any]:
        pairs = []
        for key, inner in value.items():
            where = f"{name}.{key}"
            try:
                pairs.append((key, self._encode(inner, where, depth + 1)))
            except _Unkept:
                self.unkept.append(where)
        named = all(type(key) is str and not key.startswith(MARK) for key, _ in pairs)
        if named and not isinstance(value, Counter):
            return dict(pairs)
        kind = "counter" if isinstance(value, Counter) else "dict"
        return {MARK + kind: [[self._encode(k, name, depth + 1), inner] for k, inner in pairs]}


def decode(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    """Give back what :meth:`Encoder.encode` was given; tensors are copies.

    Raises
    ------
    ValueError, KeyError, TypeError
        It was written by something else.
    """
    if isinstance(value, list):
        return [decode(item, tensors) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        key, inner = next(iter(value.items()))
        if key in ("~tensor", "~array"):
            copy = tensors[inner].clone()
            return copy if key == "~tensor" else copy.numpy()
        if key.startswith(MARK):
            return _KINDS[key](decode(inner, tensors))
    return {key: decode(inner, tensors) for key, inner in value.items()}


def _dtype(name: str) -> torch.dtype:
    dtype = getattr(torch, name)
    if not isinstance(dtype, torch.dtype):
        raise TypeError(f"{name} is no dtype")
    return dtype


_KINDS: dict[str, Callable[[Any], Any]] = {
    "~tuple": tuple,
    "~set": set,
    "~deque": lambda parts: deque(parts[0], parts[1]),
    "~dict": lambda pairs: dict(map(tuple, pairs)),
    "~counter": lambda pairs: Counter(dict(map(tuple, pairs))),
    "~scalar": lambda parts: np.dtype(parts[0]).type(parts[1]),
    "~dtype": _dtype,
    "~device": torch.device,
    "~complex": lambda parts: complex(*parts),
    "~bytes": bytes.fromhex,
}
