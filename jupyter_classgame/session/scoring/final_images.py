"""The hidden test images, prepared as those that a run was validated on, and known answers.

A score is worth something only for what a ranked run left: its weights, in a model that still
computes the same, on images that reach it in the same way. So a run's end records what its model
says of validation images, and a final score begins by asking about all of them again. Then come the
hidden images, with those for validation once more among them and some of both twice, in an order
drawn at that moment: a table of answers cannot know which image it is shown by its place.
"""

import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import default_collate

from jupyter_classgame.data import GameDataset, ImageSets
from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.evaluation.prediction import predict, to_probabilities
from jupyter_classgame.session.image_preparation import PLAIN, Preparation
from jupyter_classgame.session.scoring.watched_passes import WatchedPasses, are_others
from jupyter_classgame.session.verdicts import lines_of, verdict_on_model
from jupyter_classgame.shop.storage.records import Answers
from jupyter_classgame.training.device.placement import device_of
from jupyter_classgame.training.loop.meter import class_indices, split_batch
from jupyter_classgame.training.random_state import random_state_kept
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context
    from jupyter_classgame.shop.storage.records import RunRecord

BATCH_SIZE = 256

FIRST = 32
"""Validation images in a batch that a model is asked about at the end of its run."""

SHARE, SECONDS = 0.02, 0.3
"""Share of a run's time, and seconds, after which it is asked about no further batch.

In a final score it is asked about all validation images."""

FEW = 4
"""Validation images on which a model is judged whose answers are not known."""

TWICE = 8
"""Every so many images in a final score are asked about a second time."""

NEAR = 1e-3
"""Answers are the same to this part of the largest: devices and libraries round differently."""

SURELY = 10 * NEAR
"""From this part of the largest on they are surely others."""


def remember(
    context: "Context", request: RunRequest, weights: str, seconds: float
) -> Answers | None:
    """Remember how images reach a model whose run has left certain weights.

    Parameters
    ----------
    context, request, weights
        The game, what was trained, and the digest of its weights.
    seconds
        That the run has taken.

    Returns
    -------
    Answers or None
        Its :func:`answers`; None where it is not known how images reach it.
    """
    loaders = (request.val_loader, context.namespace.get("val_loader"))
    loader = next((each for each in loaders if each is not None), None)
    if loader is None:
        found = PLAIN if Preparation.of(request.train_loader) == PLAIN else None
    else:
        found = Preparation.of(loader)
    context.preparations[weights] = found
    # in the background other cells draw random numbers meanwhile
    with nullcontext() if request.background else random_state_kept():
        if not found:
            return None
        return answers(request.model, context.images, found, min(SECONDS, SHARE * seconds))


def changed_by_size(context: "Context", request: RunRequest, weights: str, limit: float) -> str:
    """Say that a model whose answers were remembered gives others in batches as of a final score.

    Nothing is asked that would take longer than a limit in seconds.
    """
    preparation = context.preparations.get(weights)
    if preparation is None:
        return ""
    network = unwrapped(request.model)
    home = device_of(network)
    asked = GameImages(context.images, preparation)
    order = drawn(asked.validation)
    begun = time.perf_counter()
    with nullcontext() if request.background else random_state_kept():
        try:
            few = _scores(network, asked, order[:FIRST], home)
            if (time.perf_counter() - begun) * BATCH_SIZE / FIRST > limit:
                return ""
            places = (order * (1 + BATCH_SIZE // len(order)))[:BATCH_SIZE]
            many = _scores(network, asked, places, home)[: len(few)]
        except Exception:  # noqa: BLE001 - whatever a user's own code does with so many images
            return ""
    if float((few - many).abs().max()) <= SURELY * float(few.abs().max()):
        return ""
    return (
        f"in a batch of {BATCH_SIZE} images, as in a final score, the model says of an image what "
        f"it does not say in one of {len(few)}"
    )


def preparation_for(context: "Context", weights: list[str]) -> Preparation:
    """Find how the hidden images are to be prepared for models with certain weights.

    Raises
    ------
    EvaluationError
        It is not known; nothing was scored.
    """
    known_here = context.preparations
    remembered = [known_here[each] for each in weights if each in known_here]
    if known := [each for each in remembered if each is not None]:
        return known[0]
    loader = context.namespace.get("val_loader")
    if loader is not None:
        if (found := Preparation.of(loader)) is None:
            raise EvaluationError(
                "val_loader holds none of the game's validation images, or hands them on in a way "
                "of its own, so how to prepare the hidden ones is not known; build it with "
                'game.loader("val", transform=...)'
            )
        return found
    train = context.namespace.get("train_loader")
    if remembered or (train is not None and Preparation.of(train) != PLAIN):
        raise EvaluationError(
            "training images are transformed and there is no val_loader, so how to prepare the "
            "hidden images is not known; define "
            'val_loader = game.loader("val", transform=...) with what is not random of it'
        )
    return PLAIN


class GameImages:
    """The validation and the hidden test images, prepared alike, in the order they are asked for.

    The user's code prepares them and is shown labels that say nothing; the true ones are put in
    their place. That guards against mistakes alone: images and labels are in the kernel.

    Attributes
    ----------
    validation, hidden
        The numbers of the images of each kind.
    """

    def __init__(self, images: ImageSets, preparation: Preparation) -> None:
        self._parts = [
            GameDataset.of(images, split, 1.0, preparation.transform) for split in ("val", "test")
        ]
        counts = [len(part) for part in self._parts]
        self.validation, self.hidden = range(counts[0]), range(counts[0], sum(counts))
        self.labels = torch.from_numpy(np.concatenate([part.labels for part in self._parts]))
        stand_ins = np.random.default_rng(0)
        for part in self._parts:
            shown = stand_ins.integers(len(images.classes), size=len(part))
            part.labels = shown.astype(np.int64)
        self._collate = preparation.collate or default_collate

    def batches(
        self, places: Sequence[int], size: int = BATCH_SIZE
    ) -> Iterator[tuple[Any, Tensor]]:
        """Give batches (images, true labels) of the images with these numbers.

        Raises
        ------
        EvaluationError
            The collate_fn gives other images, or in another order, than it was given.
        """
        for start in range(0, len(places), size):
            chosen = places[start : start + size]
            samples = self._samples(chosen)
            images, shown = split_batch(self._collate(samples), "val_loader")
            given = class_indices(shown).to(torch.int64)
            expected = torch.tensor([label for _, label in samples])
            if len(images) != len(chosen) or not torch.equal(given, expected):
                raise EvaluationError(
                    "val_loader's collate_fn gives other images or labels than it was given, or in "
                    "another order; let it prepare images only, all of them and in their order"
                )
            yield images, self.labels[chosen]

    def _samples(self, places: Sequence[int]) -> list[Any]:
        """Take images from their datasets, with one gather from each, in the order asked for."""
        first = len(self.validation)
        found: dict[int, Any] = {}
        for part, of_part, before in zip(
            self._parts, (self.validation, self.hidden), (0, first), strict=True
        ):
            own = sorted({place for place in places if place in of_part})
            if own:
                taken = part.__getitems__([place - before for place in own])
                found.update(zip(own, taken, strict=True))
        return [found[place] for place in places]


def drawn(places: Iterable[int]) -> list[int]:
    """Put numbers in an order that nothing in the kernel can foresee."""
    order = list(places)
    secrets.SystemRandom().shuffle(order)
    return order


def answers(
    model: nn.Module, images: ImageSets, preparation: Preparation, seconds: float = SECONDS
) -> Answers | None:
    """Ask a model about validation images for some seconds, in eval mode; leave it as it was.

    Returns
    -------
    Answers or None
        None where the model gives no scores, or others in another batch.
    """
    network = WatchedPasses(unwrapped(model))
    home = device_of(network)
    asked = GameImages(images, preparation)
    order = drawn(asked.validation)
    end = time.perf_counter() + seconds
    try:
        first = _scores(network, asked, order[:FIRST], home)
        again = _scores(network, asked, order[: FIRST // 2][::-1], home).flip(0)
        if not alike(first[: FIRST // 2], again):
            return None
        found = [first]
        for start in range(FIRST, len(order), FIRST):
            if time.perf_counter() > end:
                break
            found.append(_scores(network, asked, order[start : start + FIRST], home))
    except Exception:  # noqa: BLE001 - whatever a user's own code does with images it was not made for
        return None
    scores, classes = torch.cat(found).max(1)
    rounded = [float(f"{score:.6g}") for score in scores.tolist()]
    operations = next(iter(network.digests)) if len(network.digests) == 1 else ""
    return Answers(order[: len(rounded)], classes.tolist(), rounded, operations)


def _scores(
    network: nn.Module, asked: GameImages, places: Sequence[int], device: torch.device
) -> Tensor:
    (scores,), _ = predict([network], asked.batches(places), device, raw=True)
    return scores


def alike(one: Tensor, other: Tensor) -> bool:
    """Whether scores (N, C) are the same but for rounding."""
    return one.shape == other.shape and bool(
        (one - other).abs().max() <= NEAR * one.abs().max().clamp_min(1.0)
    )


class Asked:
    """The members of what is scored, asked about the game's images.

    Attributes
    ----------
    members
        The models, by what the player calls them, and the run behind each.
    preparation
        How images reach them.
    device
        Where they compute.
    """

    def __init__(
        self,
        context: "Context",
        members: Sequence[tuple[str, nn.Module, "RunRecord"]],
        preparation: Preparation,
        device: torch.device,
    ) -> None:
        self._context = context
        self.members, self.preparation, self.device = members, preparation, device
        self._images = GameImages(context.images, preparation)

    def asked_as(self, other: "Asked") -> bool:
        """Whether another would ask the same members in the same way, and get known answers.

        Whether a member computes what it did is not looked at: in the end it has to answer as it
        did when it was asked first.
        """
        here, there = (
            [(model, run.weights, run.answers) for _, model, run in each.members]
            for each in (self, other)
        )
        known = all(answers is not None for _, _, answers in here)
        same = self.preparation == other.preparation and self.device == other.device
        return known and same and here == there

    def check(self) -> None:
        """Refuse members that no longer compute what they did at the end of their runs.

        Where a member's answers were not known then, what it does now must have been owned then.

        Raises
        ------
        EvaluationError
            Answers are others than those recorded; nothing was scored.
        """
        order = drawn(self._images.validation)
        self._before, operations = self._ask(order)
        places = {place: row for row, place in enumerate(order)}
        for (name, model, run), scores, ran in zip(
            self.members, self._before, operations, strict=True
        ):
            if run.answers is None:
                self._judge(name, model, run)
            elif not _as_recorded(run.answers, scores, places) or are_others(
                run.answers.operations, ran
            ):
                raise _changed(name, run)
        self._order = order

    def probabilities(self) -> tuple[list[Tensor], Tensor]:
        """Give each member's probabilities (N, C) of the hidden images, and the labels (N,).

        Raises
        ------
        EvaluationError
            A member answers otherwise than before, or otherwise at a second time; nothing was
            scored.
        """
        hidden, validation = self._images.hidden, self._images.validation
        every = [*validation, *hidden]
        order = drawn([*every, *drawn(every)[::TWICE]])
        first = {place: row for row, place in reversed(list(enumerate(order)))}
        found, operations = self._ask(order)
        one = [first[place] for place in order]
        earlier = [first[place] for place in self._order]
        for (name, _, run), scores, before, ran in zip(
            self.members, found, self._before, operations, strict=True
        ):
            if run.answers is None:
                continue
            steady = alike(scores[one], scores) and alike(before, scores[earlier])
            if not steady or are_others(run.answers.operations, ran):
                raise _changed(name, run)
        rows = [first[place] for place in hidden]
        return [to_probabilities(scores)[rows] for scores in found], self._images.labels[hidden]

    def _ask(self, places: Sequence[int]) -> tuple[list[Tensor], list[set[str]]]:
        """Give each member's scores (N, C), and digests of what ran in its passes."""
        networks = [WatchedPasses(unwrapped(model)) for _, model, _ in self.members]
        scores, _ = predict(networks, self._images.batches(places), self.device, raw=True)
        return scores, [network.digests for network in networks]

    def _judge(self, name: str, model: nn.Module, run: "RunRecord") -> None:
        shown, _ = next(self._images.batches(self._images.validation[:FEW]))
        verdict = verdict_on_model(self._context, model, shown, run.owned)
        if not verdict.allowed:
            reason = "; ".join(lines_of(verdict))
            raise EvaluationError(f"{name} does more than {_which(run)} was judged for: {reason}")


def _as_recorded(recorded: Answers, scores: Tensor, rows: dict[int, int]) -> bool:
    if max(recorded.classes) >= scores.shape[1] or max(recorded.images) >= len(rows):
        return False
    at = [rows[image] for image in recorded.images]
    now = scores[at, recorded.classes]
    return alike(torch.tensor(recorded.scores)[:, None], now[:, None])


def _which(run: "RunRecord") -> str:
    return f"run {run.number} ({run.label})"


def _changed(name: str, run: "RunRecord") -> EvaluationError:
    return EvaluationError(
        f"{name} does not compute what it did at the end of {_which(run)}: its forward, its class, "
        "its hooks or the way val_loader prepares images was changed since; put that back"
    )
