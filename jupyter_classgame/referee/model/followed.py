"""Whether traces have followed all of a model: what autograd knows of it, held against them."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.utils._pytree import tree_leaves

from jupyter_classgame.referee.model.tracing.op_tracer import Trace
from jupyter_classgame.referee.model.tracing.provenance import storage_of

NORMS: dict[Any, set[str]] = {
    nn.LayerNorm: {"layer-norm"},
    nn.GroupNorm: {"group-norm"},
    _InstanceNorm: {"instance-norm", "batch-norm"},
    _BatchNorm: {"batch-norm", "instance-norm"},
    nn.MultiheadAttention: {"attention"},
}
"""By a module's class: the techniques as which what it does is seen."""


def what_is_unseen(model: nn.Module, traces: list[Trace]) -> str:
    """Return what training passes use without the traces having seen it; empty where nothing is.

    Parameters
    ----------
    model
        The model.
    traces
        Traces of passes with gradients.
    """
    if any(t.lost for t in traces) or not all(t.provenance.of_input for t in traces):
        return "how the scores are computed from the images could not be followed"
    learning = _parameters_behind(traces[0].outputs)
    seen = {storage for t in traces for storage, _ in _flat(t.provenance.used)}
    named = {name: p for name, p in model.named_parameters() if id(p) in learning}
    missing = [name for name, p in named.items() if storage_of(p) not in seen]
    if missing:
        return f"where {missing[0]} is used on the way to the scores could not be followed"
    marks = {mark for t in traces for mark in t.provenance.marks}
    owners = {name.rpartition(".")[0] for name in named}
    for name, module in model.named_modules():
        for kind, techniques in NORMS.items():
            if isinstance(module, kind) and name in owners and not marks & techniques:
                return f"what {name or 'it'} ({type(module).__name__}) does could not be followed"
    return ""


def _flat(used: Iterable[Any]) -> Iterable[tuple[int, int]]:
    for item in used:
        if isinstance(item, frozenset):
            yield from _flat(item)
        else:
            yield item


def _parameters_behind(outputs: Any) -> set[int]:
    """Return the ids of the parameters that get a gradient from outputs."""
    waiting = [t.grad_fn for t in tree_leaves(outputs) if isinstance(t, Tensor)]
    seen: set[Any] = set()
    found: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        variable = getattr(node, "variable", None)
        if isinstance(variable, Tensor):
            found.add(id(variable))
        waiting.extend(following for following, _ in node.next_functions)
    return found
