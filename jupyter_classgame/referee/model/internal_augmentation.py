"""Observe what a model does to images before its first layer, and between images of a batch."""

from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from jupyter_classgame.referee.augmentation import measurement, mixup_cutmix
from jupyter_classgame.referee.augmentation.probe_images import Array, texture
from jupyter_classgame.referee.facts import Effect, ModelFacts
from jupyter_classgame.referee.model.first_layer import first_input, front_of
from jupyter_classgame.referee.model.replay import ModelReplay, find_scores
from jupyter_classgame.referee.model.without_dropout import WithoutDropout

SEVERAL = 8


class _FirstLayerProbe:
    """Draws of pictures at the input of a model's first layer with weights.

    Parameters
    ----------
    replay
        The model.
    dropped
        The model applies dropout to the images, which is disabled.
    """

    def __init__(self, replay: ModelReplay, *, dropped: bool) -> None:
        self.replay, self.dropped = replay, dropped
        images = replay.images
        self.count = max(SEVERAL, len(images))
        self.low, self.high = float(images.min()), float(images.max())
        self.channels, *size = (int(side) for side in images.shape[1:])
        self.size = (size[0], size[1])

    def batch(self, pictures: list[Array], seed: int) -> Array:
        """Return a batch of pictures as it reaches the first layer."""
        wanted = (self.channels, *self.size)
        values = np.stack([np.resize(p.transpose(2, 0, 1), wanted) for p in pictures])
        scaled = (self.low + (self.high - self.low) * values).astype(np.float32)
        replay = self.replay
        replay.begin(seed)
        images = torch.from_numpy(scaled).to(replay.images)
        undropped = WithoutDropout(images) if self.dropped else nullcontext()
        with replay.conditions(), undropped:
            caught = first_input(replay.model, images, replay.parameters)
        if caught is None:
            raise measurement.ProbesLostError
        return caught

    def draw(self, picture: Array, seed: int) -> Array:
        """Return a batch of one picture as it reaches the first layer."""
        return self.batch([picture] * self.count, seed)

    def mixed(self, which: str, seed: int) -> Array:
        """Return a batch of the one texture, of the other, or of both in turn."""
        pictures = [texture(self.size, 1), texture(self.size, 2)]
        order = {"one": [0], "two": [1], "both": [0, 1, 1, 0]}[which]
        return self.batch([pictures[order[k % len(order)]] for k in range(self.count)], seed)


def observe_augmentation(facts: ModelFacts, replay: ModelReplay) -> None:
    """Find augmentation in the model: changes of images before its first layer with weights."""
    if replay.images.ndim != 4:
        return
    # Dropout of the images is reported as dropout; here it would look like noise or jitter.
    front = _FirstLayerProbe(replay, dropped="pixels" in facts.runs)
    try:
        measurement.check(front.draw, front.size)
    except (measurement.ProbesLostError, measurement.NotReproducibleError):
        return
    facts.effects |= mixup_cutmix.of_batches(front.mixed, range(6))
    if measurement.varies(front.draw, front.size, range(6)):
        found = measurement.measure(front.draw, front.size, range(8))
        facts.effects |= {effect.kind: effect for effect in found}
        if not found:
            text = "images are changed at random"
            facts.effects["unknown-augmentation"] = Effect("unknown-augmentation", 1.0, text)
    for effect in facts.effects.values():
        effect.where = "the model's forward"


def observe_batch_statistics(facts: ModelFacts, replay: ModelReplay) -> None:
    """Find batch normalisation: whether an image's scores depend on the rest of its batch.

    A dependence before the first layer does not count: it normalises the input.
    """
    images = replay.images
    others = images.clone()
    others[1:] = images.amax() + images.amin() - images[1:]

    def front(batch: Tensor) -> Tensor | None:
        replay.begin(0)
        with replay.conditions():
            return front_of(replay.model, batch, replay.parameters)

    one, two = front(images), front(others)
    if one is None or two is None or not torch.allclose(one[0], two[0], rtol=1e-4, atol=1e-6):
        return
    one, two = find_scores(replay.run(0))[0], find_scores(replay.run(0, others))[0]
    if not torch.allclose(one, two, rtol=1e-3, atol=1e-4 * float(one.abs().max())):
        text = "an image's scores depend on the other images of its batch"
        facts.runs["batch-norm"] = (1, text)
