"""Observe a model: passes in training and in evaluation mode, traced."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from . import augment, mixing
from .facts import Effect, ModelFacts
from .front import first_input, front_of
from .probes import Array, texture
from .randomness import Randomness, is_generator
from .trace import Trace, Tracer
from .walk import walk

PASSES = 12
PASS_SECONDS = 0.4
NEAR = 1e-3
EXPLAINED = {"dropout", "stochastic-depth", "noise"}


def unwrapped(model: Any) -> Any:
    """Return the module inside ``torch.compile`` and data-parallel wrappers."""
    while True:
        if hasattr(model, "_orig_mod"):
            model = model._orig_mod  # noqa: SLF001 - torch's own name for it
        elif isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            model = model.module
        else:
            return model


@contextmanager
def eagerly() -> Iterator[None]:
    """Run compiled functions as they were written."""
    set_stance: Any = getattr(torch.compiler, "set_stance", None)
    if set_stance is None:
        yield
        return
    with set_stance("force_eager"):
        yield


def scores_of(outputs: Any) -> Tensor:
    """Return the class scores among a model's outputs: the first tensor of two dimensions."""
    tensors = [t for t in tree_leaves(outputs) if isinstance(t, Tensor)]
    if not tensors:
        raise TypeError(f"the model returns {type(outputs).__name__}, not a tensor of class scores")
    return next((t for t in tensors if t.ndim == 2), tensors[0])  # noqa: PLR2004


def home_of(model: nn.Module) -> torch.device:
    """Return where the model's first parameter lives."""
    return next((p.device for p in model.parameters()), torch.device("cpu"))


class Watched:
    """A model with everything needed to run it again and again from the same state."""

    def __init__(self, model: Any, images: Tensor, extra: list[Tensor]) -> None:
        self.model = unwrapped(model)
        self.images = images.to(home_of(self.model))
        self.parameters = [*self.model.parameters(), *extra]
        places = walk(self.model, "model")
        self.randomness = Randomness(p.value for p in places if is_generator(p.value))
        self.buffers = [(b, b.detach().clone()) for b in self.model.buffers()]

    def restore(self) -> None:
        """Put the buffers back."""
        with torch.no_grad():
            for buffer, kept in self.buffers:
                buffer.copy_(kept)

    def run(self, seed: int, images: Tensor | None = None) -> Any:
        """Return the outputs of one pass."""
        self.restore()
        self.randomness.seed(seed)
        with eagerly(), torch.no_grad():
            return self.model(self.images if images is None else images)

    def trace(self, seed: int, classes: int | None, random: frozenset[int] = frozenset()) -> Trace:
        """Return what one pass shows."""
        self.restore()
        self.randomness.seed(seed)
        tracer = Tracer([self.images], self.parameters, classes, random)
        with eagerly(), torch.no_grad(), tracer:
            outputs = self.model(self.images)
        return tracer.finish(outputs)


def observe_model(model: Any, images: Tensor, extra: list[Tensor] | None = None) -> ModelFacts:
    """Trace a model on real images.

    Parameters
    ----------
    model
        The model as it will be trained.
    images
        A few images as the training loader hands them out, (n, channels, height, width).
    extra
        Further tensors that training moves: what the optimizer holds besides.

    Raises
    ------
    Exception
        Whatever the model's forward raises.
    """
    watched = Watched(model, images, extra or [])
    facts = ModelFacts(parallel=type(model).__name__ if isinstance(model, nn.DataParallel) else "")
    facts.parameters = sum(p.numel() for p in watched.model.parameters())
    facts.trainable = sum(p.numel() for p in watched.model.parameters() if p.requires_grad)
    watched.model.train()
    before = watched.randomness.state()
    scores = scores_of(watched.model(watched.images))
    moved = watched.randomness.moved(before)
    facts.outputs = tuple(scores.shape)
    facts.output_kind = output_kind(scores)
    if facts.output_kind == "logits" and _squeezed(watched, scores):
        facts.output_kind = "between 0 and 1"
    classes = scores.shape[-1]
    traces = _training_passes(watched, classes, moved=moved)
    _summarise(facts, traces)
    _random(facts, watched, traces, moved=moved)
    if any(t.over_batch for t in traces) and "batch-norm" not in facts.runs:
        _batch_statistics(facts, watched)
    facts.needs_batch = _needs_batch(watched)
    _evaluation(facts, watched, traces, classes)
    return facts


def output_kind(scores: Tensor) -> str:
    """Say what scores are by their sums: ``"probabilities"``, ``"log-probabilities"``, either of
    them ``"over the batch"``, or ``"logits"``."""
    if scores.ndim != 2 or scores.shape[1] < 2:  # noqa: PLR2004
        return "logits"
    rows = scores.detach().double()
    if bool((rows >= 0).all()) and bool(((rows.sum(1) - 1).abs() < NEAR).all()):
        return "probabilities"
    if bool((rows <= NEAR).all()) and bool(((rows.exp().sum(1) - 1).abs() < NEAR).all()):
        return "log-probabilities"
    over = rows.exp() if bool((rows <= NEAR).all()) else rows
    if bool((over >= 0).all()) and bool(((over.sum(0) - 1).abs() < NEAR).all()):
        return "over the batch"
    return "logits"


def _squeezed(watched: Watched, scores: Tensor) -> bool:
    """Whether scores stay between 0 and 1 however large the images are: a sigmoid."""
    if bool((scores < 0).any()) or bool((scores > 1).any()):
        return False
    large = scores_of(watched.run(0, 1e4 * watched.images))
    return bool(((large >= 0) & (large <= 1)).all()) and not bool((large == 0).all())


def _training_passes(watched: Watched, classes: int, *, moved: bool) -> list[Trace]:
    first = watched.trace(0, classes)
    if first.operations == 0:
        raise RuntimeError("no operation of the model could be seen")
    if not moved:
        return [first]
    random = _random_operands(first, watched.trace(1, classes), watched.trace(2, classes))
    end = time.monotonic() + PASS_SECONDS
    traces = []
    for seed in range(PASSES):
        traces.append(watched.trace(seed, classes, random))
        if time.monotonic() > end and len(traces) > 2:  # noqa: PLR2004
            break
    return traces


def _random_operands(*traces: Trace) -> frozenset[int]:
    """Return the operations whose constant operand changes from pass to pass."""
    found: set[int] = set()
    first = {o.index: o.content for o in traces[0].operands}
    for other in traces[1:]:
        for operand in other.operands:
            if operand.index in first and first[operand.index] != operand.content:
                found.add(operand.index)
    return frozenset(found)


def _summarise(facts: ModelFacts, traces: list[Trace]) -> None:
    deepest = max(traces, key=lambda t: len(t.info.path))
    facts.convolutions = len(deepest.info.path)
    facts.members = max(t.info.members for t in traces)
    count = facts.convolutions
    facts.depth_text = f"{count} convolution{'' if count == 1 else 's'} run one after another"
    for trace in traces:
        for kind in trace.info.marks:
            number, text = facts.runs.get(kind, (0, ""))
            facts.runs[kind] = (max(number, trace.counts[kind]), text or trace.texts[kind])
    facts.runs.pop("views", None)
    facts.strays = len(frozenset().union(*(t.info.used & t.strays for t in traces)))


def _random(facts: ModelFacts, watched: Watched, traces: list[Trace], *, moved: bool) -> None:
    if not moved:
        return
    outputs = [scores_of(watched.run(seed)).detach().float() for seed in range(4)]
    facts.random_in_training = any(
        o.shape != outputs[0].shape or not torch.allclose(o, outputs[0], atol=1e-6)
        for o in outputs[1:]
    )
    routes = {t.info.convolved for t in traces}
    if len(routes) > 1:
        fewer = sum(len(t.info.convolved) < max(map(len, routes)) for t in traces)
        facts.runs["stochastic-depth"] = (
            1, f"in {fewer} of {len(traces)} passes some layers are left out",
        )  # fmt: skip
        facts.random_in_training = True
    _augmentation(facts, watched)
    if facts.random_in_training and not (facts.runs.keys() & EXPLAINED or facts.effects):
        facts.unexplained = True


def _augmentation(facts: ModelFacts, watched: Watched) -> None:
    """Augmentation inside the model: watch what reaches its first layer with weights."""
    images = watched.images
    if images.ndim != 4:  # noqa: PLR2004
        return
    low, high = float(images.min()), float(images.max())
    several = 8
    size = (int(images.shape[2]), int(images.shape[3]))
    channels = int(images.shape[1])

    def shown(pictures: list[Array], seed: int) -> Array:
        values = np.stack([p.transpose(2, 0, 1)[:channels] if channels <= 3 else p for p in pictures])  # noqa: PLR2004
        batch = torch.from_numpy((low + (high - low) * values).astype(np.float32)).to(images)
        watched.restore()
        watched.randomness.seed(seed)
        with eagerly(), torch.no_grad():
            caught = first_input(watched.model, batch, watched.parameters)
        if caught is None:
            raise augment.UnreachedError
        return caught

    def draw(picture: Array, seed: int) -> Array:
        return shown([picture] * several, seed)

    def mixed(which: str, seed: int) -> Array:
        pictures = [texture(size, 1), texture(size, 2)]
        order = {"one": [0], "two": [1], "both": [0, 1, 1, 0]}[which]
        return shown([pictures[order[k % len(order)]] for k in range(several)], seed)

    try:
        augment.check(draw, size)
    except (augment.UnreachedError, augment.UnrepeatableError):
        return
    facts.effects = {
        kind: replace(effect, where="the model's forward")
        for kind, effect in mixing.of_batches(mixed, range(6)).items()
    }
    if not augment.varies(draw, size, range(6)):
        return
    found = augment.measure(draw, size, range(8))
    facts.effects |= {e.kind: replace(e, where="the model's forward") for e in found}
    if "pixels" in facts.runs:  # dropout on the input, and told as that
        for kind in ("noise", "cutout", "resampling", "blur"):
            facts.effects.pop(kind, None)
    elif not found:
        facts.effects["unknown-augmentation"] = Effect(
            "unknown-augmentation", 1.0, "images are changed at random", "the model's forward"
        )


def _batch_statistics(facts: ModelFacts, watched: Watched) -> None:
    """See whether the scores of one image change with the others of its batch.

    Where the images themselves meet before the first layer, that is the input's normalisation.
    """
    images = watched.images
    others = images.clone()
    others[1:] = images.amax() + images.amin() - images[1:]

    def front(batch: Tensor) -> Tensor | None:
        watched.restore()
        watched.randomness.seed(0)
        with eagerly(), torch.no_grad():
            return front_of(watched.model, batch, watched.parameters)

    one, two = front(images), front(others)
    if one is None or two is None or not torch.allclose(one[0], two[0], rtol=1e-4, atol=1e-6):
        return
    one, two = scores_of(watched.run(0))[0], scores_of(watched.run(0, others))[0]
    if not torch.allclose(one, two, rtol=1e-3, atol=1e-4 * float(one.abs().max())):
        text = "an image's scores depend on the other images of its batch"
        facts.runs["batch-norm"] = (1, text)


def _needs_batch(watched: Watched) -> bool:
    try:
        watched.run(0, watched.images[:1])
    except ValueError as error:
        return "more than 1 value per channel" in str(error)
    except Exception:  # noqa: BLE001 - whatever a batch of one does to the user's code
        return False
    return False


def _evaluation(facts: ModelFacts, watched: Watched, traces: list[Trace], classes: int) -> None:
    watched.model.eval()
    trace = watched.trace(0, classes)
    facts.members = max(facts.members, trace.info.members)
    most = max(max(trace.runs.values(), default=0), 1)
    usual = max(max(traces[0].runs.values(), default=0), 1)
    if "views" in trace.info.marks and most > usual:
        facts.runs["tta"] = (most, f"in evaluation the scores of {most} views are joined")
    trained = frozenset().union(*(t.info.used for t in traces))
    others = trace.info.used - trained
    if others and _twins(watched, others, trained):
        facts.runs["ema"] = (1, "in evaluation another set of the same weights runs")
    watched.model.train()


def _twins(watched: Watched, others: frozenset[Any], trained: frozenset[Any]) -> bool:
    """Whether weights used in evaluation alone are as many and as large as the trained ones."""
    shapes: dict[Any, tuple[int, ...]] = {}
    for tensor in [*watched.model.parameters(), *watched.model.buffers()]:
        storage = int(tensor.untyped_storage()._cdata)  # noqa: SLF001
        shapes[(storage, tensor.storage_offset())] = tuple(tensor.shape)
    one = sorted(shapes.get(k, ()) for k in others)
    two = sorted(shapes.get(k, ()) for k in trained)
    return bool(one) and all(shape in two for shape in one) and len(one) * 2 >= len(two)
