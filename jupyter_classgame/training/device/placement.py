"""Where a run takes place: one device, and the way there and back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from jupyter_classgame.errors import OptionError


def choose_device(devices: str | None = "auto") -> torch.device:
    """Choose the device of a run.

    Parameters
    ----------
    devices
        "auto" or None takes torch's accelerator (CUDA, MPS or another) where there is one, else the
        CPU; "cpu", "cuda", "cuda:1" or "mps" name one.

    Raises
    ------
    TrainingError
        There is no such device here.
    """
    if devices in (None, "auto"):
        # Not asked of Accelerate: it follows what a launcher has left in the environment.
        there = torch.accelerator.is_available()
        found = torch.accelerator.current_accelerator() if there else None
        return torch.device("cpu") if found is None else found
    try:
        device = torch.device(str(devices))
        if device.type == "meta" or (device.type == "cpu" and device.index):
            raise ValueError("no device to train one model on")  # noqa: TRY301 - told as any other
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, ValueError) as error:
        raise OptionError(
            "devices",
            f"--devices {devices}: there is no such device here; write one of "
            f"{', '.join(['auto', 'a number', 'cpu', 'cpu:2', *_accelerators()])}",
        ) from error
    return device


def _accelerators() -> list[str]:
    """List this machine's accelerators, as they are written."""
    if not torch.accelerator.is_available():
        return []
    kind = torch.accelerator.current_accelerator()
    count = torch.accelerator.device_count()
    return [f"{kind}:{number}" for number in range(count)] if count > 1 else [str(kind)]


def device_of(model: nn.Module) -> torch.device:
    """Return the device of a model's first parameter; the CPU where it has none."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))


@contextmanager
def placed_on(
    device: torch.device, *things: Any, optimizers: Sequence[Optimizer] = ()
) -> Iterator[None]:
    """Move modules and optimizers' state to a device, and back at the end.

    Parameters and buffers keep their identity. What is no module, or is spread over several
    devices, stays.
    """
    homes = [(thing, _home(thing)) for thing in things if isinstance(thing, nn.Module)]
    buffers = [
        (module, name, buffer)
        for thing, _ in homes
        for module in thing.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    try:
        for module, home in homes:
            if home is not None and home != device:
                module.to(device)
        for optimizer in optimizers:
            follow_parameters(optimizer)
        yield
    finally:
        for module, home in homes:
            if home is not None and home != device:
                module.to(home)
        _put_back(buffers)
        for optimizer in optimizers:
            follow_parameters(optimizer)


def follow_parameters(optimizer: Optimizer) -> None:
    """Move an optimizer's state to where its parameters are.

    Step counters stay where they are, as in torch, unless the optimizer is fused or capturable.
    """
    for group in optimizer.param_groups:
        counts = bool(group.get("fused") or group.get("capturable"))
        for parameter in group["params"]:
            state = optimizer.state.get(parameter, {})
            for key, value in state.items():
                if isinstance(value, torch.Tensor) and (key != "step" or counts):
                    state[key] = value.to(parameter.device)


def _put_back(buffers: list[tuple[nn.Module, str, torch.Tensor]]) -> None:
    """Give modules their own buffer tensors again, with the values they have now."""
    for module, name, buffer in buffers:
        now = module._buffers.get(name)  # noqa: SLF001 - where modules keep them
        if now is None or now is buffer or now.device != buffer.device:
            continue
        if (now.shape, now.dtype) == (buffer.shape, buffer.dtype):  # else it has become another
            with torch.no_grad():
                buffer.copy_(now)
            module._buffers[name] = buffer  # noqa: SLF001


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
