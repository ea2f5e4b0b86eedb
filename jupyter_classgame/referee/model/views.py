"""Test-time augmentation inside a model: what reaches its first layer in evaluation."""

import torch
from torch import Tensor

from jupyter_classgame.referee.model.replay import ModelReplay, find_scores
from jupyter_classgame.referee.model.tracing.op_tracer import Front, Trace

Views = tuple[int, str]

NEAR = 1e-3
"""How far what is the same but for scale and offset may be from that, of its spread."""


def observe_views(replay: ModelReplay, training: list[Trace], trace: Trace) -> Views | None:
    """Return how many views of each image are joined in evaluation and how, or None.

    Parameters
    ----------
    replay
        The model and the images that were given.
    training
        Traces of training passes.
    trace
        Trace of an evaluation pass.
    """
    rows = len(replay.images)
    joined = "views" in trace.provenance.marks
    times = _more_often(trace, rows, training[0])
    if joined and times > 1:
        return times, f"in evaluation the scores of {times} views are joined"
    if joined:
        seen = [[f.images for f in fronts] for fronts in trace.fronts.values()]
        distinct = max((_distinct(images, rows) for images in seen), default=0)
        if distinct > 1:
            return distinct, f"the scores of {distinct} views of an image are joined"
    if len(find_scores(trace.outputs)) == rows:
        for fronts in trace.fronts.values():
            for front in fronts:
                if (times := _times(front.images, replay.images)) > 1:
                    return times, f"in evaluation the first layer sees {times} views of each image"
    for group, fronts in trace.fronts.items():
        before = [f for t in training for f in t.fronts.get(group, [])]
        if len(fronts) == 1 and before and _changed(before, fronts[0]):
            return 1, "in evaluation the first layer sees other images than in training"
    return None


def _more_often(trace: Trace, rows: int, training: Trace) -> int:
    """Return how many times as often an image passes a layer in evaluation as in training."""
    usual = len(find_scores(training.outputs))
    times = [
        count * usual / (rows * training.rows[group])
        for group, count in trace.rows.items()
        if training.rows.get(group)
    ]
    return round(max(times, default=1))


def _distinct(views: list[Tensor], rows: int) -> int:
    """Return how many of several batches of so many rows differ."""
    kept: list[Tensor] = []
    for view in (v for v in views if len(v) == rows):
        if not any(view.shape == k.shape and torch.allclose(view, k) for k in kept):
            kept.append(view)
    return len(kept)


def _times(front: Tensor, images: Tensor) -> int:
    """Return how many views of each image a batch holds; 1 where its rows are parts of images."""
    times, rest = divmod(len(front), len(images))
    if rest or times < 2 or images.ndim != 4:
        return 1
    if front.ndim != 4:
        return times if front.numel() == times * images.numel() else 1
    large = 2 * front.shape[2:].numel() >= images.shape[2:].numel()
    return times if large and front.shape[1] >= images.shape[1] else 1


def _changed(training: list[Front], evaluation: Front) -> bool:
    """Return whether what is always the same in training is another in evaluation.

    A batch normalisation of the images changes scale and offset, which does not count.
    """
    first = training[0].images
    if any(f.images.shape != first.shape or not torch.equal(f.images, first) for f in training):
        return False
    if "batch-norm" in evaluation.marks or evaluation.images.shape != first.shape:
        return False
    one, two = (t.detach().double().transpose(0, 1).flatten(1) for t in (first, evaluation.images))
    one, two = (t - t.mean(1, keepdim=True) for t in (one, two))
    size = two.norm(dim=1)
    slope = (one * two).sum(1) / one.norm(dim=1).square().clamp_min(1e-12)
    rest = (two - slope[:, None] * one).norm(dim=1)
    return bool((rest > NEAR * size.clamp_min(1e-6)).any())
