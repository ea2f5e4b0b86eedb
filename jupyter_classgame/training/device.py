"""Where a run takes place: one device, chosen by Accelerate, and the way there and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from accelerate import PartialState
from torch import nn
from torch.optim import Optimizer

from jupyter_classgame.errors import TrainingError


def choose_device(devices: str = "auto") -> torch.device:
    """Choose the device of a run.

    Parameters
    ----------
    devices
        "auto" leaves the choice to Accelerate (CUDA, MPS or another accelerator where there is
        one, else the CPU); "cpu", "cuda", "cuda:1" or "mps" name one.

    Raises
    ------
    TrainingError
        There is no such device here.
    """
    if devices == "auto":
        # Accelerate's AcceleratorState is left alone: it belongs to the user's own Accelerator.
        return torch.device(PartialState().device)
    try:
        device = torch.device(devices)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise TrainingError(
            f"--devices {devices}: there is no such device here; write auto or cpu"
        ) from error
    return device


@contextmanager
def placed_on(
    device: torch.device, *things: Any, optimizer: Optimizer | None = None
) -> Iterator[None]:
    """Move modules and an optimizer's state to a device, and back at the end.

    Parameters keep their identity. What is no module, or is spread over several devices, stays.
    """
    homes = [(thing, _home(thing)) for thing in things if isinstance(thing, nn.Module)]
    try:
        for module, home in homes:
            if home is not None and home != device:
                module.to(device)
        if optimizer is not None:
            follow_parameters(optimizer)
        yield
    finally:
        for module, home in homes:
            if home is not None and home != device:
                module.to(home)
        if optimizer is not None:
            follow_parameters(optimizer)


def follow_parameters(optimizer: Optimizer) -> None:
    """Move an optimizer's state to where its parameters are; step counters stay where they are."""
    for parameter, state in optimizer.state.items():
        if not isinstance(parameter, torch.Tensor):
            continue
        for key, value in state.items():
            if isinstance(value, torch.Tensor) and key != "step":
                state[key] = value.to(parameter.device)


@contextmanager
def modes_kept(*things: Any) -> Iterator[None]:
    """Put every module's train or eval mode back at the end."""
    modules = [m for thing in things if isinstance(thing, nn.Module) for m in thing.modules()]
    modes = [(module, module.training) for module in modules]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def _home(module: nn.Module) -> torch.device | None:
    """Give the one device a module is on, None when it has no tensors or they are on several."""
    devices = {tensor.device for tensor in (*module.parameters(), *module.buffers())}
    return devices.pop() if len(devices) == 1 else None
