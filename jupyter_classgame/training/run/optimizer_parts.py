"""An optimizer's whole state: of itself, of optimizers inside it, and of its own attributes.

Wrappers such as Lookahead, sharpness-aware minimisation or a class of one's own hold another
optimizer under some name, and numbers or tensors of their own beside it.
"""

import copy
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

USUAL = frozenset(vars(Optimizer([torch.nn.Parameter(torch.zeros(()))], {}))) | {
    "state", "param_groups", "defaults", "step", "_opt_called", "_step_count", "grad_scale",
    "found_inf", "zero_grad",
}  # fmt: skip
"""Attributes of every optimizer, which are kept apart or are none of its numbers."""

PLAIN = (bool, int, float, complex, str, type(None))

PLACE = "parameter"
"""Begins what stands for a parameter where a state is written down."""

UNKNOWN = object()
"""Stands for a value that is left as it is."""


def optimizers_in(optimizer: Any) -> dict[str, Any]:
    """Find an optimizer and those inside it, each once, by the way to them; its own is empty."""
    return dict(_found(optimizer, "", set()))


def _found(thing: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Any]]:
    if id(thing) in seen:
        return
    seen.add(id(thing))
    parts: Iterable[tuple[Any, Any]]
    if is_optimizer(thing):
        yield path, thing
        parts = own_attributes(thing).items()
    elif isinstance(thing, Mapping):
        parts = thing.items()
    elif isinstance(thing, (list, tuple)):
        parts = enumerate(thing)
    else:
        return
    for name, part in parts:
        if is_optimizer(part) or isinstance(part, (list, tuple, dict)):
            yield from _found(part, f"{path}.{name}" if path else str(name), seen)


def is_optimizer(thing: Any) -> bool:
    """Say whether a thing steps parameters: torch's optimizers, and what is like them."""
    if isinstance(thing, type):
        return False
    return isinstance(thing, Optimizer) or (
        callable(getattr(thing, "step", None)) and hasattr(thing, "param_groups")
    )


def own_attributes(optimizer: Any) -> dict[str, Any]:
    """Give the attributes of an optimizer that torch's own have not."""
    own = getattr(optimizer, "__dict__", {})
    return {name: value for name, value in own.items() if name not in USUAL}


def put_in_mode(optimizer: Any, *, training: bool) -> None:
    """Bring the weights to where steps are taken from, or to where they are measured.

    Schedule-free optimizers (Defazio et al. 2024, arXiv:2405.15682) step from one point and
    answer with an average; ``train()`` and ``eval()`` lead from one to the other. What has not
    both of them is left alone.
    """
    for part in optimizers_in(optimizer).values():
        train, evaluate = getattr(part, "train", None), getattr(part, "eval", None)
        if callable(train) and callable(evaluate):
            train() if training else evaluate()


class OptimizerState:
    """A copy of one optimizer's state, groups and attributes at one instant.

    Attributes
    ----------
    states, groups, attributes
        State by parameter, the groups' settings, and attributes beside them.
    """

    def __init__(self, optimizer: Any, within: Mapping[str, Any]) -> None:
        self._optimizer = optimizer
        # what other parts of the optimizer keep, and parameters, are not copied once more
        others = [other for other in within.values() if other is not optimizer]
        self._parameters = {id(p): p for o in within.values() for p in parameters_of(o)}
        self._stays = {id(o) for o in within.values()}
        self._stays |= {id(getattr(o, n, None)) for o in others for n in ("state", "param_groups")}
        self._stays |= {id(g) for o in within.values() for g in o.param_groups}
        self._shared = optimizer is within[""] and any(
            getattr(o, "state", None) is optimizer.state for o in others
        )
        self.states: dict[Any, Any] = (
            {}
            if self._shared
            else {p: copy.deepcopy(state) for p, state in optimizer.state.items()}
        )
        self.groups = [
            {key: copy.deepcopy(value) for key, value in group.items() if key != "params"}
            for group in optimizer.param_groups
        ]
        kept = {n: self._kept(value) for n, value in own_attributes(optimizer).items()}
        self.attributes = {n: value for n, value in kept.items() if value is not UNKNOWN}

    def restore_state(self) -> None:
        """Put the state and the attributes back, in place."""
        if not self._shared:
            self._optimizer.state.clear()
            for parameter, state in self.states.items():
                self._optimizer.state[parameter] = copy.deepcopy(state)
        put_attributes(self._optimizer, self.attributes, self._parameters)

    def restore_groups(self) -> None:
        """Put the groups' settings back, in place."""
        for group, values in zip(self._optimizer.param_groups, self.groups, strict=True):
            for new in group.keys() - values.keys() - {"params"}:  # a counter of steps, say
                del group[new]
            for name, value in values.items():
                group[name] = _put_into(group.get(name), value, {})  # a rate may be a tensor

    def _kept(self, value: Any) -> Any:
        """Copy what is numbers, text and tensors, all through; else the value is left alone."""
        if id(value) in self._stays:
            return UNKNOWN
        if isinstance(value, PLAIN) or id(value) in self._parameters:
            return value
        if isinstance(value, Tensor):
            return value.detach().clone()
        if isinstance(value, Mapping):
            items = {key: self._kept(inner) for key, inner in value.items()}
            whole = UNKNOWN not in map(_marked, items.values())
            return _like(value, items) if whole else UNKNOWN
        if isinstance(value, (list, tuple, deque)):
            parts = [self._kept(inner) for inner in value]
            whole = UNKNOWN not in map(_marked, parts)
            return _like(value, parts) if whole else UNKNOWN
        return UNKNOWN


def parameters_of(optimizer: Any) -> list[Any]:
    """List the parameters of an optimizer, group by group."""
    return [p for group in optimizer.param_groups for p in group["params"]]


def places_for(value: Any, parameters: list[Any]) -> Any:
    """Put its place in the optimizer where a parameter stands, in containers and as a key."""
    places = {id(p): (PLACE, number) for number, p in enumerate(parameters)}
    return _exchanged(value, lambda each: places.get(id(each), each))


def parameters_for(value: Any, parameters: list[Any]) -> Any:
    """Put the parameter back where its place stands; the inverse of :func:`places_for`."""

    def parameter(each: Any) -> Any:
        place = isinstance(each, tuple) and len(each) == 2 and each[0] == PLACE
        return parameters[each[1]] if place else each

    return _exchanged(value, parameter)


def _exchanged(value: Any, other: Callable[[Any], Any]) -> Any:
    if (new := other(value)) is not value:
        return new
    if isinstance(value, Mapping):
        return _like(value, {other(k): _exchanged(v, other) for k, v in value.items()})
    if isinstance(value, (list, tuple, deque)):
        return _like(value, [_exchanged(each, other) for each in value])
    return value


def put_attributes(
    optimizer: Any, values: Mapping[str, Any], parameters: Mapping[int, Any]
) -> None:
    """Give an optimizer's attributes values, in its own tensors and containers where they fit.

    ``parameters`` by their ids stay the same objects.
    """
    for name, value in values.items():
        now = getattr(optimizer, name, None)
        put = _put_into(now, value, parameters)
        if put is not now:
            setattr(optimizer, name, put)


def _put_into(now: Any, value: Any, parameters: Mapping[int, Any]) -> Any:
    """Give what holds the value: what is there, if that can be written, or a copy."""
    if now is value or id(value) in parameters:
        return value
    if isinstance(now, Tensor) and isinstance(value, Tensor):
        if (now.shape, now.dtype) == (value.shape, value.dtype):
            with torch.no_grad():
                now.copy_(value)
            return now
        return value.to(now.device, copy=True)
    if type(now) is type(value) and isinstance(value, dict):
        inner = {key: _put_into(now.get(key), part, parameters) for key, part in value.items()}
        now.clear()
        now.update(inner)
        return now
    if isinstance(now, list) and isinstance(value, list):
        before = [*now, *[None] * len(value)]
        now[:] = [
            _put_into(old, part, parameters) for old, part in zip(before, value, strict=False)
        ]
        return now
    return copy.deepcopy(value, dict(parameters))


def _marked(value: Any) -> Any:
    return UNKNOWN if value is UNKNOWN else None


def _like(value: Any, parts: Any) -> Any:
    if isinstance(value, deque):
        return deque(parts, value.maxlen)
    if isinstance(value, tuple):
        return tuple(parts)
    if isinstance(value, Mapping) and type(value) is not dict:
        made = copy.copy(value)  # a defaultdict keeps its factory
        made.clear()  # type: ignore[attr-defined]
        made.update(parts)  # type: ignore[attr-defined]
        return made
    return parts
