"""Parameters and buffers of modules by their plain names, and other values put into them.

Buffers may have become others meanwhile: observers of quantisation take their shape at the first
batch, queues grow, lazy buffers appear.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.training.module_names import by_plain_names, plain_name


def tensors_of(part: Any) -> dict[str, Tensor]:
    """Give a module's parameters and buffers by name; of what is no module, none."""
    if not isinstance(part, nn.Module):
        return {}
    named = {**dict(part.named_parameters()), **dict(part.named_buffers())}
    return by_plain_names(part, named)


def buffers_of(part: Any) -> dict[str, Tensor]:
    """Give a module's buffers by name; of what is no module, none."""
    return by_plain_names(part, dict(part.named_buffers())) if isinstance(part, nn.Module) else {}


def clones_of(part: Any) -> dict[str, Tensor]:
    """Copy a module's parameters and buffers, by name."""
    return {name: tensor.detach().clone() for name, tensor in tensors_of(part).items()}


def empty_buffers(part: Any) -> list[str]:
    """Name the buffers of a module that are registered and hold nothing yet."""
    return _named(
        part,
        lambda module: [n for n, b in module._buffers.items() if b is None],  # noqa: SLF001 - where modules keep them
    )


def passing_buffers(part: Any) -> list[str]:
    """Name the buffers of a module that are no part of its ``state_dict``."""
    return _named(part, lambda module: module._non_persistent_buffers_set)  # noqa: SLF001


def put_tensors(
    part: Any,
    values: Mapping[str, Tensor],
    *,
    empty: Collection[str] = (),
    passing: Collection[str] = (),
    left: Collection[str] = (),
) -> None:
    """Give a module these values, in its own tensors wherever they have the same shape and type.

    A buffer of another shape or type is replaced, one that is not among the values is taken away,
    and one that is there no more is made again.

    Parameters
    ----------
    part
        What is no module is left alone.
    values
        By the names of :func:`tensors_of`.
    empty
        Names of buffers that are to hold nothing.
    passing
        Names of buffers that are no part of ``state_dict``, where one is made again.
    left
        Names of tensors that stay as they are.
    """
    if not isinstance(part, nn.Module):
        return
    now = tensors_of(part)
    with torch.no_grad():
        for name, parameter in by_plain_names(part, dict(part.named_parameters())).items():
            if name in values and name not in left:
                _put(parameter, values[name])
        for name in buffers_of(part).keys() - set(left):
            buffer, value = now[name], values.get(name)
            if value is None or not _alike(buffer, value):
                _replace(part, name, value, empty=name in empty)
            else:
                _put(buffer, value)
        for name in values.keys() - now.keys() - set(left):
            _replace(part, name, values[name], persistent=name not in passing)


def _named(part: Any, choose: Callable[[nn.Module], Iterable[str]]) -> list[str]:
    """Name the buffers that are chosen in each module of a part; of what is no module, none."""
    modules = _modules_of(part) if isinstance(part, nn.Module) else {}
    return [
        f"{path}.{name}" if path else name
        for path, module in modules.items()
        for name in choose(module)
    ]


def _modules_of(part: nn.Module) -> dict[str, nn.Module]:
    """Give a module and those in it by their plain names, without what is put around one."""
    return {plain_name(part, path): module for path, module in part.named_modules()}


def _alike(tensor: Tensor, value: Tensor) -> bool:
    return tensor.shape == value.shape and tensor.dtype == value.dtype


def _put(tensor: Tensor, value: Tensor) -> None:
    value = value.to(tensor.device)
    if tensor.shape != value.shape:  # a parameter of another shape: it stays the same object
        tensor.data = value.to(tensor.dtype, copy=True)
    elif tensor.layout is not torch.strided or not torch.equal(tensor, value):
        # what is right is not touched: a write can be seen
        tensor.copy_(value)


def _replace(
    part: nn.Module,
    name: str,
    value: Tensor | None,
    *,
    empty: bool = False,
    persistent: bool = True,
) -> None:
    """Put a copy of a value into the place of a buffer, or take the buffer away."""
    path, _, last = name.rpartition(".")
    module = _modules_of(part).get(path)
    if module is None:  # the layer itself is gone
        return
    buffers = module._buffers  # noqa: SLF001
    if value is None and not empty:
        buffers.pop(last, None)
        return
    if value is None:
        buffers[last] = None
        return
    home = buffers.get(last)
    if home is None:
        home = next(iter(tensors_of(part).values()), value)
    copy = value.detach().to(home.device, copy=True)
    if last in buffers:
        buffers[last] = copy
    elif not hasattr(module, last):
        module.register_buffer(last, copy, persistent=persistent)
