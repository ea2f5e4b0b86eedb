"""A run as it is after an epoch, made into a checkpoint."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from jupyter_classgame.training.history import History
from jupyter_classgame.training.module_names import by_plain_names
from jupyter_classgame.training.run.module_tensors import (
    buffers_of,
    passing_buffers,
    tensors_of,
)
from jupyter_classgame.training.run.optimizer_parts import (
    OptimizerState,
    optimizers_in,
    parameters_of,
    places_for,
)
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.snapshot import CRITERION, MODEL, Snapshot
from jupyter_classgame.training.run.unregistered_state import learning_part
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.loader_generators import generators_of, states_of
from jupyter_classgame.training.state.state_codec import Encoder
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

if TYPE_CHECKING:
    from jupyter_classgame.training.run.lifecycle import Run


def capture(run: "Run", more: dict[str, Any]) -> Checkpoint:
    """Make a checkpoint of a run whose epoch has just ended.

    Its tensors are those of the run's last snapshot, so that training may go on while they are
    written.

    Parameters
    ----------
    run
        The run, after ``run.good`` was taken.
    more
        Facts of the caller's, in what JSON can hold.
    """
    request = run.request
    checkpoint = capture_objects(request, run.good)
    encoder = Encoder()
    checkpoint.facts |= more
    checkpoint.facts |= {
        "epoch": len(run.history),
        "epochs": request.epochs,
        "first_epoch": request.first_epoch,
        "seed": request.seed,
        "batches": request.batches,
        "validated": request.val_loader is not None,
        "device": run.executor.where,
        "precision": run.precision.name,
        "history": encoder.encode(
            {f.name: getattr(run.history, f.name) for f in fields(History)}, "history"
        ),
        "scaler": encoder.encode(run.scaler and run.scaler.state_dict(), "scaler"),
        "current": request.optimizers.index(run.optimizer),
        "callbacks": [
            {"class": type(each).__name__, "state": encoder.encode(state, f"callback{index}")}
            for index, (each, state) in enumerate(run.good.callbacks)
        ],
        "weights": _weights(request.model),
        "gone": run.begun.gone(),
        "numbers": encoder.encode(run.begun.moved(), "numbers"),
    }
    checkpoint.facts["unkept"] += encoder.unkept
    checkpoint.tensors |= encoder.tensors
    return checkpoint


def capture_objects(request: RunRequest, snapshot: Snapshot) -> Checkpoint:
    """Make a checkpoint of a run's objects alone: a snapshot, criterion and generators."""
    encoder = Encoder()
    criterion_part = learning_part(request.criterion, request.model)
    kept, unkept = _sound(snapshot.tensors, MODEL)
    criterion, unkept_too = _sound(snapshot.criterion.tensors, CRITERION)
    scheduler = request.scheduler
    generators = generators_of(train_loader=request.train_loader, val_loader=request.val_loader)
    facts: dict[str, Any] = {
        "model": type(unwrapped(request.model)).__name__,
        "criterion": type(request.criterion).__name__,
        "extra": {
            name: encoder.encode(_copied(module.get_extra_state()), f"extra.{name}")
            for name, module in by_plain_names(
                request.model, dict(request.model.named_modules())
            ).items()
            if type(module).get_extra_state is not nn.Module.get_extra_state
        },
        "empty": [
            *(MODEL + name for name in snapshot.model.empty),
            *(CRITERION + name for name in snapshot.criterion.empty),
        ],
        "passing": [
            *(MODEL + name for name in passing_buffers(request.model)),
            *(CRITERION + name for name in passing_buffers(criterion_part)),
        ],
        "buffers": [
            *(MODEL + name for name in buffers_of(request.model)),
            *(CRITERION + name for name in buffers_of(criterion_part)),
        ],
        "plain": [
            *(MODEL + name for name in snapshot.model.plain),
            *(CRITERION + name for name in snapshot.criterion.plain),
        ],
        "optimizers": [
            _optimizers(optimizer, snapshot.optimizers[index], index, request.model, encoder)
            for index, optimizer in enumerate(request.optimizers)
        ],
        "scheduler": scheduler
        and {
            "class": type(scheduler).__name__,
            "state": encoder.encode(snapshot.schedule, "scheduler"),
        },
        "generators": encoder.encode(states_of(generators), "generators"),
    }
    if scheduler is not None and snapshot.schedule is None:
        encoder.unkept.append("scheduler")
    facts["unkept"] = [*unkept, *unkept_too, *encoder.unkept]
    return Checkpoint({**kept, **criterion, **encoder.tensors}, facts)


def parameter_names(optimizer: Optimizer, model: nn.Module) -> list[list[str | None]]:
    """Give, group by group, the names that an optimizer's parameters have in the model."""
    named = by_plain_names(model, dict(model.named_parameters()))
    names = {id(parameter): name for name, parameter in named.items()}
    return [[names.get(id(p)) for p in group["params"]] for group in optimizer.param_groups]


def _optimizers(
    optimizer: Optimizer,
    kept: dict[str, OptimizerState],
    index: int,
    model: nn.Module,
    encoder: Encoder,
) -> dict[str, Any]:
    """Write down an optimizer, and those inside it by the way to them."""
    name = f"optimizer{index}"
    there = optimizers_in(optimizer)
    facts = _optimizer(optimizer, kept[""], name, model, encoder)
    facts["inside"] = {
        way: _optimizer(there[way], state, f"{name}.{way}", model, encoder)
        for way, state in kept.items()
        if way and way in there
    }
    return facts


def _optimizer(
    optimizer: Optimizer, kept_state: OptimizerState, name: str, model: nn.Module, encoder: Encoder
) -> dict[str, Any]:
    states = dict(kept_state.states)
    kept = [
        [group, place, encoder.encode_whole(states.pop(parameter), f"{name}.{group}.{place}")]
        for group, values in enumerate(optimizer.param_groups)
        for place, parameter in enumerate(values["params"])
        if parameter in states
    ]
    encoder.unkept += [f"{name}.state"] if states else []  # not of any parameter
    return {
        "class": type(optimizer).__name__,
        "parameters": parameter_names(optimizer, model),
        "settings": [
            encoder.encode(settings, f"{name}.{group}")
            for group, settings in enumerate(kept_state.groups)
        ],
        "state": kept,
        "attributes": encoder.encode(
            places_for(kept_state.attributes, parameters_of(optimizer)), f"{name}.attributes"
        ),
    }


def _weights(model: nn.Module) -> dict[str, str | None]:
    """Map the names of a model's ``state_dict`` to those of a snapshot; None is no tensor of it."""
    names = {id(tensor): name for name, tensor in tensors_of(model).items()}
    state = by_plain_names(model, model.state_dict(keep_vars=True))
    return {name: names.get(id(tensor)) for name, tensor in state.items()}


def _sound(tensors: dict[str, Tensor], prefix: str) -> tuple[dict[str, Tensor], list[str]]:
    """Tell tensors that can be kept from the names of those that cannot."""
    good = {
        prefix + name: tensor
        for name, tensor in tensors.items()
        if tensor.layout is torch.strided and not tensor.is_meta and not tensor.is_quantized
    }
    return good, [prefix + name for name in tensors if prefix + name not in good]


def _copied(state: Any) -> Any:
    return state.detach().clone() if isinstance(state, Tensor) else state
