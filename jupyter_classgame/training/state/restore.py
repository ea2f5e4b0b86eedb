"""A checkpoint put into a user's own objects, in place, once it is known to fit."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.history import History
from jupyter_classgame.training.module_names import by_plain_names
from jupyter_classgame.training.run.module_tensors import (
    buffers_of,
    put_tensors,
    tensors_of,
)
from jupyter_classgame.training.run.optimizer_parts import (
    optimizers_in,
    parameters_for,
    parameters_of,
    put_attributes,
)
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run.snapshot import CRITERION, MODEL, Snapshot
from jupyter_classgame.training.run.unregistered_state import learning_part, load_plain
from jupyter_classgame.training.state.capture import capture_objects, parameter_names
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.loader_generators import generators_of, put_back
from jupyter_classgame.training.state.state_codec import decode

if TYPE_CHECKING:
    from jupyter_classgame.training.run.lifecycle import Run

REMEDY = "run the cells as they were, or train anew"


class Restoration:
    """Puts a cut-off run back into objects that cells have made again.

    Parameters
    ----------
    checkpoint
        The run after its last whole epoch.
    best
        The run after its best epoch, where that is another and is still there.
    """

    def __init__(self, checkpoint: Checkpoint, best: Checkpoint | None = None) -> None:
        self.checkpoint, self.best = checkpoint, best
        self.facts = checkpoint.facts

    @property
    def history(self) -> History:
        """The numbers of the epochs that were trained."""
        known = {field.name for field in fields(History)}
        kept = decode(self.facts["history"], self.checkpoint.tensors)
        return History(**{name: value for name, value in kept.items() if name in known})

    def applied_to(self, start: RunStart) -> RunStart:
        """Give the start of a run that begins where the checkpoint ends."""
        done, history = int(self.facts["epoch"]), self.history
        return replace(start, done=done, history=history, restore=self.into)

    def check(self, request: RunRequest) -> None:
        """Compare the objects of a request with those of the run; nothing is changed.

        Raises
        ------
        TrainingError
            They differ; the message names the first difference.
        """
        for part, prefix in _parts(request):
            _compare(
                part,
                self._saved(prefix),
                prefix.rstrip("."),
                self._unkept(prefix),
                _within((*self.facts.get("buffers", ()), *self.facts.get("plain", ())), prefix),
                _within((*self.facts["empty"], *self.facts.get("gone", ())), prefix),
            )
        kept = self.facts["optimizers"]
        if len(kept) != len(request.optimizers):
            had = "a" if len(kept) > 1 else "no"
            raise TrainingError(f"--then: the run had {had} second optimizer; {REMEDY}")
        for facts, optimizer in zip(kept, request.optimizers, strict=True):
            name = "optimizer" if optimizer is request.optimizer else "--then"
            _same_class(facts["class"], optimizer, name)
            _compare_groups(facts["parameters"], parameter_names(optimizer, request.model), name)
        _same_class((self.facts["scheduler"] or {}).get("class"), request.scheduler, "scheduler")
        validated = self.facts["validated"]
        if validated != (request.val_loader is not None):
            raise TrainingError(
                f"val_loader: the run had {'one' if validated else 'none'}; {REMEDY}"
            )

    def differences(self, request: RunRequest) -> tuple[str, ...]:
        """Say, a line each, why the epochs to come may not be those of an uninterrupted run."""
        notes = []
        if unkept := self.facts["unkept"]:
            notes.append(f"the epochs to come may differ: {', '.join(unkept)} could not be kept")
        if self.facts["batches"] != request.batches:
            notes.append(
                f"the epochs to come differ: train_loader gave {self.facts['batches']} batches "
                f"and gives {request.batches}"
            )
        if strays := self._strays(request):
            notes.append(
                "the epochs to come may differ: the random generators are not those of the run "
                f"({', '.join(strays)})"
            )
        if getattr(request.train_loader, "persistent_workers", False):
            notes.append(
                "the epochs to come may differ: train_loader's persistent workers keep random "
                "state of their own"
            )
        return tuple(notes)

    @contextmanager
    def tried_on(self, request: RunRequest) -> Iterator[None]:
        """Put the run into the request's objects for as long as the context lasts."""
        snapshot = Snapshot(
            request.model, request.optimizers, request.scheduler, criterion=request.criterion
        )
        before = capture_objects(request, snapshot)
        try:
            load_objects(self.checkpoint, request)
            yield
        finally:
            load_objects(before, request)

    def into(self, run: "Run") -> None:
        """Put everything into a run that is about to take its first step."""
        request = run.request
        if self.best is not None and request.keep == "best":
            load_objects(self.best, request)
            run.mark_best()
        load_run(self.checkpoint, run)
        run.mark_good()

    def _saved(self, prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.checkpoint.tensors.items()
            if name.startswith(prefix)
        }

    def _unkept(self, prefix: str) -> set[str]:
        return _within(self.facts["unkept"], prefix)

    def _strays(self, request: RunRequest) -> list[str]:
        there = generators_of(train_loader=request.train_loader, val_loader=request.val_loader)
        return sorted(there.keys() ^ decode(self.facts["generators"], self.checkpoint.tensors))


def _within(names: Iterable[str], prefix: str) -> set[str]:
    return {name.removeprefix(prefix) for name in names if name.startswith(prefix)}


def load_run(checkpoint: Checkpoint, run: "Run") -> None:
    """Put a checkpoint that fits into a run: its objects, callbacks and scaler, in place."""
    facts, tensors = checkpoint.facts, checkpoint.tensors
    load_objects(checkpoint, run.request)
    run.switch_to(run.request.optimizers[facts["current"]])
    kept = list(facts["callbacks"])
    for callback in run.callbacks:
        same = (c for c in kept if c["class"] == type(callback).__name__)
        if (found := next(same, None)) is not None:
            callback.load_state_dict(decode(found["state"], tensors))
            kept.remove(found)
    run.begun.take_over(decode(facts.get("numbers", {}), tensors))
    if run.scaler is not None and facts["scaler"]:
        run.scaler.load_state_dict(decode(facts["scaler"], tensors))


def load_objects(checkpoint: Checkpoint, request: RunRequest) -> None:
    """Put the objects of a checkpoint that fits into those of a request, in place."""
    facts, tensors = checkpoint.facts, checkpoint.tensors
    for part, prefix in _parts(request):
        names = {
            kind: _within(facts.get(kind, ()), prefix)
            for kind in ("empty", "passing", "unkept", "plain")
        }
        kept = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
        if "plain" in facts:  # not written down by earlier versions
            load_plain(part, {n: kept.pop(n) for n in names["plain"] & kept.keys()})
        put_tensors(
            part,
            kept,
            empty=names["empty"],
            passing=names["passing"],
            left=names["unkept"],
        )
    modules = by_plain_names(request.model, dict(request.model.named_modules()))
    for name, state in facts["extra"].items():
        if name in modules and state is not None:
            modules[name].set_extra_state(decode(state, tensors))
    for whole, optimizer in zip(facts["optimizers"], request.optimizers, strict=True):
        for way, part in optimizers_in(optimizer).items():
            part_facts = whole if not way else whole.get("inside", {}).get(way)
            if part_facts is not None:
                _load_optimizer(part_facts, part, tensors)
    scheduler = facts["scheduler"]
    if scheduler and scheduler["state"] is not None and request.scheduler is not None:
        request.scheduler.load_state_dict(decode(scheduler["state"], tensors))
    generators = generators_of(train_loader=request.train_loader, val_loader=request.val_loader)
    put_back(generators, decode(facts["generators"], tensors))


def _parts(request: RunRequest) -> Iterator[tuple[Any, str]]:
    """Yield what learns in a request, beside its optimizers, and what begins the names in it."""
    yield request.model, MODEL
    yield learning_part(request.criterion, request.model), CRITERION


def _load_optimizer(facts: dict[str, Any], optimizer: Optimizer, tensors: Any) -> None:
    groups = optimizer.param_groups
    for group, settings in zip(groups, facts["settings"], strict=True):
        for name, value in decode(settings, tensors).items():
            if isinstance(value, Tensor) and isinstance(group.get(name), Tensor):
                group[name].copy_(value)
            else:
                group[name] = value
    optimizer.state.clear()
    for group, place, state in facts["state"]:
        if state is None:  # it could not be kept
            continue
        parameter = groups[group]["params"][place]
        counts = bool(groups[group].get("fused") or groups[group].get("capturable"))
        optimizer.state[parameter] = {
            name: _beside(parameter, value, stays=name == "step" and not counts)
            for name, value in decode(state, tensors).items()
        }
    if attributes := decode(facts.get("attributes"), tensors):
        held = parameters_of(optimizer)
        attributes = parameters_for(attributes, held)
        put_attributes(optimizer, attributes, {id(p): p for p in held})


def _beside(parameter: Tensor, value: Any, *, stays: bool) -> Any:
    """Bring an optimizer's tensor to where its parameter is, laid out as it is."""
    if not isinstance(value, Tensor) or stays:
        return value
    if value.shape == parameter.shape:
        return torch.empty_like(parameter.data, dtype=value.dtype).copy_(value)
    return value.to(parameter.device)


def _compare(
    part: Any,
    saved: dict[str, Tensor],
    what: str,
    unkept: set[str],
    had_buffers: set[str],
    given_up: set[str],
) -> None:
    tensors, buffers = tensors_of(part), buffers_of(part)
    for name, tensor in tensors.items():
        if name in unkept or (name in given_up and name in buffers):
            continue
        if name not in saved:
            raise TrainingError(f"{what}: the run had no {name}; {REMEDY}")
        changes = name in buffers and name in had_buffers  # it may have become another by then
        if not changes and _shape(tensor) != _shape(saved[name]):
            raise TrainingError(
                f"{what}: {name} is {_shape(tensor)} and was {_shape(saved[name])}; {REMEDY}"
            )
    if missing := [name for name in saved if name not in tensors and name not in had_buffers]:
        raise TrainingError(f"{what}: there is no {missing[0]}, which the run had; {REMEDY}")


def _compare_groups(before: list[list[Any]], now: list[list[Any]], what: str) -> None:
    if len(before) != len(now):
        raise TrainingError(
            f"{what}: it has {len(now)} parameter groups and had {len(before)}; {REMEDY}"
        )
    for number, (old, new) in enumerate(zip(before, now, strict=True), start=1):
        if old != new:
            odd = [name for name in (*new, *old) if (name in new) != (name in old)]
            raise TrainingError(
                f"{what}: parameter group {number} is not what it was"
                f"{f' ({odd[0]})' if odd and odd[0] else ''}; {REMEDY}"
            )


def _same_class(before: str | None, thing: Any, what: str) -> None:
    now = None if thing is None else type(thing).__name__
    if before != now:
        raise TrainingError(f"{what}: it is {now or 'none'} and was {before or 'none'}; {REMEDY}")


def _shape(tensor: Tensor) -> str:
    sizes = "x".join(str(size) for size in tensor.shape) or "one number"
    return f"{sizes} ({str(tensor.dtype).removeprefix('torch.')})"
