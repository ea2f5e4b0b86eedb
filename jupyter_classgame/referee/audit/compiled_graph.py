"""Compiled parts of a loss's graph, which can be passed back only once."""

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor


def has_compiled(loss: Tensor) -> bool:
    """Say whether a part of the graph of a loss was compiled."""
    return any(map(_is_compiled, _nodes(loss.grad_fn)))


def compiled_beside(loss: Tensor, outputs: Iterable[Tensor]) -> int:
    """Count compiled parts that a loss depends on other than by the outputs of the model."""
    ends = {t.grad_fn for t in outputs}
    return sum(map(_is_compiled, _nodes(loss.grad_fn, ends)))


def _is_compiled(node: Any) -> bool:
    return "Compiled" in node.name()


def _nodes(start: Any, ends: Iterable[Any] = ()) -> Iterator[Any]:
    """Yield the nodes of a graph from one on, but for the ``ends`` and what only they lead to."""
    seen, waiting = set(ends), [start]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        yield node
        waiting.extend(following for following, _ in node.next_functions)
