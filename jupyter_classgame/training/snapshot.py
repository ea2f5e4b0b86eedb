"""A copy of a run's state, to go back to after a loss that is not a number, or an error."""

import copy
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer


class Snapshot:
    """Parameters, buffers, optimizer and scheduler state at one instant.

    Restoring writes into the user's own tensors and dictionaries; no object is replaced.
    """

    def __init__(self, model: nn.Module, optimizer: Optimizer, scheduler: Any | None) -> None:
        self._model, self._optimizer, self._scheduler = model, optimizer, scheduler
        self._tensors = {name: tensor.detach().clone() for name, tensor in _tensors(model).items()}
        self._state = {
            parameter: copy.deepcopy(state) for parameter, state in optimizer.state.items()
        }
        self._groups = [
            {key: copy.deepcopy(value) for key, value in group.items() if key != "params"}
            for group in optimizer.param_groups
        ]
        has_state = hasattr(scheduler, "state_dict")
        self._schedule = copy.deepcopy(scheduler.state_dict()) if scheduler and has_state else None

    def restore(self) -> None:
        """Put everything back to the values of that instant."""
        self.restore_weights()
        for group, values in zip(self._optimizer.param_groups, self._groups, strict=True):
            group.update(copy.deepcopy(values))
        if self._schedule is not None and self._scheduler is not None:
            self._scheduler.load_state_dict(copy.deepcopy(self._schedule))

    def restore_weights(self) -> None:
        """Put weights and the optimizer's state back, and leave the learning rate's course."""
        with torch.no_grad():
            for name, tensor in _tensors(self._model).items():
                tensor.copy_(self._tensors[name])
        self._optimizer.state.clear()
        for parameter, state in self._state.items():
            self._optimizer.state[parameter] = copy.deepcopy(state)


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    return {**dict(model.named_parameters()), **dict(model.named_buffers())}
