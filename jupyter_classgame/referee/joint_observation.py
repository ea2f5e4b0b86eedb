"""The stages of an observation that need several objects: the model with data and criterion."""

import contextlib
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from jupyter_classgame.referee.facts import CriterionFacts, FirstStepsFacts, ModelFacts
from jupyter_classgame.referee.isolation.fork import can_fork
from jupyter_classgame.referee.isolation.optimizer_backup import held_by
from jupyter_classgame.referee.isolation.rng import seed_torch
from jupyter_classgame.referee.later_epochs import LaterFacts, observe_later
from jupyter_classgame.referee.loader.image_fetcher import ImageFetcher, as_targets, sized, split
from jupyter_classgame.referee.model.input_normalisation import missing_normalisation
from jupyter_classgame.referee.model.replay import ModelReplay, find_scores
from jupyter_classgame.referee.model.starting_weights import observe_start
from jupyter_classgame.referee.model.teachers import asked_by
from jupyter_classgame.referee.model.traced_passes import observe_model
from jupyter_classgame.referee.model.whole_batches import BatchSizes
from jupyter_classgame.referee.optimisation.criterion_behaviour import observe_criterion
from jupyter_classgame.referee.optimisation.criterion_reach import is_plain, observe_reach
from jupyter_classgame.referee.optimisation.first_steps import observe_steps
from jupyter_classgame.referee.optimisation.later_losses import observe_later_losses
from jupyter_classgame.training.device.placement import device_of
from jupyter_classgame.training.run.optimizer_parts import put_in_mode
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

FEW = 8
FEWEST = 4
PIXELS = 100_000
SCORED = 1_000_000
SURE = 12
"""Images on which a trained model does better than by chance."""
FINAL = 256
"""How many hidden images at a time a model is asked about at the end."""
LARGE = 2_000_000
"""Numbers in the images of a batch on which a criterion is looked at."""


def sample(loader: Any, count: int) -> tuple[Tensor, Tensor | None]:
    """Return images (n, ...) and targets (n, ...), at most `count`, in the order of the loader.

    Raises
    ------
    TypeError
        The images are not a tensor.
    """
    fetcher = ImageFetcher(loader)
    if fetcher.by_index:
        indices, _ = fetcher.indices()
        batch = fetcher.fetch((indices or [0])[:count])
    else:
        batch = fetcher.next_batch()
    images, targets = split(batch)
    if not isinstance(images, Tensor):
        raise TypeError(
            f"a batch's images are {type(images).__name__}, not a tensor; "
            "end the transform with v2.ToImage() and v2.ToDtype(torch.float32, scale=True)"
        )
    return images[:count], as_targets(targets)[:count] if targets is not None else None


def model_and_criterion(
    model: Any, optimizer: Any, criterion: Any, train_loader: Any, val_loader: Any, *,
    known_start: bool, audited: bool = False, epochs: int = 0,
) -> tuple[ModelFacts, CriterionFacts | None, Any]:  # fmt: skip
    """Observe a model's starting weights, its passes, and the criterion on its outputs.

    Parameters
    ----------
    known_start
        The weights come from the team's own runs and are not examined.
    audited
        Steps of the run itself are audited, so that no batches as large as its own are tried.
    epochs
        How many epochs a model may be trained for.

    Returns
    -------
    tuple
        Facts about the model, the criterion and the starting weights, which may be None.
    """
    seed_torch(0)
    images, targets = (
        sample(train_loader, FEW) if train_loader is not None
        else (torch.rand(FEW, 3, 32, 32), torch.zeros(FEW, dtype=torch.int64))
    )  # fmt: skip
    if images.numel() > PIXELS:
        count = max(FEWEST, PIXELS // images[0].numel())
        images, targets = images[:count], targets[:count] if targets is not None else None
    network = unwrapped(model)
    home = device_of(network)
    start = None
    if not known_start and train_loader is not None:
        start = observe_start(model, _to_score(val_loader or train_loader, home))
        start.unnormalised = missing_normalisation(network, images.to(home))
    batches = BatchSizes(_batch_size(train_loader), (_batch_size(val_loader), FINAL))
    tried = None if audited or not can_fork() else batches
    replay = ModelReplay(model, images, held_by(optimizer))
    facts = observe_model(replay, tried)
    network.train()
    look = partial(
        observe_criterion, criterion, replay.outputs, find_scores(replay.outputs), targets,
        list(network.named_parameters()), facts.output_kind,
    )  # fmt: skip
    loss = look()
    if loss.takes_targets and train_loader is not None:
        loss.beside = _beside(network, criterion, train_loader, home, held_by(optimizer))
        outputs = replay.outputs
        if isinstance(outputs, Tensor) and targets is not None and epochs > 1:
            steps = epochs * (sized(train_loader) or 1)
            with contextlib.suppress(Exception):  # it takes no such counts, or no such scores
                observe_later_losses(criterion, outputs, targets, loss, look, steps)
    return facts, loss, start


def _batch_size(loader: Any) -> int:
    """Return how many images the first batch of a loader will have; 0 where that is unknown."""
    size = getattr(loader, "batch_size", None)
    if isinstance(size, int):
        return size
    try:
        return len(next(iter(getattr(loader, "batch_sampler", None) or ())))
    except (StopIteration, TypeError):
        return 0


def _beside(
    network: nn.Module, criterion: Any, loader: Any, home: torch.device, trained: list[Tensor]
) -> str:
    """Look at a criterion with a batch as large as the run's; not where it is one of torch's."""
    if criterion is None or is_plain(criterion):
        return ""
    images, _ = sample(loader, 1)
    size = _batch_size(loader) or FEW
    images, targets = sample(loader, max(FEWEST, min(size, LARGE // max(1, images.numel()))))
    if targets is None:
        return ""
    with contextlib.suppress(Exception):  # it works on a few images, and what was not seen is not
        return observe_reach(network, criterion, images.to(home), targets.to(home), trained)
    return ""


def networks_asked(
    model: Any, optimizer: Any, train_loader: Any, val_loader: Any, classes: int = 0
) -> tuple[str, str]:
    """Say which networks beside the model run as training and validation images are fetched."""
    trained = held_by(optimizer)
    train, val = (
        "" if loader is None else asked_by(
            partial(sample, loader, FEWEST), loader, name, unwrapped(model), trained, classes
        )
        for loader, name in ((train_loader, "train_loader"), (val_loader, "val_loader"))
    )  # fmt: skip
    return train, val


def later_epochs(
    model: Any, train_loader: Any, val_loader: Any, *, epochs: int, splits: Any
) -> dict[str, LaterFacts]:
    """Ask both loaders for their later epochs; what they do otherwise by ``train`` and ``val``."""
    sources = splits or (None, None)
    found = {}
    sides = (
        ("train", train_loader, sources[0], val_loader), ("val", val_loader, sources[1], None)
    )  # fmt: skip
    for side, loader, source, twin in sides:
        if loader is None:
            continue
        with contextlib.suppress(Exception):  # it can be read once, or whatever it cannot be twice
            later = observe_later(
                loader, f"{side}_loader", unwrapped(model), epochs=epochs, twin=twin, source=source
            )
            if later is not None:
                found[side] = later
    return found


def _to_score(loader: Any, home: torch.device) -> list[tuple[Tensor, Tensor]]:
    """Return some 64 images and targets from all over the dataset, fewer if they are large.

    Those of the first batch are a few, from all over the dataset as well.
    """
    fetcher = ImageFetcher(loader)
    if not fetcher.by_index:
        return []
    indices, _ = fetcher.indices()
    if not indices:
        return []
    step = max(1, len(indices) // 64)
    images, targets = split(fetcher.fetch(indices[::step][:64]))
    if not isinstance(images, Tensor) or targets is None:
        return []
    step = max(1, images.numel() // SCORED)
    images, targets = images[::step].to(home), as_targets(targets)[::step]
    first = torch.arange(len(images)) % max(1, min(4, len(images) // SURE)) == 0
    return [(images[some], targets[some]) for some in (first, ~first) if bool(some.any())]


def first_steps(
    model: Any, optimizer: Any, criterion: Any, train_loader: Any, *, scheduled: bool
) -> FirstStepsFacts | None:
    """Take the first steps on a few images; None without targets or trainable parameters."""
    if train_loader is None:
        return None
    seed_torch(0)
    images, targets = sample(train_loader, FEWEST)
    if targets is None:
        return None
    if not any(p.requires_grad for p in held_by(optimizer)):
        return None
    put_in_mode(optimizer, training=True)
    return observe_steps(
        model, optimizer, criterion or nn.CrossEntropyLoss(), images, targets,
        scheduled=scheduled, batch=getattr(train_loader, "batch_size", None) or 0,
    )  # fmt: skip
