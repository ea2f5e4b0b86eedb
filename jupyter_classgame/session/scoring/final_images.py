"""The hidden test images, prepared as those that a run was validated on, and known answers.

A score is worth something only for what a ranked run left: its weights, in a model that still
computes the same, on images that reach it in the same way. So a run's end records a few answers of
its model, and a final score begins by asking for them again.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import default_collate

from jupyter_classgame.data import GameDataset, ImageSets, make_loader
from jupyter_classgame.errors import EvaluationError
from jupyter_classgame.session.image_preparation import PLAIN, Preparation
from jupyter_classgame.session.verdicts import lines_of, verdict_on_model
from jupyter_classgame.training.device.placement import modes_kept
from jupyter_classgame.training.loop.meter import class_indices, scores_of, split_batch
from jupyter_classgame.training.random_state import random_state_kept
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.state.weights_fingerprint import unwrapped

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context
    from jupyter_classgame.shop.storage.records import RunRecord

BATCH_SIZE = 256
ASKED = 4
"""Validation images that a model is asked about."""

NEAR = 1e-3
"""Answers are the same to this part of the largest: devices and libraries round differently."""


def remember(context: "Context", request: RunRequest, weights: str) -> list[list[float]]:
    """Remember how images reach a model whose run has left certain weights.

    Returns
    -------
    list of list of float
        Its :func:`answers`; empty where it is not known how images reach it.
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
        return answers(request.model, context.images, found) if found else []


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


class HiddenImages:
    """The hidden test images in batches (images, labels).

    The user's code prepares the images and is shown labels that say nothing; the true ones are put
    in their place. That guards against mistakes alone: images and labels are in the kernel.
    """

    def __init__(self, images: ImageSets, preparation: Preparation) -> None:
        self._data = GameDataset.of(images, "test", 1.0, preparation.transform)
        self._labels = torch.from_numpy(self._data.labels.copy())
        stand_ins = np.random.default_rng(0).integers(len(images.classes), size=len(self._data))
        self._data.labels = stand_ins.astype(np.int64)
        self._collate = preparation.collate

    def __iter__(self) -> Iterator[tuple[Any, Tensor]]:
        """Give the batches.

        Raises
        ------
        EvaluationError
            The collate_fn gives other images, or in another order, than it was given.
        """
        loader = make_loader(
            self._data, batch_size=BATCH_SIZE, shuffle=False, collate_fn=self._collate
        )
        start = 0
        for batch in loader:
            images, shown = split_batch(batch, "val_loader")
            stop = min(start + BATCH_SIZE, len(self._data))
            expected = torch.from_numpy(self._data.labels[start:stop])
            given = class_indices(shown)
            if len(images) != stop - start or not torch.equal(given.to(torch.int64), expected):
                raise EvaluationError(
                    "val_loader's collate_fn gives other images or labels than it was given, or in "
                    "another order; let it prepare images only, all of them and in their order"
                )
            yield images, self._labels[start:stop]
            start = stop


def answers(model: nn.Module, images: ImageSets, preparation: Preparation) -> list[list[float]]:
    """Ask a model about a few validation images, in eval mode, and leave it as it was.

    Returns
    -------
    list of list of float
        Its scores, a row an image; empty where it gives none, or others each time.
    """
    network = unwrapped(model)
    try:
        with modes_kept(network), torch.no_grad():
            network.eval()
            first, again = (_scores(network, images, preparation) for _ in range(2))
    except Exception:  # noqa: BLE001 - whatever a user's own code does with images it was not made for
        return []
    if not torch.isfinite(first).all() or not _alike(first, again):
        return []
    return [[float(f"{score:.6g}") for score in row] for row in first.tolist()]


def asked(images: ImageSets, preparation: Preparation) -> Tensor:
    """Give the few validation images that models are asked about, prepared so."""
    data = GameDataset.of(images, "val", 1.0, preparation.transform)
    places = np.linspace(0, len(data) - 1, min(ASKED, len(data))).astype(int).tolist()
    batch = (preparation.collate or default_collate)(data.__getitems__(places))
    shown: Tensor = split_batch(batch, "val_loader")[0]
    return shown


def _scores(network: nn.Module, images: ImageSets, preparation: Preparation) -> Tensor:
    home = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    return scores_of(network(asked(images, preparation).to(home))).float().cpu()


def _alike(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(
        (one - other).abs().max() <= NEAR * one.abs().max().clamp_min(1.0)
    )


def check_answers(
    context: "Context", name: str, model: nn.Module, run: "RunRecord", preparation: Preparation
) -> None:
    """Refuse a model that no longer computes what it did at the end of its run.

    Where its answers were not known then, what it does now must have been owned then.

    Raises
    ------
    EvaluationError
        Its answers are others than those recorded; nothing was scored.
    """
    which = f"run {run.number} ({run.label})"
    if not run.answers:
        verdict = verdict_on_model(context, model, asked(context.images, preparation), run.owned)
        if not verdict.allowed:
            reason = "; ".join(lines_of(verdict))
            raise EvaluationError(f"{name} does more than {which} was judged for: {reason}")
        return
    now = answers(model, context.images, preparation)
    if not now or not _alike(torch.tensor(run.answers), torch.tensor(now)):
        raise EvaluationError(
            f"{name} does not compute what it did at the end of {which}: its forward, its class, "
            "its hooks or the way val_loader prepares images was changed since; put that back"
        )
