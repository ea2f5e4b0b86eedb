"""What a loader does in later epochs: counts, lists, files and the clock are moved on.

An augmentation, or a change of weights, may wait for an epoch or for a number of images. The
sampler is asked for as many epochs as a model may live, and what was counted as items were fetched
is set to what it would be then. Where the same items come out otherwise, they are looked at as at
the start.
"""

import types
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from jupyter_classgame.referee.augmentation.random_effects import observe_effects, observe_mixing
from jupyter_classgame.referee.facts import Effect
from jupyter_classgame.referee.isolation.clock import put_forward
from jupyter_classgame.referee.isolation.counters import Counters
from jupyter_classgame.referee.isolation.object_graph import (
    Reference,
    is_users_class,
    walk,
    written_by_user,
)
from jupyter_classgame.referee.isolation.rng import RandomSources, is_generator
from jupyter_classgame.referee.isolation.time_budget import TimeBudget
from jupyter_classgame.referee.loader.image_fetcher import ImageFetcher, as_array, sized, split
from jupyter_classgame.referee.loader.origins.recognition import descriptors, of_source

SECONDS = 0.15
"""Seconds of processor time for asking one loader about its later epochs."""

FETCHING = 0.06
"""Seconds of those for fetching items in some of the epochs."""

WEARING = 0.04
"""Seconds after that for fetching the same items again, as some counts are not seen."""

MOST_EPOCHS = 60
ITEMS = 8
SEED = 1000
LATER = 7200.0
"""Seconds by which the clock is put forward."""

NEAR = 1e-4
SAME = 0.998
CHANGED, PLAIN = 0.75, 0.9
WEIGHTS, NUMBERS = 6, 4096
"""Of so many parameters, first ones and last ones, so many numbers are summed up each epoch."""


@dataclass
class LaterFacts:
    """What a loader does in a later epoch and not in the first one.

    Attributes
    ----------
    effects
        Changes of the images, by technique.
    random
        Whether any of them is random.
    against
        What no ranked run may do; empty for nothing.
    """

    effects: dict[str, Effect] = field(default_factory=dict)
    random: bool = False
    against: str = ""


def observe_later(
    loader: Any, name: str, model: nn.Module, *, epochs: int, twin: Any = None, source: Any = None
) -> LaterFacts | None:
    """Ask a loader for its later epochs; None where they are as the first one, as far as is seen.

    Parameters
    ----------
    loader
        A DataLoader, or any iterable of batches.
    name
        How messages name it.
    model
        The model of the run.
    epochs
        How many epochs a model may be trained for.
    twin
        The validation loader beside a training loader.
    source
        The game's own images that it is to give: an object with ``len`` and ``images(indices)``.
    """
    if ImageFetcher(loader).one_shot:
        return None
    references = list(walk(loader, name))
    if not _of_user(references):
        return None  # libraries do in each epoch what they do in the first one
    later = _Later(loader, name, references, model, twin, source)
    last = min(epochs, MOST_EPOCHS)
    every = 1 + int(last * later.cost / FETCHING)
    for epoch in range(2, last + 1):
        over = later.budget.over
        later.begin(last if over else epoch)
        if later.weights != later.sums():
            return LaterFacts(against=f"{name} changes the weights as a later epoch begins")
        if over or epoch % every == 0 or epoch == last:
            found = later.found("in later epochs")
            if found is not None:
                return found
        if over:
            break
    if later.wear():
        found = later.found("in later epochs")
        if found is not None:
            return found
    with put_forward(later.references, LATER):
        return later.found("at a later hour")


class _Later:
    """A loader in one epoch after the other."""

    def __init__(
        self, loader: Any, name: str, references: list[Reference], model: nn.Module, twin: Any,
        source: Any,
    ) -> None:  # fmt: skip
        self.loader, self.name, self.twin, self.source = loader, name, twin, source
        self.fetcher = ImageFetcher(loader)
        self.references = references
        self.random = RandomSources(r.value for r in self.references if is_generator(r.value))
        parameters = [
            p.detach().reshape(-1)[:NUMBERS] for p in model.parameters() if p.device.type == "cpu"
        ]
        self._parameters = parameters[: WEIGHTS // 2] + parameters[WEIGHTS // 2 :][-WEIGHTS // 2 :]
        self.weights = self.sums()
        own = type(loader).__iter__ is not DataLoader.__iter__  # it does more than its parts
        by_index = self.fetcher.by_index and not own
        size = sized(self.fetcher.dataset) if by_index else None
        places = {round(k * (size - 1) / (ITEMS - 1)) for k in range(ITEMS)} if size else set()
        self.indices, self.size = sorted(places), size or 0
        self.counters, self.gains = Counters([]), list[int]()
        self.first: np.ndarray | None = None
        self.shuffled = not by_index
        self._known: Tensor | None = None
        self.cost = 0.0
        self.budget = TimeBudget(SECONDS)
        self._begin()

    def _begin(self) -> None:
        """Fetch items, find what is counted by that, and see whether they come out again."""
        counters = Counters(self.references, lengths=True)
        first = self.items()
        counters.find()
        gains = counters.gains()
        if counters.places and self.indices:
            again = self.items()
            counters.keep_steady(gains)
            if _alike(first, again):
                self.counters = counters
                self.gains = [gain // 2 for gain in counters.gains()]
        begun = self.budget.spent
        again = self.items()
        self.cost = self.budget.spent - begun
        if self.shuffled or _alike(first, again):
            self.first = first

    def sums(self) -> list[float]:
        """Sum up some of the weights."""
        return [float(p.nan_to_num().sum()) for p in self._parameters]

    def items(self) -> np.ndarray:
        """Fetch the same few items with the same random numbers; of a stream, its first batch."""
        self.random.seed(SEED)
        batch = self.fetcher.fetch(self.indices) if self.indices else self.fetcher.next_batch()
        return as_array(split(batch)[0])

    def begin(self, epoch: int) -> None:
        """Let an epoch pass and count, without fetching what is in it."""
        self.random.seed(epoch)
        if self.indices:
            order = self.loader.batch_sampler if self.fetcher.batched else self.loader.sampler
            for _ in order:
                if self.budget.over:
                    break
        else:
            next(self.fetcher.batches(), None)
        passed = self.size * (epoch - 1) // max(1, len(self.indices))
        self.counters.forward([gain * passed + epoch % 2 for gain in self.gains])

    def wear(self) -> bool:
        """Fetch items again and again, for counts that are not seen; say whether there was time."""
        if self.first is None:
            return False
        budget = TimeBudget(WEARING)
        while not budget.over:
            self.items()
        return True

    def found(self, when: str) -> LaterFacts | None:
        """Describe what is done to the same items now; None where they are as they were."""
        if self.first is None:
            return None
        now = self.items()
        if not self.shuffled:
            if _alike(self.first, now):
                return None
            with suppress(Exception):  # what cannot be looked at so is compared below
                effects, random, _ = observe_effects(self.loader, self.name, twin=self.twin)
                effects = effects or observe_mixing(self.loader, self.name)
                for effect in effects.values():
                    effect.text = f"{when}: {effect.text}"
                if effects:
                    return LaterFacts(effects, random)
        if self._recognised(self.first) < PLAIN or self._recognised(now) > CHANGED:
            self.shuffled = True  # the game's own, in another order
            return None
        return LaterFacts(against=f"{when} {self.name} gives other images than the game's own")

    def _recognised(self, images: np.ndarray) -> float:
        """Return the share of images that the game has as they are; all where that is unknown."""
        if self._known is None:
            found = None if self.source is None else of_source(self.source)
            self._known = torch.empty(0, 0) if found is None else found
        if not len(self._known):
            return 1.0
        match = (descriptors(torch.as_tensor(images)) @ self._known.T).amax(1)
        return float((match > SAME).double().mean())


def _of_user(references: list[Reference]) -> bool:
    """Say whether any of the user's own code takes part."""
    return any(
        written_by_user(value) if isinstance(value, types.FunctionType)
        else is_users_class(type(value))
        for value in (reference.value for reference in references)
    )  # fmt: skip


def _alike(one: np.ndarray, two: np.ndarray) -> bool:
    return one.shape == two.shape and np.allclose(one, two, rtol=0, atol=NEAR, equal_nan=True)
