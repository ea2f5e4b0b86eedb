"""A checkpoint put into a user's own objects, in place, once it is known to fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.history import History
from jupyter_classgame.training.loop.snapshot import Snapshot, tensors_of
from jupyter_classgame.training.plan import Plan
from jupyter_classgame.training.state.capture import (
    CRITERION,
    MODEL,
    capture_objects,
    parameter_names,
)
from jupyter_classgame.training.state.checkpoint_file import Checkpoint
from jupyter_classgame.training.state.loader_generators import generators_of, put_back
from jupyter_classgame.training.state.state_codec import decode

if TYPE_CHECKING:
    from jupyter_classgame.training.loop.training_loop import Run

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

    def check(self, plan: Plan) -> None:
        """Compare the objects of a plan with those of the run; nothing is changed.

        Raises
        ------
        TrainingError
            They differ; the message names the first difference.
        """
        for part, prefix in ((plan.model, MODEL), (plan.criterion, CRITERION)):
            _compare(
                _tensors_of(part), self._saved(prefix), prefix.rstrip("."), self._unkept(prefix)
            )
        kept = self.facts["optimizers"]
        if len(kept) != len(plan.optimizers):
            had = "a" if len(kept) > 1 else "no"
            raise TrainingError(f"--then: the run had {had} second optimizer; {REMEDY}")
        for facts, optimizer in zip(kept, plan.optimizers, strict=True):
            name = "optimizer" if optimizer is plan.optimizer else "--then"
            _same_class(facts["class"], optimizer, name)
            _compare_groups(facts["parameters"], parameter_names(optimizer, plan.model), name)
        _same_class((self.facts["scheduler"] or {}).get("class"), plan.scheduler, "scheduler")
        validated = self.facts["validated"]
        if validated != (plan.val_loader is not None):
            raise TrainingError(
                f"val_loader: the run had {'one' if validated else 'none'}; {REMEDY}"
            )

    def differences(self, plan: Plan) -> tuple[str, ...]:
        """Say, a line each, why the epochs to come may not be those of an uninterrupted run."""
        notes = []
        if unkept := self.facts["unkept"]:
            notes.append(f"the epochs to come may differ: {', '.join(unkept)} could not be kept")
        if self.facts["batches"] != plan.batches:
            notes.append(
                f"the epochs to come differ: train_loader gave {self.facts['batches']} batches "
                f"and gives {plan.batches}"
            )
        if strays := self._strays(plan):
            notes.append(
                "the epochs to come may differ: the random generators are not those of the run "
                f"({', '.join(strays)})"
            )
        if getattr(plan.train_loader, "persistent_workers", False):
            notes.append(
                "the epochs to come may differ: train_loader's persistent workers keep random "
                "state of their own"
            )
        return tuple(notes)

    @contextmanager
    def tried_on(self, plan: Plan) -> Iterator[None]:
        """Put the run into the plan's objects for as long as the context lasts."""
        snapshot = Snapshot(plan.model, plan.optimizers, plan.scheduler)
        before = capture_objects(plan, snapshot)
        try:
            load_objects(self.checkpoint, plan)
            yield
        finally:
            load_objects(before, plan)

    def into(self, run: "Run") -> None:
        """Put everything into a run that is about to take its first step."""
        plan = run.plan
        if self.best is not None and plan.keep == "best":
            load_objects(self.best, plan)
            run.best = run.snapshot()
        load_run(self.checkpoint, run)
        run.good = run.snapshot()
        if plan.keep == "best" and run.history.best_epoch == len(run.history):
            run.best = run.good

    def _saved(self, prefix: str) -> dict[str, Tensor]:
        return {
            name.removeprefix(prefix): tensor
            for name, tensor in self.checkpoint.tensors.items()
            if name.startswith(prefix)
        }

    def _unkept(self, prefix: str) -> set[str]:
        return {n.removeprefix(prefix) for n in self.facts["unkept"] if n.startswith(prefix)}

    def _strays(self, plan: Plan) -> list[str]:
        there = generators_of(train_loader=plan.train_loader, val_loader=plan.val_loader)
        return sorted(there.keys() ^ decode(self.facts["generators"], self.checkpoint.tensors))


def load_run(checkpoint: Checkpoint, run: "Run") -> None:
    """Put a checkpoint that fits into a run: its objects, callbacks and scaler, in place."""
    facts, tensors = checkpoint.facts, checkpoint.tensors
    load_objects(checkpoint, run.plan)
    run.optimizer = run.plan.optimizers[facts["current"]]
    kept = list(facts["callbacks"])
    for callback in run.callbacks:
        same = (c for c in kept if c["class"] == type(callback).__name__)
        if (found := next(same, None)) is not None:
            callback.load_state_dict(decode(found["state"], tensors))
            kept.remove(found)
    if run.steps.scaler is not None and facts["scaler"]:
        run.steps.scaler.load_state_dict(decode(facts["scaler"], tensors))


def load_objects(checkpoint: Checkpoint, plan: Plan) -> None:
    """Put the objects of a checkpoint that fits into those of a plan, in place."""
    facts, tensors = checkpoint.facts, checkpoint.tensors
    with torch.no_grad():
        for part, prefix in ((plan.model, MODEL), (plan.criterion, CRITERION)):
            for name, tensor in _tensors_of(part).items():
                kept = tensors.get(prefix + name)
                if kept is not None and not torch.equal(tensor, kept.to(tensor.device)):
                    tensor.copy_(kept)  # what is right is not touched: a write can be seen
    modules = dict(plan.model.named_modules())
    for name, state in facts["extra"].items():
        if name in modules and state is not None:
            modules[name].set_extra_state(decode(state, tensors))
    for kept, optimizer in zip(facts["optimizers"], plan.optimizers, strict=True):
        _load_optimizer(kept, optimizer, tensors)
    scheduler = facts["scheduler"]
    if scheduler and scheduler["state"] is not None and plan.scheduler is not None:
        plan.scheduler.load_state_dict(decode(scheduler["state"], tensors))
    generators = generators_of(train_loader=plan.train_loader, val_loader=plan.val_loader)
    put_back(generators, decode(facts["generators"], tensors))


def _tensors_of(part: Any) -> dict[str, Tensor]:
    return tensors_of(part) if isinstance(part, nn.Module) else {}


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
        parameter = groups[group]["params"][place]
        counts = bool(groups[group].get("fused") or groups[group].get("capturable"))
        optimizer.state[parameter] = {
            name: _beside(parameter, value, stays=name == "step" and not counts)
            for name, value in decode(state, tensors).items()
        }


def _beside(parameter: Tensor, value: Any, *, stays: bool) -> Any:
    """Bring an optimizer's tensor to where its parameter is, laid out as it is."""
    if not isinstance(value, Tensor) or stays:
        return value
    if value.shape == parameter.shape:
        return torch.empty_like(parameter.data, dtype=value.dtype).copy_(value)
    return value.to(parameter.device)


def _compare(
    tensors: dict[str, Tensor], saved: dict[str, Tensor], what: str, unkept: set[str]
) -> None:
    for name, tensor in tensors.items():
        if name in unkept:
            continue
        if name not in saved:
            raise TrainingError(f"{what}: the run had no {name}; {REMEDY}")
        if _shape(tensor) != _shape(saved[name]):
            raise TrainingError(
                f"{what}: {name} is {_shape(tensor)} and was {_shape(saved[name])}; {REMEDY}"
            )
    if missing := [name for name in saved if name not in tensors]:
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
