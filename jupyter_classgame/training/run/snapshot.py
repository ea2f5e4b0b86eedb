"""A copy of a run's state, to go back to after a loss that is not a number, or an error."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.module_names import by_plain_names


class Snapshot:
    """Parameters, buffers, optimizer, scheduler and callback state at one instant.

    Restoring writes into the user's own tensors and dictionaries; no object is replaced.

    Attributes
    ----------
    tensors
        Copies of parameters and buffers, by name.
    states, groups
        For each optimizer: its state by parameter, and its groups' settings.
    schedule
        The scheduler's state; None where it has none.
    callbacks
        Each callback and its state.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizers: Sequence[Optimizer],
        scheduler: Any | None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self._model, self._optimizers, self._scheduler = model, tuple(optimizers), scheduler
        self.tensors = {name: tensor.detach().clone() for name, tensor in tensors_of(model).items()}
        self.states = [
            {parameter: copy.deepcopy(state) for parameter, state in optimizer.state.items()}
            for optimizer in self._optimizers
        ]
        self.groups = [
            [
                {key: copy.deepcopy(value) for key, value in group.items() if key != "params"}
                for group in optimizer.param_groups
            ]
            for optimizer in self._optimizers
        ]
        has_state = hasattr(scheduler, "state_dict")
        self.schedule = copy.deepcopy(scheduler.state_dict()) if scheduler and has_state else None
        self.callbacks = [(each, copy.deepcopy(each.state_dict())) for each in callbacks]

    def restore(self) -> None:
        """Put everything back to the values of that instant."""
        self.restore_weights()
        for optimizer, groups in zip(self._optimizers, self.groups, strict=True):
            for group, values in zip(optimizer.param_groups, groups, strict=True):
                for new in group.keys() - values.keys() - {"params"}:  # a counter of steps, say
                    del group[new]
                group.update(copy.deepcopy(values))
        if self.schedule is not None and self._scheduler is not None:
            self._scheduler.load_state_dict(copy.deepcopy(self.schedule))
        for callback, state in self.callbacks:
            callback.load_state_dict(copy.deepcopy(state))

    def restore_weights(self) -> None:
        """Put weights and the optimizers' state back, and leave the learning rate's course."""
        with torch.no_grad():
            for name, tensor in tensors_of(self._model).items():
                tensor.copy_(self.tensors[name])
        for optimizer, states in zip(self._optimizers, self.states, strict=True):
            optimizer.state.clear()
            for parameter, state in states.items():
                optimizer.state[parameter] = copy.deepcopy(state)


class Buffers:
    """A model's buffers as they were before a step, for a step that fails half way."""

    def __init__(self, model: nn.Module) -> None:
        self._buffers = [b for b in model.buffers() if b.numel()]
        self._kept = [b.detach().clone() for b in self._buffers]

    def keep(self) -> None:
        """Remember the buffers' values."""
        if self._buffers:
            torch._foreach_copy_(self._kept, self._buffers)

    def restore(self) -> None:
        """Give the buffers the values of the last :meth:`keep`."""
        with torch.no_grad():
            for buffer, kept in zip(self._buffers, self._kept, strict=True):
                buffer.copy_(kept)


def tensors_of(model: nn.Module) -> dict[str, torch.Tensor]:
    """Give a model's parameters and buffers by their plain names."""
    named = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return by_plain_names(model, named)
