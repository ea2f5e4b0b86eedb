"""Observe a model: passes in training and in evaluation mode, traced."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from jupyter_classgame.training.fingerprint import unwrapped

from . import augment
from .facts import Effect, ModelFacts
from .front import first_input
from .probes import Array
from .randomness import Randomness, is_generator
from .trace import Trace, Tracer
from .walk import walk

PASSES = 12
PASS_SECONDS = 0.4
NEAR = 1e-3
EXPLAINED = {"dropout", "stochastic-depth", "noise"}


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
    classes = scores.shape[-1]
    traces = _training_passes(watched, classes, moved=moved)
    _summarise(facts, traces)
    _random(facts, watched, traces, moved=moved)
    facts.needs_batch = _needs_batch(watched)
    _evaluation(facts, watched, traces, classes)
    return facts


def output_kind(scores: Tensor) -> str:
    """Say whether scores are ``"probabilities"``, ``"log-probabilities"`` or ``"logits"``."""
    if scores.ndim != 2 or scores.shape[1] < 2:  # noqa: PLR2004
        return "logits"
    rows = scores.detach().double()
    if bool((rows >= 0).all()) and bool(((rows.sum(1) - 1).abs() < NEAR).all()):
        return "probabilities"
    if bool((rows <= NEAR).all()) and bool(((rows.exp().sum(1) - 1).abs() < NEAR).all()):
        return "log-probabilities"
    return "logits"


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
    size = (int(images.shape[2]), int(images.shape[3]))
    channels = int(images.shape[1])

    def draw(picture: Array, seed: int) -> Array:
        values = picture.transpose(2, 0, 1)[:channels] if channels <= 3 else picture  # noqa: PLR2004
        one = torch.from_numpy((low + (high - low) * values).astype(np.float32))
        batch = one.expand(8, *one.shape).to(images).contiguous()
        watched.restore()
        watched.randomness.seed(seed)
        with eagerly(), torch.no_grad():
            caught = first_input(watched.model, batch, watched.parameters)
        if caught is None:
            raise augment.UnreachedError
        return caught

    try:
        augment.check(draw, size)
    except (augment.UnreachedError, augment.UnrepeatableError):
        return
    if not augment.varies(draw, size, range(6)):
        return
    found = augment.measure(draw, size, range(8))
    facts.effects = {e.kind: Effect(e.kind, e.share, e.text, "the model's forward") for e in found}
    if not found:
        facts.effects["unknown-augmentation"] = Effect(
            "unknown-augmentation", 1.0, "images are changed at random", "the model's forward"
        )


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
