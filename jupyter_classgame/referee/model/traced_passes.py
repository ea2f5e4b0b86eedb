"""Observe a model: passes in training and in evaluation mode, traced."""

from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.referee.facts import ModelFacts, OutputKind
from jupyter_classgame.referee.isolation.counters import STEPS
from jupyter_classgame.referee.isolation.time_budget import TimeBudget
from jupyter_classgame.referee.model.followed import what_is_unseen
from jupyter_classgame.referee.model.internal_augmentation import (
    observe_augmentation,
    observe_batch_statistics,
)
from jupyter_classgame.referee.model.replay import ModelReplay, find_scores
from jupyter_classgame.referee.model.tracing.op_tracer import Trace
from jupyter_classgame.referee.model.tracing.provenance import storage_of
from jupyter_classgame.referee.model.views import observe_views
from jupyter_classgame.referee.model.whole_batches import BatchSizes, WholeBatches

PASSES = 12
PASS_SECONDS = 0.4
NEAR = 1e-3
EXPLAINED = {"dropout", "stochastic-depth", "noise"}


def observe_model(replay: ModelReplay, batches: BatchSizes | None = None) -> ModelFacts:
    """Trace passes of a model on real images.

    Parameters
    ----------
    replay
        The model as it will be trained, with a few images as the training loader yields them.
    batches
        The sizes of the batches of the run, on which it is held that the same is done to them as to
        a few images; None for no such comparison.

    Raises
    ------
    Exception
        Whatever the model's forward raises.
    """
    facts = ModelFacts(parallel=replay.parallel)
    facts.parameters = sum(p.numel() for p in replay.model.parameters())
    facts.trainable = sum(p.numel() for p in replay.model.parameters() if p.requires_grad)
    replay.model.train()
    outputs, moved = replay.first()
    scores = find_scores(outputs)
    facts.outputs = tuple(scores.shape)
    facts.output_kind = output_kind(scores)
    if facts.output_kind == "logits" and _squeezed(replay, scores):
        facts.output_kind = "between 0 and 1"
    traces = _train(facts, replay, scores, moved=moved or _counts(replay, scores))
    if "batch-norm" in facts.runs or facts.unseen:
        facts.needs_batch = _needs_batch(replay)
    _evaluation(facts, replay, traces)
    if batches is not None:
        _whole_batches(facts, replay, traces, batches)
    replay.model.train()
    return facts


def _train(facts: ModelFacts, replay: ModelReplay, scores: Tensor, *, moved: bool) -> list[Trace]:
    """Observe training passes; `scores` are those of the first one."""
    traces = _training_passes(replay, scores.shape[-1], moved=moved)
    moved = moved or not _alike(scores, find_scores(traces[0].outputs))
    _summarise(facts, traces)
    facts.unseen = facts.unseen or what_is_unseen(replay.model, traces)
    if any(t.writes for t in traces):
        facts.unseen = facts.unseen or "its forward changes its own weights in training"
    _random(facts, replay, traces, moved=moved)
    if any(t.over_batch for t in traces) and "batch-norm" not in facts.runs:
        observe_batch_statistics(facts, replay)
    return traces


def _whole_batches(
    facts: ModelFacts, replay: ModelReplay, traces: list[Trace], batches: BatchSizes
) -> None:
    """Observe the model again on batches as large as those of the run, where it treats them so."""
    whole = WholeBatches(replay)
    sizes = [(batches.training, True), *((rows, False) for rows in sorted({*batches.evaluation}))]
    for rows, training in sizes:
        if not whole.differs(rows, training=training):
            continue
        other = ModelReplay(replay.model, whole.images(rows), replay.extra)
        other.model.train(training)
        outputs, moved = other.first()
        if training:
            _train(facts, other, find_scores(outputs), moved=moved)
        else:
            _evaluation(facts, other, traces)
        if len(other.images) < rows and not whole.differs(len(other.images), training=training):
            text = f"it does to batches of {rows} images what it does not do to smaller ones"
            facts.unseen = facts.unseen or text


def output_kind(scores: Tensor) -> OutputKind:
    """Return what scores are, judged by their sums: probabilities, over classes or the batch."""
    if scores.ndim != 2 or scores.shape[1] < 2:
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


def _counts(replay: ModelReplay, scores: Tensor) -> bool:
    """Return whether the scores depend on a number that the model counts up."""
    counters = replay.counters
    if not counters.places:
        return False
    try:
        found = [_alike(scores, find_scores(replay.run(k))) for k in range(len(STEPS))]
    except Exception:  # noqa: BLE001 - an index that went too far, and whatever else a count is for
        counters.leave_out()
        return False
    if all(found):
        counters.leave_out()
    return not all(found)


def _alike(one: Tensor, two: Tensor) -> bool:
    """Return whether two passes from the same state gave the same scores, but for rounding."""
    if one.shape != two.shape:
        return False
    one, two = one.detach().float(), two.detach().float()
    most = float(one.abs().nan_to_num().max()) if one.numel() else 0.0
    return bool(torch.allclose(one, two, rtol=1e-3, atol=1e-3 * most, equal_nan=True))


def _squeezed(replay: ModelReplay, scores: Tensor) -> bool:
    """Return whether scores stay between 0 and 1 however large the images are: a sigmoid."""
    if bool((scores < 0).any()) or bool((scores > 1).any()):
        return False
    large = find_scores(replay.run(0, 1e4 * replay.images))
    return bool(((large >= 0) & (large <= 1)).all()) and not bool((large == 0).all())


def _training_passes(replay: ModelReplay, classes: int, *, moved: bool) -> list[Trace]:
    first = replay.trace(0, classes)
    if first.operations == 0:
        raise RuntimeError("no operation of the model could be seen")
    if not moved:
        return [first]
    random = _random_operands(first, replay.trace(1, classes), replay.trace(2, classes))
    budget = TimeBudget(PASS_SECONDS)
    traces = []
    for seed in range(PASSES):
        traces.append(replay.trace(seed, classes, random))
        if budget.over and len(traces) > 2:
            break
    return traces


def _random_operands(*traces: Trace) -> frozenset[int]:
    """Return the numbers of the operations with an operand that differs between passes."""
    found: set[int] = set()
    first = {o.index: o.content for o in traces[0].operands}
    for other in traces[1:]:
        for operand in other.operands:
            if operand.index in first and first[operand.index] != operand.content:
                found.add(operand.index)
    return frozenset(found)


def _summarise(facts: ModelFacts, traces: list[Trace]) -> None:
    deepest = max(traces, key=lambda t: len(t.provenance.path))
    facts.convolutions = max(facts.convolutions, len(deepest.provenance.path))
    facts.members = max(facts.members, *(t.provenance.members for t in traces))
    count = facts.convolutions
    facts.depth_text = f"{count} convolution{'' if count == 1 else 's'} run one after another"
    for trace in traces:
        for kind in trace.provenance.marks:
            number, text = facts.runs.get(kind, (0, ""))
            facts.runs[kind] = (max(number, trace.counts[kind]), text or trace.texts[kind])
    facts.runs.pop("views", None)
    strays = frozenset().union(*(t.provenance.used & t.strays for t in traces))
    facts.strays = max(facts.strays, len(strays))


def _random(facts: ModelFacts, replay: ModelReplay, traces: list[Trace], *, moved: bool) -> None:
    if not moved:
        return
    outputs = [find_scores(trace.outputs).detach().float() for trace in traces[:4]]
    facts.random_in_training |= any(
        o.shape != outputs[0].shape or not torch.allclose(o, outputs[0], atol=1e-6)
        for o in outputs[1:]
    )
    routes = {t.provenance.convolved for t in traces}
    if len(routes) > 1:
        fewer = sum(len(t.provenance.convolved) < max(map(len, routes)) for t in traces)
        facts.runs["stochastic-depth"] = (
            1, f"in {fewer} of {len(traces)} passes some layers are left out",
        )  # fmt: skip
        facts.random_in_training = True
    observe_augmentation(facts, replay)
    if facts.random_in_training and not (facts.runs.keys() & EXPLAINED or facts.effects):
        facts.unexplained = True


def _needs_batch(replay: ModelReplay) -> bool:
    """Return whether a training pass of one image fails, where one of two does not."""
    return _fails(replay, 1) and not _fails(replay, 2)


def _fails(replay: ModelReplay, images: int) -> bool:
    try:
        replay.run(0, replay.images[:images])
    except Exception:  # noqa: BLE001 - whatever so few do to the user's code
        return True
    return False


def _evaluation(facts: ModelFacts, replay: ModelReplay, traces: list[Trace]) -> None:
    """Observe a pass in evaluation mode, beside those in training mode."""
    classes = int(facts.outputs[-1])
    replay.model.eval()
    trace = replay.trace(0, classes)
    facts.members = max(facts.members, trace.provenance.members)
    trained = frozenset().union(*(t.provenance.used for t in traces))
    others = _weights_of_evaluation(replay, trace, classes) - trained
    if others and _same_shapes(replay, others, trained):
        facts.runs["ema"] = (1, "in evaluation another set of the same weights runs")
    elif trained and not trained & trace.provenance.used:
        facts.unseen = facts.unseen or "in evaluation other weights run than are trained"
    views = observe_views(replay, traces, trace)
    if views is not None:
        facts.runs["tta"] = views


def _weights_of_evaluation(replay: ModelReplay, trace: Trace, classes: int) -> frozenset[Any]:
    """Return the weights that run in evaluation: parameters, and buffers that run only there."""
    buffers = [b for b, _ in replay.buffers if b.is_floating_point() and b.ndim > 1]
    held = [b for b in buffers if storage_of(b) in trace.read]
    if not held:
        return trace.provenance.used
    used = replay.trace(0, classes, held=held).provenance.used
    replay.model.train()
    fixed = replay.trace(0, classes, held=held).provenance.used  # kernels that blur, for example
    replay.model.eval()
    return trace.provenance.used | (used - fixed)


def _same_shapes(replay: ModelReplay, others: frozenset[Any], trained: frozenset[Any]) -> bool:
    """Return whether the weights used in evaluation only have the shapes of the trained ones."""
    shapes: dict[Any, tuple[int, ...]] = {}
    for tensor in [*replay.model.parameters(), *replay.model.buffers()]:
        shapes[(storage_of(tensor), tensor.storage_offset())] = tuple(tensor.shape)
    one = sorted(shapes.get(k, ()) for k in others)
    two = sorted(shapes.get(k, ()) for k in trained)
    return bool(one) and all(shape in two for shape in one) and len(one) * 2 >= len(two)
