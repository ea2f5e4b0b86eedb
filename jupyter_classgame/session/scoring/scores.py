"""Ensembles, reports and final scores of a game."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from jupyter_classgame.data import GameDataset, make_loader
from jupyter_classgame.errors import EvaluationError, OrderError
from jupyter_classgame.evaluation.model_ensemble import Ensemble, Vote, build_ensemble
from jupyter_classgame.evaluation.report import Report, check_width, score
from jupyter_classgame.session.namespace import name_of, named_members, optional, required
from jupyter_classgame.session.run_registry import at_rest
from jupyter_classgame.session.scoring.final_images import (
    BATCH_SIZE,
    Asked,
    preparation_for,
)
from jupyter_classgame.session.scoring.held_weights import held_weights
from jupyter_classgame.session.status import FinalAttempt, FinalScore
from jupyter_classgame.shop.item import amount
from jupyter_classgame.shop.lost_ledger import LostLedger
from jupyter_classgame.shop.storage.records import RunRecord
from jupyter_classgame.training.device.placement import choose_device
from jupyter_classgame.training.run.checks.hidden_methods import check_methods
from jupyter_classgame.training.run.checks.object_checks import check_loader, check_model
from jupyter_classgame.training.state.weights_fingerprint import fingerprint

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context

ENSEMBLING = "ensembling"

AGAIN = "%evaluate --final scores it once the ledger is back"


def ensemble(
    context: "Context",
    models: Sequence[nn.Module | Sequence[nn.Module]],
    *,
    vote: Vote,
    data: Iterable[Any] | None,
    devices: str,
) -> Ensemble:
    """Build an ensemble as :meth:`Game.ensemble` says."""
    context = context.reachable()
    if not context.owns(ENSEMBLING):
        raise OrderError(_not_owned(context))
    named = list(named_members(models, context.namespace, "model"))
    names, members = [name for name, _ in named], [member for _, member in named]
    for name, member in named:
        check_methods(member, name)
    loader = _validation(context, data)
    with at_rest(*members):
        result = build_ensemble(
            members,
            loader,
            choose_device(devices),
            names=names,
            vote=vote,
            classes=len(context.classes),
            data=_called(data),
        )
        _note_on_members(context, members, result)
        result.origins = tuple(held_weights(context, member) for member in members)
    return result


def _note_on_members(context: "Context", members: Sequence[nn.Module], result: Ensemble) -> None:
    if isinstance(context.ledger, LostLedger):
        result.unranked = f"not ranked: {context.ledger.error.what}; {AGAIN}"
    elif not context.practice:
        known = _ranked_runs(context)
        _check_together(context, [known.get(fingerprint(member)) for member in members])
        strangers = [
            name
            for name, member in zip(result.names, members, strict=True)
            if fingerprint(member) not in known
        ]
        if strangers:
            note = "not the weights of a ranked run since the last reset, so --final will refuse it"
            result.notes = (f"{', '.join(strangers)}: {note}",)


def evaluate(
    context: "Context", model: nn.Module | None, *, data: Iterable[Any] | None, devices: str
) -> Report:
    """Score a model as :meth:`Game.evaluate` says."""
    chosen = _module(required(model, "model", context.namespace))
    name = name_of(chosen, context.namespace, "model")
    with at_rest(chosen):
        weights = _held(context, chosen)
        report = score(
            chosen,
            _validation(context, data),
            choose_device(devices),
            classes=context.classes,
            name=name,
            data=_called(data),
            keep_samples=True,
        )
        return replace(report, weights=weights)


def final(
    context: "Context", model: nn.Module | None, *, devices: str, earlier: Asked | None = None
) -> FinalScore:
    """Score a model on the hidden test images, once, and record it.

    What was asked ``earlier`` of the same model, on the same images, is not asked again.
    """
    chosen = _ranked(context, model)
    with at_rest(chosen):
        return _final(context, chosen, devices=devices, earlier=earlier)


def final_attempt(
    context: "Context", model: nn.Module | None, *, devices: str = "auto"
) -> FinalAttempt:
    """Say what a final score would be of, and what it takes; nothing is scored.

    Raises
    ------
    ClassGameError
        The score itself would be refused.
    """
    chosen = _ranked(context, model)
    with at_rest(chosen):
        name = name_of(chosen, context.namespace, "model")
        finals = tuple(context.ledger.finals(context.record))
        attempt = FinalAttempt(
            name=name,
            weights=_held(context, chosen),
            recorded=_weights(chosen) in {record.weights for record in finals},
            cap=context.pack.rules.final_attempts,
            n=len(context.images.test),
            past=finals,
            score=partial(final, context, chosen, devices=devices),
        )
        if not attempt.spends:
            return attempt
        asked = _checked_runs(context, chosen, name, devices)[-1]
        score = partial(final, context, chosen, devices=devices, earlier=asked)
        return replace(attempt, score=score)


def _ranked(context: "Context", model: nn.Module | None) -> nn.Module:
    if context.practice:
        raise EvaluationError("a practice game is not ranked and has no final score")
    return _module(required(model, "model", context.namespace))


def _held(context: "Context", model: nn.Module) -> str:
    """Say whose weights a model has; of an ensemble, each of its members."""
    if not isinstance(model, Ensemble):
        return held_weights(context, model)
    members = zip(*_members(model, ""), strict=True)
    return "; ".join(f"{name}: {held_weights(context, member)}" for name, member in members)


def _checked_runs(
    context: "Context", chosen: nn.Module, name: str, devices: str, earlier: Asked | None = None
) -> tuple[list[RunRecord], dict[str, int], Asked]:
    """Give the runs behind a model, the item that lets it vote, and its members to be asked.

    They have been asked about all validation images then, ``earlier`` if nothing has changed since.
    """
    runs = _member_runs(chosen, name, _ranked_runs(context))
    voting = _voting(context, chosen)
    preparation = preparation_for(context, [run.weights or "" for run in runs])
    members = list(zip(*_members(chosen, name), runs, strict=True))
    asked = Asked(context, members, preparation, choose_device(devices))
    if earlier is not None and earlier.asked_as(asked):
        return runs, voting, earlier
    asked.check()
    return runs, voting, asked


def _final(
    context: "Context", chosen: nn.Module, *, devices: str, earlier: Asked | None
) -> FinalScore:
    name = name_of(chosen, context.namespace, "model")
    cap, weights = context.pack.rules.final_attempts, _weights(chosen)
    past = {record.weights: record for record in context.ledger.finals(context.record)}
    record = past.get(weights)
    if record is None and len(past) < cap:
        runs, voting, asked = _checked_runs(context, chosen, name, devices, earlier)
        owned = _together(voting, *(run.owned for run in runs))
        in_use = _together(voting, *(run.in_use for run in runs))
        rows, labels = asked.probabilities()
        voted = _as_built(chosen).combine(rows) if isinstance(chosen, Ensemble) else rows[0]
        check_width(voted, len(context.classes), name)
        accuracy = float((voted.argmax(1) == labels).double().mean())
        record = context.ledger.record_final(
            context.record, weights, accuracy, owned, in_use, cap=cap
        )
    finals = tuple(context.ledger.finals(context.record))
    return FinalScore(
        name=name,
        accuracy=record.accuracy if record else math.nan,
        repeated=weights in past,
        used=len(finals),
        cap=cap,
        n=len(context.images.test),
        past=finals,
        weights=_held(context, chosen),
    )


def _check_together(context: "Context", runs: list[RunRecord | None]) -> None:
    """Refuse members that together use more than the team owns now."""
    used = _together(*(run.in_use for run in runs if run))
    items = {slug: context.pack.catalogue[slug] for slug in used if slug in context.pack.catalogue}
    owned = context.owned
    needed = {s: used[s] if item.repeatable else 1 for s, item in items.items()}
    lacking = [
        f"{item.name} x {needed[s]}" if needed[s] > 1 else item.name
        for s, item in items.items() if item.price > 0 and owned.get(s, 0) < needed[s]
    ]  # fmt: skip
    if lacking:
        raise OrderError(f"the members together use {', '.join(lacking)}, not owned now; buy it")


def _called(data: Any) -> str:
    return "the given images" if data is not None else "the validation images"


def _validation(context: "Context", data: Iterable[Any] | None) -> Any:
    """Take the loader that was given, the namespace's ``val_loader``, or the validation images."""
    loader = optional(data, "val_loader", context.namespace)
    if loader is None:
        return make_loader(GameDataset.of(context.images, "val", 1.0), batch_size=BATCH_SIZE)
    check_loader(loader, "--data" if data is not None else "val_loader")
    return loader


def _as_built(model: Ensemble) -> Ensemble:
    """Give an ensemble anew, so that only its members' votes count."""
    return Ensemble(list(model.members), model.names, model.vote, model.weights)


def _members(model: nn.Module, name: str) -> tuple[list[str], list[nn.Module]]:
    """Give the models that are scored together, and what they are called."""
    if isinstance(model, Ensemble):
        return list(model.names), list(model.members)
    return [name], [model]


def _ranked_runs(context: "Context") -> dict[str, RunRecord]:
    """Map the weights that end a ranked run since the last reset to that run."""
    runs = context.ledger.runs(context.record)
    return {run.weights: run for run in runs if run.weights and run.ranked and run.after_reset}


def _member_runs(model: nn.Module, name: str, known: dict[str, RunRecord]) -> list[RunRecord]:
    names, members = _members(model, name)
    runs = [known.get(fingerprint(member)) for member in members]
    if strangers := [n for n, run in zip(names, runs, strict=True) if run is None]:
        raise EvaluationError(
            f"--final scores weights that end a ranked run since the last reset; those of "
            f"{', '.join(strangers)} do not. Train with %train, and change nothing afterwards"
        )
    return [run for run in runs if run is not None]


def _voting(context: "Context", model: nn.Module) -> dict[str, int]:
    """Give the item that lets the members of an ensemble vote.

    Raises
    ------
    OrderError
        They vote and may not.
    """
    if not isinstance(model, Ensemble):
        return {}
    if not context.owns(ENSEMBLING):
        raise OrderError(_not_owned(context))
    item = context.item_for(ENSEMBLING)
    return {item.slug: 1} if item else {}


def _together(*counts: Mapping[str, int]) -> dict[str, int]:
    """Join counts of items; of each the largest holds."""
    joined: dict[str, int] = {}
    for held in counts:
        for slug, count in held.items():
            joined[slug] = max(count, joined.get(slug, 0))
    return joined


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


def _not_owned(context: "Context") -> str:
    item = context.item_for(ENSEMBLING)
    if item is None:
        return f"{context.pack.name} does not allow ensembles"
    return f'an ensemble needs "{item.name}" ({amount(item.price)}): buy it in a %%shop cell first'
