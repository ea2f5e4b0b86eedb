"""Observe a run: gather everything that can be known about it before its first step."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import nn

from jupyter_classgame.evaluation.model_ensemble import Ensemble
from jupyter_classgame.referee.augmentation.random_effects import observe_effects, observe_mixing
from jupyter_classgame.referee.code_fixes import variable_names
from jupyter_classgame.referee.facts import SUBJECTS, DataFacts, Facts
from jupyter_classgame.referee.isolation import fork
from jupyter_classgame.referee.isolation.fork import Unobserved
from jupyter_classgame.referee.isolation.without_fork import nothing_changed
from jupyter_classgame.referee.joint_observation import (
    first_steps,
    later_epochs,
    model_and_criterion,
    networks_asked,
)
from jupyter_classgame.referee.later_epochs import LaterFacts
from jupyter_classgame.referee.loader.batch_properties import observe_batches
from jupyter_classgame.referee.loader.distinct_images import observe_images
from jupyter_classgame.referee.optimisation.optimizer_behaviour import observe_optimizer
from jupyter_classgame.referee.optimisation.rate_schedules import observe_schedule
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

LIMIT = 30.0

DOUBTFUL = ("unknown-augmentation", "warp", "shear", "noise")
"""Changes that others may be taken for."""

CHAINS = (
    ("train effects",),
    ("model", "optimizer", "then", "schedule", "later"),
    ("mixing", "val effects", "images", "train", "val", "networks", "steps"),
)
"""Stages that run one after another in one child: none changes what the next one looks at.

Two children run at a time, so the one that may take longest begins.
"""


def observe(
    model: nn.Module,
    optimizer: Any,
    *,
    criterion: Any = None,
    train_loader: Any = None,
    val_loader: Any = None,
    scheduler: Any = None,
    then: Any = None,
    options: Mapping[str, str] | None = None,
    classes: int | None = None,
    allowance: int | None = None,
    hidden: Any = None,
    splits: tuple[Any, Any] | None = None,
    names: Mapping[str, Any] | None = None,
    known_start: bool = False,
    audited: bool = False,
    epochs: int = 0,
    limit: float = LIMIT,
    watch: Callable[[list[str]], None] | None = None,
) -> Facts:
    """Observe what a run is about to use, and leave no trace in it.

    Parameters
    ----------
    model, optimizer, criterion, train_loader, val_loader, scheduler
        The objects of the run; None for a criterion stands for cross-entropy.
    then
        An optimizer that takes over from the first one during the run.
    options
        By technique: the option of the run that puts it into use.
    classes
        How many classes the game has, where known.
    allowance
        How many distinct training images the team may use; None for any number.
    hidden
        The hidden test images: an object with ``len``, ``images(indices)`` and ``image(i)``.
    splits
        The game's own training and validation images, such objects too.
    names
        The user's variables by name, for messages that name them.
    known_start
        The weights are known to come from the team's own runs, so that they are not examined.
    audited
        The first steps of the run are audited on its own batches, which are not tried then.
    epochs
        How many epochs a model may be trained for, in which loaders may change; 0 for not asking.
    limit
        Seconds that each stage may take.
    watch
        Called with what is being looked at, in words, as often as that changes; what it does
        meanwhile takes no more time, as the stages run in other processes.

    Returns
    -------
    Facts
        A part that could not be observed is None, and ``unobserved`` says why.
    """
    stages: dict[str, Callable[[], Any]] = {}
    if train_loader is not None:
        stages["train effects"] = partial(
            observe_effects, train_loader, "train_loader", twin=val_loader
        )
    stages["steps"] = partial(
        first_steps, model, optimizer, criterion, train_loader, scheduled=scheduler is not None
    )
    stages["model"] = partial(
        model_and_criterion, model, optimizer, criterion, train_loader, val_loader,
        known_start=known_start, audited=audited, epochs=epochs,
    )  # fmt: skip
    stages["optimizer"] = partial(observe_optimizer, model, optimizer, names)
    if then is not None:
        stages["then"] = partial(observe_optimizer, model, then, names)
    if train_loader is not None:
        stages["mixing"] = partial(observe_mixing, train_loader, "train_loader")
        stages["images"] = partial(
            observe_images, train_loader, val_loader,
            allowance=allowance, hidden=hidden, splits=splits,
        )  # fmt: skip
        stages["train"] = partial(observe_batches, train_loader, "train_loader")
    if val_loader is not None:
        stages["val effects"] = partial(observe_effects, val_loader, "val_loader", thorough=False)
        stages["val"] = partial(observe_batches, val_loader, "val_loader")
    if train_loader is not None:
        stages["networks"] = partial(
            networks_asked, model, optimizer, train_loader, val_loader, classes or 0
        )
    if epochs > 1 and fork.can_fork():  # clocks and counters are moved on in a child alone
        stages["later"] = partial(
            later_epochs, model, train_loader, val_loader, epochs=epochs, splits=splits
        )
    stages["schedule"] = partial(observe_schedule, optimizer, scheduler, then)
    objects = [model, criterion, optimizer, then, scheduler, train_loader, val_loader]
    facts = _facts_from(_run_stages(stages, objects, limit, watch), classes)
    facts.options = dict(options or {})
    parts = {"model": model, "optimizer": optimizer, "train_loader": train_loader,
             "val_loader": val_loader}  # fmt: skip
    facts.names = variable_names(
        {part: thing for part, thing in parts.items() if thing is not None}, names
    )
    facts.model_class = type(unwrapped(model)).__name__
    facts.voting = isinstance(unwrapped(model), Ensemble)
    return facts


def _run_stages(
    stages: dict[str, Callable[[], Any]],
    objects: list[Any],
    limit: float,
    watch: Callable[[list[str]], None] | None,
) -> dict[str, Any]:
    """Run stages in children where that is possible, and in this process where it is not."""
    here: dict[str, Callable[[], Any]] = {}
    if not fork.can_fork():
        here, stages = stages, {}
    elif _on_device(objects):
        tied = ("model", "optimizer", "then", "schedule", "steps")
        here = {name: stages.pop(name) for name in tied if name in stages}
    told = None if watch is None else lambda names: watch([SUBJECTS[name] for name in names])
    results = fork.gather(stages, limit=limit, chains=CHAINS, watch=told)
    for name, result in results.items():
        if isinstance(result, Unobserved) and result.cause == "not in a child":
            here[name] = stages[name]
    for name, stage in here.items():
        with nothing_changed(objects):
            results[name] = fork.run_here(stage)
    return results


def _on_device(objects: list[Any]) -> bool:
    tensors = [p for o in objects if isinstance(o, nn.Module) for p in o.parameters()]
    return any(t.device.type != "cpu" for t in tensors)


def _facts_from(results: dict[str, Any], classes: int | None) -> Facts:
    facts = Facts(classes=classes)
    good: dict[str, Any] = {}
    for name, result in results.items():
        if isinstance(result, Unobserved):
            facts.unobserved[name] = result
        else:
            good[name] = result
    for side in ("train", "val"):
        setattr(facts, side, _data_facts(good, side))
    for data, asked in zip((facts.train, facts.val), good.get("networks", ()), strict=False):
        if data is not None:
            data.asked = asked
    if "model" in good:
        facts.model, facts.criterion, facts.start = good["model"]
        if facts.classes is None and facts.model is not None and facts.model.outputs:
            facts.classes = facts.model.outputs[-1]
    facts.optimizer, facts.then = good.get("optimizer"), good.get("then")
    facts.schedule = good.get("schedule")
    facts.later = _later(facts, good.get("later") or {})
    facts.unobserved.pop("later", None)  # the look at the first epoch holds all the same
    facts.images = good.get("images")
    facts.steps = good.get("steps")
    if facts.criterion is not None and not facts.criterion.takes_targets:
        facts.unobserved.pop("steps", None)
    facts.unobserved = _without_repetition(facts.unobserved)
    return facts


def _data_facts(good: dict[str, Any], side: str) -> DataFacts | None:
    data: DataFacts | None = good.get(side)
    effects = good.get(f"{side} effects")
    if effects is None:
        return data
    data = data or DataFacts()
    data.effects, data.random, data.reached = effects
    if side == "train":
        data.effects.update(good.get("mixing") or {})
        if data.effects.keys() & {"mixup", "cutmix"}:
            # Blended images cannot be measured well: keep only what is certain.
            for doubtful in DOUBTFUL:
                data.effects.pop(doubtful, None)
    return data


def _later(facts: Facts, found: dict[str, LaterFacts]) -> list[str]:
    """Add what is done to images in later epochs to what is done in the first one."""
    for side, later in found.items():
        data: DataFacts | None = getattr(facts, side)
        if data is not None:
            # What grows while it is measured looks like several changes: keep what is certain.
            certain = {k: e for k, e in later.effects.items() if k not in DOUBTFUL}
            more = certain if certain or data.effects else later.effects
            data.effects = more | data.effects
            data.random = data.random or later.random
    return [later.against for later in found.values() if later.against]


def _without_repetition(unobserved: dict[str, Unobserved]) -> dict[str, Unobserved]:
    """Give a reason once, where it makes several stages fail: a loader that cannot be read."""
    kept: dict[str, Unobserved] = {}
    reasons: set[str] = set()
    # The data first, the first steps last: the earliest stage is the nearest to the cause.
    for stage in SUBJECTS:
        found = unobserved.get(stage)
        if found is None or (stage == "steps" and "model" in kept):
            continue
        if found.reason not in reasons:
            kept[stage] = found
        reasons.add(found.reason)
    return kept
