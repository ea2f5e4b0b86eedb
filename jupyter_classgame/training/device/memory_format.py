"""Memory layout: convolutions run faster with channels last; everything is put back as found."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from jupyter_classgame.training.optimizer_class import is_torchs_own

PLANES = 4
"""Dimensions of a convolution's weights and of a batch of images."""


def has_convolutions(model: nn.Module) -> bool:
    """Say whether a model has weights of two-dimensional convolutions."""
    return any(p.ndim == PLANES and p.shape[-1] > 1 for p in model.parameters())


def takes_any_layout(optimizer: Any) -> bool:
    """Say whether an optimizer is known to take parameters in any layout: torch's own do.

    Others may flatten them by ``view(-1)``, as SWATS of pytorch_optimizer 4.1 does.
    """
    return is_torchs_own(optimizer)


@contextmanager
def channels_last(model: nn.Module, optimizers: Iterable[Optimizer]) -> Iterator[None]:
    """Lay convolutions' weights out with channels last for as long as the context lasts.

    At the end every parameter has its own memory again, with the values it has by then, so that
    views into it stay true. The optimizers' state is laid out as the weights are.
    """
    optimizers = list(optimizers)
    homes: list[tuple[nn.Parameter, Tensor]] = []
    try:
        for parameter in model.parameters():
            if _can_move(parameter):
                homes.append((parameter, parameter.data))
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        _state_follows(optimizers)
        yield
    finally:
        for parameter, home in homes:
            with torch.no_grad():
                if parameter.device == home.device:
                    home.copy_(parameter.data)
                    parameter.data = home
                else:  # moved meanwhile: the values count
                    parameter.data = parameter.data.contiguous()
            if parameter.grad is not None:
                parameter.grad = parameter.grad.contiguous()
        _state_follows(optimizers)


def _can_move(parameter: nn.Parameter) -> bool:
    """Whether a parameter has memory to itself, and would gain by another layout."""
    data = parameter.data
    alone = data.untyped_storage().nbytes() == data.nbytes
    plain = data.ndim == PLANES and data.is_contiguous()
    return plain and alone and not data.is_contiguous(memory_format=torch.channels_last)


def _state_follows(optimizers: list[Optimizer]) -> None:
    """Lay state of a parameter's shape out as the parameter is."""
    for optimizer in optimizers:
        for parameter, state in optimizer.state.items():
            for key, value in state.items():
                same = isinstance(value, Tensor) and value.shape == parameter.shape
                if same and value.stride() != parameter.stride():
                    state[key] = torch.empty_like(parameter.data, dtype=value.dtype).copy_(value)
