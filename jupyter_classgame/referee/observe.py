"""Gather the facts: everything about a run that can be known before its first step."""

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.evaluation.ensemble import Ensemble
from jupyter_classgame.training.fingerprint import unwrapped

from . import apart, scratch
from .apart import Unobserved
from .batches import observe_batches
from .criterion import observe_criterion
from .effects import observe_effects, observe_mixing
from .facts import CriterionFacts, DataFacts, Facts, ModelFacts
from .feed import Feed, as_targets, split
from .images import observe_images
from .inplace import nothing_changed
from .model import observe_model
from .optimizer import held_by, observe_optimizer
from .remedies import called
from .schedule import observe_schedule
from .start import observe_start
from .steps import observe_steps
from .watched import scores_of

FEW = 8
FEWEST = 4
PIXELS = 100_000
SCORED = 1_000_000
LIMIT = 30.0

TOGETHER = (("mixing", "val effects", "images", "train", "val"), ("optimizer", "schedule"))
"""Stages that share a child: none leaves behind what the next would stumble over."""

SUBJECTS = {
    "train": "the training data",
    "train effects": "what happens to training images",
    "mixing": "whether training images are mixed",
    "val": "the validation data",
    "val effects": "what happens to validation images",
    "images": "which images are trained on",
    "model": "the model and the criterion",
    "optimizer": "the optimizer",
    "then": "the optimizer that takes over",
    "schedule": "the learning-rate schedule",
    "steps": "the first steps",
}


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
    names: Mapping[str, Any] | None = None,
    known_start: bool = False,
    limit: float = LIMIT,
) -> Facts:
    """Observe what a run is about to use; leaves no trace in it.

    Parameters
    ----------
    model, optimizer, criterion, train_loader, val_loader, scheduler
        The objects of the run; None for a criterion stands for cross-entropy.
    then
        An optimizer that takes the first one's place during the run.
    options
        By technique: the option of the run that puts it into use.
    classes
        How many classes the game has, where known.
    allowance
        How many distinct training images the team may use.
    hidden
        The game's hidden test images: ``len`` and ``images(indices)``, ``image(i)``.
    names
        The user's variables, to say which of them an optimizer belongs to.
    known_start
        The weights are known to come from the team's own runs: no test of where they come from.
    limit
        Seconds that each subject may take.

    Returns
    -------
    Facts
        What could not be observed is None there and named in ``unobserved``.
    """
    stages: dict[str, Callable[[], Any]] = {}
    # The longest first: two run at a time.
    if train_loader is not None:
        stages["train effects"] = partial(
            observe_effects, train_loader, "train_loader", twin=val_loader
        )
    stages["steps"] = partial(
        _steps, model, optimizer, criterion, train_loader, scheduled=scheduler is not None
    )
    stages["model"] = partial(
        _model_and_criterion, model, optimizer, criterion, train_loader, val_loader,
        known_start=known_start,
    )  # fmt: skip
    stages["optimizer"] = partial(observe_optimizer, model, optimizer, names)
    if then is not None:
        stages["then"] = partial(observe_optimizer, model, then, names)
    if train_loader is not None:
        stages["mixing"] = partial(observe_mixing, train_loader, "train_loader")
        stages["images"] = partial(
            observe_images, train_loader, val_loader, allowance=allowance, hidden=hidden
        )
        stages["train"] = partial(observe_batches, train_loader, "train_loader")
    if val_loader is not None:
        stages["val effects"] = partial(observe_effects, val_loader, "val_loader", thorough=False)
        stages["val"] = partial(observe_batches, val_loader, "val_loader")
    stages["schedule"] = partial(observe_schedule, optimizer, scheduler, then)
    objects = [model, criterion, optimizer, then, scheduler, train_loader, val_loader]
    facts = _facts(_gathered(stages, objects, limit), classes)
    facts.options = dict(options or {})
    parts = {"model": model, "optimizer": optimizer, "train_loader": train_loader,
             "val_loader": val_loader}  # fmt: skip
    facts.called = called(
        {part: thing for part, thing in parts.items() if thing is not None}, names
    )
    facts.model_class = type(unwrapped(model)).__name__
    facts.voting = isinstance(unwrapped(model), Ensemble)
    return facts


def _gathered(
    stages: dict[str, Callable[[], Any]], objects: list[Any], limit: float
) -> dict[str, Any]:
    here: dict[str, Callable[[], Any]] = {}
    if not apart.can_fork():
        here, stages = stages, {}
    elif _on_device(objects):
        tied = ("model", "optimizer", "then", "schedule", "steps")
        here = {name: stages.pop(name) for name in tied if name in stages}
    results = _apart(stages, limit)
    for name, result in results.items():
        if isinstance(result, Unobserved) and apart.CUDA_IN_CHILD in result.reason:
            here[name] = stages[name]
    for name, stage in here.items():
        with nothing_changed(objects):
            results[name] = apart.run_here(stage)
    return results


def _apart(stages: dict[str, Callable[[], Any]], limit: float) -> dict[str, Any]:
    """Run stages in children; quick ones share a child, a fork costs more than they do."""
    rest = [name for name in stages if not any(name in group for group in TOGETHER)]
    groups = [*((name,) for name in rest), *TOGETHER]
    children = {
        group: partial(_together, {name: stages[name] for name in group if name in stages})
        for group in groups
        if any(name in stages for name in group)
    }
    gathered = apart.gather({" ".join(g): child for g, child in children.items()}, limit=limit)
    results: dict[str, Any] = {}
    for group in children:
        result = gathered[" ".join(group)]
        for name in group:
            if name in stages:
                results[name] = result if isinstance(result, Unobserved) else result[name]
    return results


def _together(stages: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    results = {}
    for name, stage in stages.items():
        scratch.forget()
        results[name] = apart.run_here(stage)
    return results


def _on_device(objects: list[Any]) -> bool:
    tensors = [p for o in objects if isinstance(o, nn.Module) for p in o.parameters()]
    return any(t.device.type != "cpu" for t in tensors)


def _facts(results: dict[str, Any], classes: int | None) -> Facts:
    facts = Facts(classes=classes)
    good: dict[str, Any] = {}
    for name, result in results.items():
        if isinstance(result, Unobserved):
            facts.unobserved[SUBJECTS[name]] = result.reason
        else:
            good[name] = result
    for side in ("train", "val"):
        setattr(facts, side, _data(good, side))
    if "model" in good:
        facts.model, facts.criterion, facts.start = good["model"]
        if facts.classes is None and facts.model is not None and facts.model.outputs:
            facts.classes = facts.model.outputs[-1]
    facts.optimizer, facts.then = good.get("optimizer"), good.get("then")
    facts.schedule = good.get("schedule")
    facts.images = good.get("images")
    facts.steps = good.get("steps")
    if facts.criterion is not None and not facts.criterion.takes_targets:
        facts.unobserved.pop(SUBJECTS["steps"], None)
    _one_reason(facts)
    return facts


def _data(good: dict[str, Any], side: str) -> DataFacts | None:
    data: DataFacts | None = good.get(side)
    effects = good.get(f"{side} effects")
    if effects is None:
        return data
    data = data or DataFacts()
    data.effects, data.random, data.reached = effects
    if side == "train":
        data.effects.update(good.get("mixing") or {})
        if data.effects.keys() & {"mixup", "cutmix"}:
            # Blended images cannot be measured well: believe what is certain.
            for doubtful in ("unknown-augmentation", "warp", "shear", "noise"):
                data.effects.pop(doubtful, None)
    return data


def _one_reason(facts: Facts) -> None:
    """Say once what makes several subjects fail, such as a loader that cannot be read."""
    seen: set[str] = set()
    found = facts.unobserved
    facts.unobserved = {}
    # The data first, the first steps last: what fails is best said of its cause.
    for subject in SUBJECTS.values():
        reason = found.get(subject, "")
        follows = subject == SUBJECTS["steps"] and SUBJECTS["model"] in facts.unobserved
        if reason and reason not in seen and not follows:
            facts.unobserved[subject] = reason
        seen.add(reason)


def _sample(loader: Any, count: int) -> tuple[Tensor, Tensor | None]:
    """Return the first images and targets that a loader gives."""
    feed = Feed(loader)
    if feed.by_index:
        indices, _ = feed.indices()
        batch = feed.fetch((indices or [0])[:count])
    else:
        batch = feed.next_batch()
    images, targets = split(batch)
    if not isinstance(images, Tensor):
        raise TypeError(
            f"a batch's images are {type(images).__name__}, not a tensor; "
            "end the transform with v2.ToImage() and v2.ToDtype(torch.float32, scale=True)"
        )
    return images[:count], as_targets(targets)[:count] if targets is not None else None


def _model_and_criterion(
    model: Any, optimizer: Any, criterion: Any, train_loader: Any, val_loader: Any, *,
    known_start: bool,
) -> tuple[ModelFacts, CriterionFacts | None, Any]:  # fmt: skip
    torch.manual_seed(0)
    images, targets = (
        _sample(train_loader, FEW) if train_loader is not None
        else (torch.rand(FEW, 3, 32, 32), torch.zeros(FEW, dtype=torch.int64))
    )  # fmt: skip
    network = unwrapped(model)
    home = next((p.device for p in network.parameters()), torch.device("cpu"))
    start = None
    if not known_start and train_loader is not None:
        start = observe_start(model, _to_score(val_loader or train_loader, home))
    facts = observe_model(model, images, held_by(optimizer))
    network.train()
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outputs = network(images.to(home))
    loss = observe_criterion(
        criterion, outputs, scores_of(outputs), targets,
        list(network.named_parameters()), facts.output_kind,
    )  # fmt: skip
    return facts, loss, start


def _to_score(loader: Any, home: torch.device) -> list[tuple[Tensor, Tensor]]:
    feed = Feed(loader)
    if not feed.by_index:
        return []
    indices, _ = feed.indices()
    if not indices:
        return []
    step = max(1, len(indices) // 64)
    images, targets = split(feed.fetch(indices[::step][:64]))
    if not isinstance(images, Tensor) or targets is None:
        return []
    step = max(1, images.numel() // SCORED)
    return [(images[::step].to(home), as_targets(targets)[::step])]


def _steps(
    model: Any, optimizer: Any, criterion: Any, train_loader: Any, *, scheduled: bool
) -> Any:
    if train_loader is None:
        return None
    torch.manual_seed(0)
    images, targets = _sample(train_loader, FEW)
    if targets is None:
        return None
    count = max(FEWEST, min(FEW, PIXELS // max(1, images[0].numel())))
    images, targets = images[:count], targets[:count]
    if not any(p.requires_grad for p in held_by(optimizer)):
        return None
    return observe_steps(
        model, optimizer, criterion or nn.CrossEntropyLoss(), images, targets,
        scheduled=scheduled, batch=getattr(train_loader, "batch_size", None) or 0,
    )  # fmt: skip
