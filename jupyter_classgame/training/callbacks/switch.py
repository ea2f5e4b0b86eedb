"""Another optimizer from an epoch on (Keskar and Socher 2017, arXiv:1712.07628)."""

from typing import TYPE_CHECKING

from torch.optim import Optimizer

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callback import Callback

if TYPE_CHECKING:
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest


class SwitchOptimizer(Callback):
    """Lets the request's ``then`` take the steps from the beginning of epoch ``at``.

    Epochs are those of this run. Neither optimizer is told of the other: the second begins with
    the state it has. A scheduler is stepped while the optimizer that it belongs to is at work.
    """

    def check(self, request: "RunRequest") -> None:
        """Refuse an epoch that never comes, and an optimizer that leaves parameters out."""
        at, then = request.at or 0, request.then
        if at > request.epochs:
            raise TrainingError(f"--at {at}: the run has {request.epochs} epochs; name one of them")
        if then is request.optimizer:
            raise TrainingError("--then: this is the run's first optimizer; name another one")
        if then is not None:
            _check_held(request, then)

    def on_epoch_begin(self, run: "Run") -> None:
        """Hand over."""
        then, at = run.request.then, run.request.at
        if then is not None and at is not None and run.epoch >= at and run.optimizer is not then:
            run.look_for_edits()
            run.switch_to(then)


def _check_held(request: "RunRequest", then: Optimizer) -> None:
    held = {id(parameter) for group in then.param_groups for parameter in group["params"]}
    wanted = {name: p for name, p in request.model.named_parameters() if p.requires_grad}
    missing = [name for name, parameter in wanted.items() if id(parameter) not in held]
    kind = type(then).__name__
    build = f"build it anew: {kind}(model.parameters(), ...)"
    if len(missing) == len(wanted):
        raise TrainingError(f"--then: this {kind} holds none of the model's parameters; {build}")
    if missing:
        raise TrainingError(
            f"--then: this {kind} lacks {len(missing)} of the model's parameters, "
            f"such as {missing[0]}; {build}"
        )
