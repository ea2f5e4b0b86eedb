"""Trial of a run's first step before the run: an error leaves nothing half done."""

import torch
from accelerate.utils import send_to_device

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.referee import Finding
from jupyter_classgame.referee.isolation.without_fork import nothing_changed
from jupyter_classgame.training.loop.gradient_step import scalar
from jupyter_classgame.training.loop.meter import scores_of, split_batch
from jupyter_classgame.training.plan import Plan


def confirmed(finding: Finding, plan: Plan) -> Finding | None:
    """Take one step as the run would: whether it fails, as the referee found. Nothing is changed.

    The referee looks from a forked child, and closer than a run does: only what fails here too is
    the user's own error.

    Returns
    -------
    Finding or None
        The finding, in the engine's own words where it has some; None if the step was taken.
    """
    objects = [plan.model, *plan.optimizers, plan.criterion, plan.train_loader, plan.val_loader]
    with nothing_changed(objects):
        try:
            _step(plan)
        except ClassGameError as error:
            what, _, remedy = str(error).partition("; ")
            return Finding(finding.code, "error", what, remedy.rstrip(".") or finding.fix)
        except Exception:  # noqa: BLE001 - the user's code may raise anything
            return finding
    return None


def _step(plan: Plan) -> None:
    home = next((p.device for p in plan.model.parameters()), torch.device("cpu"))
    batch = send_to_device(next(iter(plan.train_loader)), home)
    images, targets = split_batch(batch, "train_loader")
    plan.model.train()
    plan.optimizer.zero_grad()
    outputs = plan.model(images)
    scores_of(outputs)
    scalar(plan.criterion(outputs, targets)).backward()  # type: ignore[no-untyped-call]
    plan.optimizer.step()
    if plan.val_loader is not None:
        split_batch(next(iter(plan.val_loader)), "val_loader")
