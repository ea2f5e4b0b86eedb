"""The referee's verdict on what a run of the game is about to use."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from jupyter_classgame.data import fraction_indices
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import Observing
from jupyter_classgame.referee import (
    Evidence,
    Facts,
    Finding,
    Verdict,
    findings,
    judge,
    observe,
    techniques_in_use,
)
from jupyter_classgame.referee.audit.expectations import Expectations
from jupyter_classgame.referee.facts import SUBJECTS
from jupyter_classgame.referee.isolation.without_fork import nothing_changed
from jupyter_classgame.referee.model.replay import ModelReplay
from jupyter_classgame.referee.model.traced_passes import observe_model
from jupyter_classgame.referee.permissions import Permissions
from jupyter_classgame.session.context import MORE_DATA, Context
from jupyter_classgame.session.first_step_trial import confirmed
from jupyter_classgame.session.images.team_images import declared_fraction
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.schedule_length import wrong_unit

PRETRAINED = "pretrained"
SCHEDULE_UNIT = "schedule-unit"
UNREADABLE = "unreadable"
"""What cannot even be run: the finding names the user's frame, and --force shows them all."""

CANNOT_RUN = (UNREADABLE, "batch-form")
"""Findings that no --force gets past; it shows the error itself."""

ABOVE = "the card above says more"
"""Ends what is said of a run below its verdict's card."""


class RefusedError(TrainingError):
    """A run was stopped before its first step; ``verdict`` says why.

    ``brief`` is the message where the verdict itself is shown beside it.
    """

    def __init__(self, message: str, verdict: Verdict, brief: str = "") -> None:
        super().__init__(message)
        self.verdict = verdict
        self.brief = brief or message


def verdict_on(context: "Context", *, known_start: bool = False, **parts: Any) -> Verdict:
    """Observe what a run would use and hold it against what the team owns.

    Parameters
    ----------
    known_start
        The model's weights end a run of this team, so nothing is asked about their origin.
    **parts
        ``model``, ``optimizer``, ``criterion``, ``train_loader``, ``val_loader``, ``scheduler``,
        ``then`` and ``options``, as :func:`~jupyter_classgame.referee.observe` takes them.
    """
    images, rules = context.images, context.pack.rules
    fraction = 1.0 if MORE_DATA in rules.free else rules.base_fraction
    facts = observe(
        **parts,
        classes=len(context.classes),
        allowance=len(fraction_indices(images.train.labels, fraction)),
        hidden=images.test,
        splits=(images.train, images.val),
        names=context.namespace,
        known_start=known_start,
        epochs=rules.max_epochs,
        limit=context.config.referee_patience,
        watch=lambda subjects: context.events.publish(Observing(tuple(subjects))),
    )
    in_use = techniques_in_use(facts)
    counted = facts.images is not None and facts.images.distinct is not None
    declared = declared_fraction(parts.get("train_loader"))
    if not counted and declared > fraction:
        text = f"train_loader: built on fraction {declared:g}, {fraction:g} is the base"
        in_use.setdefault(MORE_DATA, Evidence(1, text))
    wallet = context.wallet
    verdict = judge(
        in_use,
        catalogue=context.pack.catalogue,
        owned=wallet.owned,
        free=rules.free,
        baseline=rules.baseline,
        findings=findings(facts),
        unknown=_unseen(facts),
        balance=wallet.balance,
    )
    verdict = replace(verdict, unranked=_against(facts))
    if verdict.unused:
        used = context.used
        before = {slug: used[slug] for slug in verdict.unused if slug in used}
        verdict = replace(verdict, once_used=before)
    verdict = replace(verdict, expected=Expectations.of(facts))
    if context.practice:
        return verdict.for_practice()
    return replace(verdict, buy=Purchases(context).order)


def _unseen(facts: Facts) -> list[str]:
    """List what could not be observed, one line each."""
    unseen = [f"{SUBJECTS[stage]}: {it.reason}" for stage, it in facts.unobserved.items()]
    if facts.model is not None and facts.model.unexplained:
        unseen.append("the model: random in training, technique unknown")
    if facts.model is not None and facts.model.unseen:
        unseen.append(f"the model: {facts.model.unseen}")
    if facts.train is not None and not facts.train.reached:
        unseen.append("training images: probe images do not get through train_loader")
    if facts.images is not None and facts.images.distinct is None:
        unseen.append("training images: how many there are cannot be told from train_loader")
    return unseen


def _against(facts: Facts) -> list[str]:
    """List what no item stands for and no ranked run may use, one line each."""
    against = [data.asked for data in (facts.train, facts.val) if data is not None]
    if facts.criterion is not None:
        against.append(facts.criterion.beside)
    if facts.train is not None and not facts.train.effects.keys() & {"mixup", "cutmix"}:
        against.append(facts.train.unexplained)
    if facts.images is not None:
        against.append(facts.images.foreign)
    against.extend(facts.later)
    return [line for line in against if line]


def verdict_on_request(
    context: "Context", request: RunRequest, *, known_start: bool, audited: bool = False
) -> Verdict:
    """Give the verdict on a run that is about to begin; ``audited`` as the referee takes it."""
    verdict = verdict_on(
        context,
        known_start=known_start,
        audited=audited,
        model=request.model,
        optimizer=request.optimizer,
        criterion=request.criterion,
        train_loader=request.train_loader,
        val_loader=request.val_loader,
        scheduler=request.scheduler,
        then=request.then,
        options={
            callback.technique: evidence
            for callback in request.callbacks
            if callback.technique and (evidence := callback.evidence(request))
        },
    )
    if (unit := wrong_unit(request)) is not None:
        warning = Finding(SCHEDULE_UNIT, "warning", *unit)
        verdict = replace(verdict, findings=[*verdict.findings, warning])
    broken = next((f for f in verdict.findings if f.code == UNREADABLE), None)
    if broken is None:
        return verdict
    found = confirmed(broken, request)
    others = [finding for finding in verdict.findings if finding is not broken]
    if found is None:
        return replace(verdict, findings=others)
    # that is why what was not observed was not, and nothing is known of what is not in use
    return replace(verdict, findings=[found, *others], unknown=[], unused={})


def verdict_on_model(
    context: "Context", model: nn.Module, images: Tensor, owned: Mapping[str, int]
) -> Verdict:
    """Hold what a model alone does with images (n, channels, height, width) against what was owned.

    Raises
    ------
    Exception
        Whatever the model's forward raises.
    """
    with nothing_changed([model]):
        facts = Facts(model=observe_model(ModelReplay(model, images)), classes=len(context.classes))
    return judge(
        techniques_in_use(facts),
        catalogue=context.pack.catalogue,
        owned=owned,
        free=context.pack.rules.free,
        baseline=context.pack.rules.baseline,
    )


def permissions(context: "Context", owned: Mapping[str, int]) -> Permissions:
    """Give what a run may use by the game's rules and what is owned."""
    rules = context.pack.rules
    return Permissions(
        tuple(context.pack.catalogue), dict(owned), tuple(rules.free), dict(rules.baseline)
    )


def refuse(verdict: Verdict, *, practice: bool, force: bool) -> None:
    """Stop a run that uses what is not owned or allowed, or has a mistake that spoils it.

    Raises
    ------
    RefusedError
        Nothing was trained.
    """
    broken = [finding for finding in verdict.errors if finding.code in CANNOT_RUN]
    if broken and not force:
        raise RefusedError(
            f"not trained: {broken[0].message}; {broken[0].fix}, or --force to see it raised",
            verdict,
            f"not trained: no first step can be taken; {ABOVE}, --force shows it raised",
        )
    forbidden = [technique for technique in verdict.forbidden if technique != PRETRAINED]
    if not practice and (verdict.unowned or forbidden):
        raise RefusedError("not trained: " + "; ".join(lines_of(verdict)), verdict, _brief(verdict))
    if verdict.errors and not force:
        first, more = verdict.errors[0], len(verdict.errors) - 1
        others = f" (and {more} more)" if more else ""
        count = f"{more + 1} mistakes" if more else "a mistake"
        raise RefusedError(
            f"not trained: {first.message}{others}; {first.fix}. --force trains all the same, "
            "unranked",
            verdict,
            f"not trained: {count} to mend first; {ABOVE}, --force trains all the same, unranked",
        )


def lines_of(verdict: Verdict) -> list[str]:
    """Give why a verdict stops a run, a line each; the last is the remedy, where there is one."""
    # the card shows the order as the cell it is; here it ends the line
    remedy = " ".join(verdict.remedy.splitlines())
    return [*verdict.reasons, *filter(None, [remedy])]


def _brief(verdict: Verdict) -> str:
    """Name what stops a run, where the card above has evidence, prices and the order."""
    kinds = (("not owned", verdict.unowned), ("not allowed in this game", verdict.forbidden))
    said = "; ".join(
        f"{kind}: {', '.join(map(verdict.name, keys))}" for kind, keys in kinds if keys
    )
    return f"not trained: in use and {said}; {ABOVE}"


def why_unranked(verdict: Verdict, *, force: bool) -> str:
    """Say why a run that may begin is not ranked; nothing when it may be."""
    if verdict.unranked:
        return f"not ranked: {verdict.unranked[0]}"
    if verdict.unknown:
        return f"not ranked, for not everything could be observed: {verdict.unknown[0]}"
    if PRETRAINED in verdict.forbidden:
        return f"not ranked: {verdict.in_use[PRETRAINED].text}"
    if force and verdict.errors:
        return f"not ranked: forced in spite of {verdict.errors[0].code}"
    return ""
