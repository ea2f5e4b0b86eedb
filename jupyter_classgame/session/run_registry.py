"""The runs under way in this kernel: no two train the same weights, and any can be let rest."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from torch import nn
from torch.optim import Optimizer

from jupyter_classgame.errors import ClassGameError, TrainingError
from jupyter_classgame.session.namespace import name_of
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl

if TYPE_CHECKING:
    from jupyter_classgame.session.context import Context


@dataclass(eq=False)
class UnderWay:
    """A run from its first check to its end.

    ``run`` is None until it is prepared, ``to_be_ranked`` says meanwhile what it will be.
    """

    context: "Context"
    request: RunRequest
    control: RunControl
    run: Run | None = None
    to_be_ranked: bool = False

    @property
    def ranked(self) -> bool:
        """Whether it is ranked, or about to be."""
        return self.to_be_ranked if self.run is None else self.run.ranked

    @property
    def name(self) -> str:
        """What it is called."""
        return "a run that is about to start" if self.run is None else self.run.history.label

    @property
    def advice(self) -> str:
        """Name the run, and what to do about it."""
        if self.run is None:
            return "another run is about to start"
        history = self.run.history
        name = name_of(history, self.context.namespace, "history")
        return f"{history.label} is under way; {name}.wait() or {name}.stop() first"


_runs: list[UnderWay] = []
_lock = Lock()


def reserve(context: "Context", request: RunRequest, control: RunControl) -> UnderWay:
    """Enter a run that is about to begin; it is under way until its control says that it is over.

    Raises
    ------
    TrainingError
        A run under way trains the same weights, steps the same optimizer, or is fed by the same
        workers.
    """
    with _lock:
        for other in _under_way():
            if common := _common(request, other.request):
                raise TrainingError(f"{common}: in use, {other.advice}")
        _runs.append(run := UnderWay(context, request, control))
    return run


def any_under_way() -> bool:
    """Whether a run is under way in this kernel."""
    return bool(_under_way())


def release_ended() -> None:
    """Let go of the runs that are over."""
    with _lock:
        _runs[:] = _under_way()


def check_idle(context: "Context", what: str) -> None:
    """Refuse what would take the ground from under a ranked run of a game.

    Raises
    ------
    ClassGameError
        Such a run is under way.
    """
    for each in _of_game(context):
        if each.ranked:
            raise ClassGameError(f"{what}: {each.advice}")


def training(model: nn.Module) -> str | None:
    """Name a run under way that trains any of a model's weights; None where none does."""
    wanted = _identities((model,))
    found = (run for run in _under_way() if wanted & _trained(run.request))
    return next((run.name for run in found), None)


def control_of(context: "Context", number: int) -> RunControl | None:
    """Give what steers a run of a game; None where none of this number is under way."""
    controls = (run.control for run in _of_game(context))
    return next((control for control in controls if control.number == number), None)


@contextmanager
def at_rest(*things: nn.Module | Optimizer) -> Iterator[None]:
    """Let every run under way that trains any of these rest meanwhile, after a whole step."""
    wanted = _identities(things)
    with ExitStack() as stack:
        for run in _under_way():
            if wanted & _trained(run.request):
                stack.enter_context(run.control.held())
        yield


def _under_way() -> list[UnderWay]:
    return [run for run in _runs if not run.control.over]


def _of_game(context: "Context") -> list[UnderWay]:
    return [
        run
        for run in _under_way()
        if run.context.ledger is context.ledger and run.context.record.id == context.record.id
    ]


def _common(request: RunRequest, other: RunRequest) -> str:
    if _identities(request.optimizers, weights=False) & _identities(
        other.optimizers, weights=False
    ):
        return "optimizer"
    if _trained(request) & _trained(other):
        return "model"
    for name in ("train_loader", "val_loader"):
        loader = getattr(request, name)
        shared = any(loader is each for each in (other.train_loader, other.val_loader))
        if shared and getattr(loader, "persistent_workers", False):
            # its one set of workers would begin anew with every epoch of either run
            return f"{name} with persistent_workers"
    return ""


def _trained(request: RunRequest) -> set[int]:
    return _identities((request.model, *request.optimizers))


def _identities(things: Any, *, weights: bool = True) -> set[int]:
    """Give the identities of objects and of all their weights."""
    found = {id(thing) for thing in things}
    for thing in things if weights else ():
        if isinstance(thing, nn.Module):
            found.update(map(id, (*thing.parameters(), *thing.buffers())))
        elif isinstance(thing, Optimizer):
            found.update(id(each) for group in thing.param_groups for each in group["params"])
    return found
