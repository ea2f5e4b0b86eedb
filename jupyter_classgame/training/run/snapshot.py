"""A run's state at one instant, to go back to after an error, and what it was at the beginning."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.run.module_tensors import (
    buffers_of,
    clones_of,
    empty_buffers,
    put_tensors,
)
from jupyter_classgame.training.run.optimizer_parts import OptimizerState, optimizers_in
from jupyter_classgame.training.run.unregistered_state import (
    drop_plain,
    fits,
    learning_part,
    plain_numbers,
    plain_tensors,
    put_numbers,
    put_plain,
)

MODEL, CRITERION = "model.", "criterion."
"""What the names of a model's and a criterion's tensors and numbers begin with."""


class ModuleState:
    """A copy of a module's parameters, buffers and plain tensors; of what is no module, nothing.

    Attributes
    ----------
    tensors
        By name.
    empty
        Names of buffers that held nothing.
    plain
        The tensors of plain attributes themselves, by name; their values are among the others.
    """

    def __init__(self, part: Any) -> None:
        self._part = part
        self.plain = plain_tensors(part)
        self._versions = {name: _version(tensor) for name, tensor in self.plain.items()}
        plain = {name: tensor.detach().clone() for name, tensor in self.plain.items()}
        self.tensors, self.empty = clones_of(part) | plain, empty_buffers(part)

    def restore(self) -> None:
        """Put the values back into the module's own tensors."""
        registered = {n: t for n, t in self.tensors.items() if n not in self.plain}
        put_tensors(self._part, registered, empty=self.empty)
        now = plain_tensors(self._part)
        for name in now.keys() - self.plain.keys():
            drop_plain(self._part, name)
        for name, tensor in self.plain.items():
            value = self.tensors[name]
            if now.get(name) is not tensor:
                put_plain(self._part, name, tensor)
            if _version(tensor) != self._versions[name] and fits(tensor, value):
                with torch.no_grad():
                    tensor.copy_(value)


class Snapshot:
    """Weights, optimizers, scheduler and callback state of a run at one instant.

    Restoring writes into the user's own tensors and dictionaries; no object is replaced but a
    buffer that has become another.

    Attributes
    ----------
    model, criterion
        Copies of their parameters and buffers.
    optimizers
        Of each optimizer: its state and that of the optimizers inside it, by the way to them.
    schedule
        The scheduler's state; None where it has none.
    callbacks
        Each callback and its state.
    """

    def __init__(
        self,
        model: Any,
        optimizers: Sequence[Optimizer],
        scheduler: Any | None,
        callbacks: Sequence[Callback] = (),
        criterion: Any | None = None,
    ) -> None:
        self._scheduler = scheduler
        self.model = ModuleState(model)
        self.criterion = ModuleState(learning_part(criterion, model))
        self.optimizers: list[dict[str, OptimizerState]] = []
        for optimizer in optimizers:
            inside = optimizers_in(optimizer)
            self.optimizers.append({w: OptimizerState(o, inside) for w, o in inside.items()})
        has_state = hasattr(scheduler, "state_dict")
        self.schedule = copy.deepcopy(scheduler.state_dict()) if scheduler and has_state else None
        self.callbacks = [(each, copy.deepcopy(each.state_dict())) for each in callbacks]

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The model's parameters and buffers, by name."""
        return self.model.tensors

    def restore(self) -> None:
        """Put everything back to the values of that instant."""
        self.restore_weights()
        for parts in self.optimizers:
            for part in parts.values():
                part.restore_groups()
        if self.schedule is not None and self._scheduler is not None:
            self._scheduler.load_state_dict(copy.deepcopy(self.schedule))
        for callback, state in self.callbacks:
            callback.load_state_dict(copy.deepcopy(state))

    def restore_weights(self) -> None:
        """Put weights and the optimizers' state back, and leave the learning rate's course."""
        self.model.restore()
        self.criterion.restore()
        for parts in self.optimizers:
            for part in parts.values():
                part.restore_state()


class Beginning:
    """The buffers and the plain numbers of a run's model and criterion as it found them.

    After an error numbers stay as they are: a counter has counted. A run that is resumed in another
    kernel goes on with those that it had moved.

    Parameters
    ----------
    model, criterion
        As the run has them.
    """

    def __init__(self, model: Any, criterion: Any) -> None:
        self._parts = {MODEL: model, CRITERION: learning_part(criterion, model)}
        self._buffers, self._numbers = self._named(buffers_of), self._named(plain_numbers)

    def gone(self) -> list[str]:
        """Name the buffers that are there no more."""
        return sorted(self._buffers.keys() - self._named(buffers_of).keys())

    def moved(self) -> dict[str, Any]:
        """Give the numbers that have changed, or were taken over, by name."""
        return {
            name: number
            for name, number in self._named(plain_numbers).items()
            if name not in self._numbers or self._numbers[name] != number
        }

    def take_over(self, moved: dict[str, Any]) -> None:
        """Take over the numbers that an earlier part of the run had moved."""
        for prefix, part in self._parts.items():
            own = {n.removeprefix(prefix): v for n, v in moved.items() if n.startswith(prefix)}
            put_numbers(part, own)
        for name in moved:
            self._numbers.pop(name, None)

    def _named(self, find: Callable[[Any], Mapping[str, Any]]) -> dict[str, Any]:
        return {
            prefix + name: value
            for prefix, part in self._parts.items()
            for name, value in find(part).items()
        }


def _version(tensor: Tensor) -> int:
    """Count the writes into a tensor; those of inference mode are not counted, nor allowed."""
    return 0 if tensor.is_inference() else tensor._version  # noqa: SLF001 - torch's own counter


class Buffers:
    """Buffers of modules as they were before a step, for a step that fails half way."""

    def __init__(self, *parts: Any) -> None:
        modules = [m for part in parts if isinstance(part, nn.Module) for m in part.modules()]
        self._homes = [module._buffers for module in modules]  # noqa: SLF001 - where they are
        self._found: list[dict[str, Tensor | None]] = []
        self._now: list[Tensor | None] = []
        self._kept: list[Tensor | None] = []

    def keep(self) -> None:
        """Remember the buffers and their values."""
        now = [buffer for home in self._homes for buffer in home.values()]
        if len(now) == len(self._now) and all(map(_same, now, self._now, self._kept)):
            pairs = [
                (kept, buffer)
                for kept, buffer in zip(self._kept, now, strict=True)
                if kept is not None and buffer is not None and buffer.numel()
            ]
            if pairs:
                torch._foreach_copy_([kept for kept, _ in pairs], [now for _, now in pairs])
            return
        self._found, self._now = [dict(home) for home in self._homes], now
        self._kept = [None if b is None else b.detach().clone() for b in now]

    def restore(self) -> None:
        """Give the modules the buffers of the last :meth:`keep`, with their values."""
        values = iter(self._kept)
        for home, found in zip(self._homes, self._found, strict=True):
            for name in home.keys() - found.keys():
                del home[name]
            for (name, buffer), value in zip(found.items(), values, strict=False):
                home[name] = buffer
                if buffer is None or value is None:
                    continue
                if (buffer.shape, buffer.dtype) == (value.shape, value.dtype):
                    with torch.no_grad():
                        buffer.copy_(value)
                else:
                    home[name] = value.clone()


def _same(buffer: Tensor | None, before: Tensor | None, kept: Tensor | None) -> bool:
    if buffer is None or kept is None:
        return buffer is kept
    alike = (buffer.shape, buffer.dtype) == (kept.shape, kept.dtype)
    return buffer is before and alike
