"""Leave no trace where no child can be forked: references are swapped, then put back."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from jupyter_classgame.training.fingerprint import unwrapped

from .optimizer import kept, weights_kept
from .randomness import Randomness, is_generator
from .walk import Place, walk


@contextlib.contextmanager
def nothing_changed(objects: Sequence[Any]) -> Iterator[None]:
    """Keep random state, modes, buffers, weights, gradients and what objects hold.

    Parameters
    ----------
    objects
        Models, criteria, optimizers, schedulers, loaders; None among them is passed over.
    """
    given = [o for o in objects if o is not None]
    places = [place for o in given for place in walk(o, "it")]
    randomness = Randomness(p.value for p in places if is_generator(p.value))
    state = randomness.state()
    held = [(p.value, _copy(p.value)) for p in places if _holds(p)]
    # Also those that hooks and criteria hold: averages, teachers.
    models = [p.value for p in places if isinstance(p.value, nn.Module)]
    modules = list({id(m): m for model in models for m in unwrapped(model).modules()}.values())
    modes = [(m, m.training) for m in modules]
    buffers = [(m, dict(m._buffers)) for m in modules]  # noqa: SLF001 - where modules keep them
    with contextlib.ExitStack() as stack:
        for o in given:
            if hasattr(o, "param_groups"):
                stack.enter_context(kept(nn.Module(), o))
        own_parameters = {id(p): p for m in modules for p in m.parameters(recurse=False)}
        stack.enter_context(weights_kept(list(own_parameters.values())))
        for module, own in buffers:
            for name, buffer in own.items():
                if buffer is not None:
                    module._buffers[name] = buffer.detach().clone()  # noqa: SLF001
        try:
            yield
        finally:
            for module, own in buffers:
                module._buffers.clear()  # noqa: SLF001
                module._buffers.update(own)  # noqa: SLF001
            for module, mode in modes:
                module.training = mode
            for value, before in held:
                _put_back(value, before)
            randomness.restore(state)


def _holds(place: Place) -> bool:
    value = place.value
    if type(value) in (dict, list, set):
        return True
    return (
        isinstance(getattr(value, "__dict__", None), dict)
        and not isinstance(value, (type, nn.Module, torch.nn.Parameter))
        and not callable(getattr(value, "__code__", None))
    )


def _copy(value: Any) -> Any:
    return value.copy() if type(value) in (dict, list, set) else dict(vars(value))


def _put_back(value: Any, before: Any) -> None:
    if type(value) is list:
        if len(value) != len(before) or any(a is not b for a, b in zip(value, before, strict=True)):
            value[:] = before
        return
    target = value if type(value) in (dict, set) else vars(value)
    if type(target) is set:
        if target != before:
            target.clear()
            target.update(before)
        return
    if target.keys() != before.keys() or any(target[k] is not before[k] for k in before):
        target.clear()
        target.update(before)
