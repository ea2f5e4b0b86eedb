"""Trial of a run's first steps before the run: an error leaves nothing half done."""

from accelerate.utils import send_to_device

from jupyter_classgame.errors import ClassGameError, one_line
from jupyter_classgame.referee import Finding
from jupyter_classgame.referee.isolation.without_fork import nothing_changed
from jupyter_classgame.training.device.placement import device_of
from jupyter_classgame.training.loop.gradient_step import scalar
from jupyter_classgame.training.loop.meter import scores_of, split_batch
from jupyter_classgame.training.loop.validation import validate
from jupyter_classgame.training.run.optimizer_parts import put_in_mode
from jupyter_classgame.training.run.run_request import RunRequest


def confirmed(finding: Finding, request: RunRequest) -> Finding | None:
    """Train and validate one batch as the run would: whether it fails, as the referee found.

    Nothing is changed. The referee looks from a forked child, and closer than a run does: only
    what fails here too is the user's own error.

    Returns
    -------
    Finding or None
        The finding, in the engine's own words where it has some; None if the steps were taken.
    """
    objects = [
        request.model,
        *request.optimizers,
        request.criterion,
        request.train_loader,
        request.val_loader,
    ]
    with nothing_changed(objects):
        try:
            _step(request)
        except ClassGameError as error:
            what = error.what if error.advice else one_line(error)
            fix = error.advice.rstrip(".") or finding.fix
            return Finding(finding.code, "error", what, fix)
        except Exception:  # noqa: BLE001 - the user's code may raise anything
            return finding
    return None


def _step(request: RunRequest) -> None:
    home = device_of(request.model)
    batch = send_to_device(next(iter(request.train_loader)), home)
    images, targets = split_batch(batch, "train_loader")
    request.model.train()
    put_in_mode(request.optimizer, training=True)
    request.optimizer.zero_grad()
    outputs = request.model(images)
    scores_of(outputs)
    scalar(request.criterion(outputs, targets)).backward()  # type: ignore[no-untyped-call]
    request.optimizer.step()
    if request.val_loader is not None:
        batch = send_to_device(next(iter(request.val_loader)), home)
        split_batch(batch, "val_loader")
        put_in_mode(request.optimizer, training=False)
        validate(request.model, [batch], request.criterion)
