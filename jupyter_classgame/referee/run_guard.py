"""A guard that notices changes to the objects of a ranked run, cheaply, once an epoch."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from torch import nn

from jupyter_classgame.referee.loader.transform_settings import settings_of

EDITS_ALLOWED = 3

GROUPS = "the optimizer's parameter groups"

HYPER = ("momentum", "betas", "weight_decay", "nesterov", "dampening", "amsgrad", "alpha", "rho")
HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
)  # fmt: skip
LOADER_PARTS = ("dataset", "sampler", "batch_sampler", "collate_fn")
OPTIMIZER_HOOKS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")
DATASET_PARTS = ("transform", "transforms", "target_transform", "source", "indices", "dataset",
                 "datasets", "samples", "data", "tensors")  # fmt: skip


class RunGuard:
    """Compares the objects of a run with their state when the verdict was given.

    Parameters
    ----------
    model, optimizer, criterion, train_loader, val_loader, scheduler
        The objects of the run.
    then
        The optimizer that takes over during the run, if any.
    scheduled
        The learning rate is expected to change, as a schedule is in use and owned. None stands for
        whether there is a scheduler; one that changes nothing permits no edits by hand.
    edits
        How often the learning rate was edited by hand in earlier runs of the model.
    rates
        The learning rates at the end of its last run, where there was one; a difference to those
        of now is one more edit.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Any,
        *,
        criterion: Any = None,
        train_loader: Any = None,
        val_loader: Any = None,
        scheduler: Any = None,
        then: Any = None,
        scheduled: bool | None = None,
        edits: int = 0,
        rates: Sequence[float] = (),
    ) -> None:
        self.model = model
        self.optimizers = (optimizer,) if then is None else (optimizer, then)
        self.scheduled = scheduler is not None if scheduled is None else scheduled
        self.edits = edits
        self._rates = self.learning_rates()
        if rates and set(rates) != set(self._rates) and not self.scheduled:
            self.edits += 1
        self._reported: set[str] = set()
        self._heard = 0
        self._unsettled: tuple[str, ...] = ()
        self._looks: list[tuple[str, Callable[[], Any], Any]] = []
        self._remember(GROUPS, lambda: _groups(optimizer, scheduler))
        self._remember("the optimizer's hooks", lambda: _hooks([optimizer], OPTIMIZER_HOOKS))
        self._remember("the model's hooks", lambda: _hooks(model.modules(), HOOKS))
        self._remember("the model's forward", lambda: _forwards(model))
        self._remember("optimizer.step", lambda: _step_of(optimizer))
        if then is not None:
            self._remember("the parameter groups of --then", lambda: _groups(then, scheduler))
            self._remember("the hooks of --then", lambda: _hooks([then], OPTIMIZER_HOOKS))
            self._remember("the step of --then", lambda: _step_of(then))
        for name, loader in (("train_loader", train_loader), ("val_loader", val_loader)):
            if loader is not None:
                self._remember(name, lambda loader=loader: _parts(loader))  # type: ignore[misc]
        if criterion is not None:
            self._remember("the criterion", lambda: _numbers(criterion))

    def check(self) -> list[str]:
        """Return what has changed since the verdict, one line each; each change only once."""
        breaches = []
        for what, look, before in self._looks:
            if what not in self._reported and look() != before:
                self._reported.add(what)
                breaches.append(f"{what} changed during the run")
        if self._unsettled and "settings" not in self._reported:
            self._reported.add("settings")
            if GROUPS not in self._reported:
                changed = " and ".join(self._unsettled)
                breaches.append(f"{changed} of the optimizer changed during the run")
        breaches.extend(self._edits())
        return breaches

    def hear(self, settings: Iterable[str]) -> None:
        """Take in that settings of an optimizer were changed by hand, even if they are put back."""
        names = tuple(settings)
        self._heard += "lr" in names
        self._unsettled = tuple(name for name in names if name in HYPER) or self._unsettled

    def _remember(self, what: str, look: Callable[[], Any]) -> None:
        self._looks.append((what, look, look()))

    def _edits(self) -> list[str]:
        before, self._rates = self._rates, self.learning_rates()
        heard, self._heard = self._heard, 0
        if self.scheduled:
            return []
        self.edits += max(heard, self._rates != before)
        if self.edits <= EDITS_ALLOWED or "edits" in self._reported:
            return []
        self._reported.add("edits")
        edited = f"the learning rate was changed {self.edits} times by hand"
        return [f"{edited} in the model's life; {EDITS_ALLOWED} changes are free"]

    def learning_rates(self) -> tuple[float, ...]:
        """Return the current learning rates of all parameter groups."""
        return tuple(
            float(group.get("lr", 0.0))
            for optimizer in self.optimizers
            for group in optimizer.param_groups
        )


def _groups(optimizer: Any, scheduler: Any) -> Any:
    theirs = getattr(scheduler, "optimizer", optimizer)
    cycled = scheduler is not None and theirs is optimizer
    return [
        (
            [_Identity(p) for p in group["params"]],
            [repr(group.get(k)) for k in HYPER if not (cycled and k in ("momentum", "betas"))],
        )
        for group in optimizer.param_groups
    ]


class _Identity:
    """An object compared by identity, kept alive so that its id is not reused."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _hooks(owners: Iterable[Any], names: tuple[str, ...]) -> list[_Identity]:
    return [
        _Identity(hook) for owner in owners for name in names
        for hook in getattr(owner, name, {}).values()
    ]  # fmt: skip


def _forwards(model: nn.Module) -> list[Any]:
    """Return the modules by identity, with their rates of dropout and replaced forwards."""
    return [
        (
            _Identity(m), _Identity(vars(m).get("forward")), repr(vars(m).get("p")),
            _Identity(type(m)),
        )
        for m in model.modules()
    ]  # fmt: skip


def _step_of(optimizer: Any) -> Any:
    # torch wraps `step` whenever a scheduler is made: that is no change of the step.
    return _Identity(
        getattr(vars(optimizer).get("step"), "__wrapped__", vars(optimizer).get("step"))
    )


def _parts(thing: Any, depth: int = 0) -> Any:
    """Return the identities of a loader, its samplers, its datasets and their transforms."""
    if depth > 6:
        return ()
    found: list[Any] = [_Identity(thing)]
    found.extend((name, _Identity(getattr(thing, name, None))) for name in LOADER_PARTS)
    collate = getattr(thing, "collate_fn", None)
    found.append(_Identity(getattr(collate, "batch_transform", None)))
    dataset = getattr(thing, "dataset", None)
    if dataset is not None:
        found.append(_parts(dataset, depth + 1))
    inner_sets = getattr(thing, "datasets", ()) or ()
    found.extend(_parts(part, depth + 1) for part in inner_sets)
    for name in DATASET_PARTS:
        part = vars(thing).get(name) if hasattr(thing, "__dict__") else None
        if part is not None:
            found.append((name, _Identity(part)))
            inner = getattr(part, "transforms", None)
            if isinstance(inner, (list, tuple)):
                found.append([(_Identity(t), settings_of(t)) for t in inner])
            elif name == "transform":
                found.append(settings_of(part))
    return found


def _numbers(criterion: Any) -> Any:
    held = vars(criterion) if hasattr(criterion, "__dict__") else {}
    weight = getattr(criterion, "weight", None)
    return (
        _Identity(criterion), repr(held.get("label_smoothing")), _Identity(weight),
        getattr(weight, "_version", None),
    )  # fmt: skip
