"""Changes that the kernel asks of a run's objects while the run is in other processes."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from jupyter_classgame.training.run.hand_edits import Settings, settings_of
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.restore import load_objects
from jupyter_classgame.training.state.state_codec import Encoder, decode

Change = dict[str, Any]
"""``state``, the path of a file or None, and ``settings``."""

Setting = list[Any]
"""Number of an optimizer, of its group, name of a setting, and its value in what JSON can hold."""


def settings_of_all(request: RunRequest) -> list[Settings]:
    """Read the settings of a run's optimizers."""
    return [settings_of(optimizer) for optimizer in request.optimizers]


def edited(before: list[Settings], now: list[Settings]) -> list[Setting]:
    """Give the settings that differ."""
    return [
        [number, place, name, Encoder().encode(value, "")]
        for number, (old, new) in enumerate(zip(before, now, strict=True))
        for place, (was, is_) in enumerate(zip(old, new, strict=True))
        for name, value in is_.items()
        if was.get(name) != value
    ]


def edit(optimizers: tuple[Optimizer, ...], settings: list[Setting]) -> None:
    """Set settings of optimizers' groups."""
    for number, place, name, encoded in settings:
        group, value = optimizers[number].param_groups[place], decode(encoded, {})
        if isinstance(group.get(name), Tensor):
            group[name].fill_(value)
        else:
            group[name] = value


def change(request: RunRequest, asked: Change) -> None:
    """Make a change in a run's objects: weights as they are in a file, then settings."""
    if asked["state"]:
        load_objects(Checkpoint.read(Path(asked["state"])), request)
    edit(request.optimizers, asked["settings"])


Structure = list[tuple[str, torch.nn.Parameter, tuple[int, ...], bool]]
"""Of each parameter: where it is, itself, its shape, and whether it is trained."""


def structure_of(request: RunRequest) -> Structure:
    """Read what a run's objects are made of."""
    parts = [("model." + name, p) for name, p in request.model.named_parameters()]
    for number, optimizer in enumerate(request.optimizers):
        name = "optimizer" if number == 0 else "then"
        for place, group in enumerate(optimizer.param_groups):
            parts += [(f"{name}.param_groups[{place}]", p) for p in group["params"]]
    return [(name, p, tuple(p.shape), p.requires_grad) for name, p in parts]


def changed_structure(before: Structure, now: Structure) -> str:
    """Say what is another thing than it was; empty where nothing is."""
    for (name, was, shape, trained), (new_name, is_, new_shape, trains) in zip(
        before, now, strict=False
    ):
        if name != new_name or was is not is_:
            return f"{new_name} was replaced"
        if shape != new_shape:
            return f"{name} is {new_shape} and was {shape}"
        if trained != trains:
            return f"{name} was {'unfrozen' if trains else 'frozen'}"
    if len(before) != len(now):
        name = (now if len(now) > len(before) else before)[min(len(before), len(now))][0]
        return f"{name} was {'added' if len(now) > len(before) else 'taken away'}"
    return ""


def same_tensors(one: Checkpoint, other: Checkpoint) -> bool:
    """Say whether two states have the same tensors, bit by bit."""
    if one.tensors.keys() != other.tensors.keys():
        return False
    return all(
        tensor.shape == other.tensors[name].shape
        and torch.equal(tensor.cpu(), other.tensors[name].cpu())
        for name, tensor in one.tensors.items()
    )
