"""Ensembles, reports and final scores of a game."""

import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.data import GameDataset, ImageSets, make_loader
from jupyter_classgame.errors import EvaluationError, OrderError
from jupyter_classgame.evaluation.ensemble import Ensemble, Vote, build_ensemble
from jupyter_classgame.evaluation.report import Report, score
from jupyter_classgame.shop.item import amount
from jupyter_classgame.shop.records import RunRecord
from jupyter_classgame.training.device import choose_device
from jupyter_classgame.training.fingerprint import fingerprint
from jupyter_classgame.training.plan import check_loader, check_model

from .images import game_datasets
from .namespace import name_of, optional, required
from .status import FinalScore

if TYPE_CHECKING:
    from .game import Game

ENSEMBLING = "ensembling"
BATCH_SIZE = 256
HIDDEN = "the hidden test images"


def ensemble(
    game: "Game",
    members: Sequence[nn.Module],
    *,
    vote: Vote,
    data: Iterable[Any] | None,
    devices: str,
) -> Ensemble:
    """Build an ensemble as :meth:`Game.ensemble` says."""
    if not game.owns(ENSEMBLING):
        raise OrderError(_not_owned(game))
    names = [
        name_of(member, game.namespace, f"model {number}")
        for number, member in enumerate(members, start=1)
    ]
    loader = _validation(game, data)
    result = build_ensemble(
        members,
        loader,
        choose_device(devices),
        names=names,
        vote=vote,
        classes=len(game.classes),
        data=_called(data),
    )
    if not game.practice:
        known = _ranked_runs(game)
        _check_together(game, [known.get(fingerprint(member)) for member in members])
        strangers = [
            name
            for name, member in zip(names, members, strict=True)
            if fingerprint(member) not in known
        ]
        if strangers:
            note = "not the weights of a ranked run since the last reset, so --final will refuse it"
            result.notes = (f"{', '.join(strangers)}: {note}",)
    return result


def evaluate(
    game: "Game", model: nn.Module | None, *, data: Iterable[Any] | None, devices: str
) -> Report:
    """Score a model as :meth:`Game.evaluate` says."""
    chosen = _module(required(model, "model", game.namespace))
    name = name_of(chosen, game.namespace, "model")
    return score(
        chosen,
        _validation(game, data),
        choose_device(devices),
        classes=game.classes,
        name=name,
        data=_called(data),
    )


def final(game: "Game", model: nn.Module | None, images: ImageSets, *, devices: str) -> FinalScore:
    """Score a model on the hidden test images, once, and record it."""
    if game.practice:
        raise EvaluationError("a practice game is not ranked and has no final score")
    chosen = _module(required(model, "model", game.namespace))
    name = name_of(chosen, game.namespace, "model")
    cap, weights = game.pack.rules.final_attempts, _weights(chosen)
    past = {record.weights: record for record in game.ledger.finals(game.record)}
    record = past.get(weights)
    if record is None and len(past) < cap:
        runs = _member_runs(chosen, name, _ranked_runs(game))
        owned = _owned(game, chosen, runs)
        hidden = _hidden_loader(game, images)
        device = choose_device(devices)
        report = score(chosen, hidden, device, classes=game.classes, name=name, data=HIDDEN)
        record = game.ledger.record_final(game.record, weights, report.accuracy, owned, cap=cap)
    finals = tuple(game.ledger.finals(game.record))
    return FinalScore(
        name=name,
        accuracy=record.accuracy if record else math.nan,
        repeated=weights in past,
        used=len(finals),
        cap=cap,
        n=len(images.test),
        past=finals,
    )


def _check_together(game: "Game", runs: list[RunRecord | None]) -> None:
    """Refuse members that together use more than the team owns now."""
    used: dict[str, int] = {}
    for run in runs:
        for slug, count in (run.in_use if run else {}).items():
            used[slug] = max(count, used.get(slug, 0))
    items = {slug: game.pack.catalogue[slug] for slug in used if slug in game.pack.catalogue}
    owned = game.owned
    lacking = [i.name for s, i in items.items() if i.price > 0 and not owned.get(s)]
    if lacking:
        raise OrderError(f"the members together use {', '.join(lacking)}, not owned now; buy it")


def _called(data: Any) -> str:
    return "the given images" if data is not None else "the validation images"


def _validation(game: "Game", data: Iterable[Any] | None) -> Any:
    """Take the loader that was given, the namespace's ``val_loader``, or the validation images."""
    loader = optional(data, "val_loader", game.namespace)
    if loader is None:
        return game.loader("val", batch_size=BATCH_SIZE)
    check_loader(loader, "--data" if data is not None else "val_loader")
    return loader


def _hidden_loader(game: "Game", images: ImageSets) -> Any:
    """Prepare the hidden images as the player prepares those for validation."""
    loader = game.namespace.get("val_loader")
    transform, collate = None, None
    if loader is not None:
        found = next((data for data in game_datasets(loader) if data.split == "val"), None)
        if found is None:
            raise EvaluationError(
                "val_loader holds none of the game's validation images, so how to prepare the "
                'hidden ones is not known; build it with game.loader("val", ...)'
            )
        transform, collate = found.transform, getattr(loader, "collate_fn", None)
    hidden = GameDataset.of(images, "test", 1.0, transform)
    return make_loader(hidden, batch_size=BATCH_SIZE, collate_fn=collate)


def _ranked_runs(game: "Game") -> dict[str, RunRecord]:
    """Map the weights that end a ranked run since the last reset to that run."""
    runs = game.ledger.runs(game.record)
    return {run.weights: run for run in runs if run.weights and run.ranked and run.after_reset}


def _member_runs(model: nn.Module, name: str, known: dict[str, RunRecord]) -> list[RunRecord]:
    members = list(model.members) if isinstance(model, Ensemble) else [model]
    names = model.names if isinstance(model, Ensemble) else [name]
    runs = [known.get(fingerprint(member)) for member in members]
    if strangers := [n for n, run in zip(names, runs, strict=True) if run is None]:
        raise EvaluationError(
            f"--final scores weights that end a ranked run since the last reset; those of "
            f"{', '.join(strangers)} do not. Train with %train, and change nothing afterwards"
        )
    return [run for run in runs if run is not None]


def _owned(game: "Game", model: nn.Module, runs: list[RunRecord]) -> dict[str, int]:
    """List what the runs behind a score used, and the item that lets them vote.

    Raises
    ------
    OrderError
        They vote and may not.
    """
    owned: dict[str, int] = {}
    if isinstance(model, Ensemble):
        if not game.owns(ENSEMBLING):
            raise OrderError(_not_owned(game))
        item = game.item_for(ENSEMBLING)
        owned = {item.slug: 1} if item else {}
    for run in runs:
        for slug, count in run.owned.items():
            owned[slug] = max(count, owned.get(slug, 0))
    return owned


def _weights(model: nn.Module) -> str:
    """Fingerprint a model; of an ensemble, its members in any order and the way they vote."""
    if not isinstance(model, Ensemble):
        return fingerprint(model)
    shares = model.weights if model.vote == "weighted" else [1.0] * len(model.names)
    parts = sorted(
        f"{fingerprint(member)} {share:.6f}"
        for member, share in zip(model.members, shares, strict=True)
    )
    return hashlib.sha256(" ".join([model.vote, *parts]).encode()).hexdigest()


def _module(model: Any) -> nn.Module:
    check_model(model)
    return cast("nn.Module", model)


def _not_owned(game: "Game") -> str:
    item = game.item_for(ENSEMBLING)
    if item is None:
        return f"{game.pack.name} does not allow ensembles"
    return f'an ensemble needs "{item.name}" ({amount(item.price)}): buy it in a %%shop cell first'
