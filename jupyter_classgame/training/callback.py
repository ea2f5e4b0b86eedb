"""What a callback is: hooks that the loop calls, and a state to go back to."""

from collections.abc import Callable
from typing import Any

from torch import Tensor


class Callback:
    """One trick of a run; a subclass overrides the hooks it needs.

    ``run`` is a :class:`~jupyter_classgame.training.run.lifecycle.Run`, ``request`` a
    :class:`~jupyter_classgame.training.run.run_request.RunRequest`, ``options`` an
    :class:`~jupyter_classgame.training.options.values.Options`. None of them is imported here, as
    all of them hold callbacks.

    A callback is a part of the run: it may set ``run.mixing`` and ``run.stepper.held``, add to
    ``run.history.message`` at the end, and call :meth:`Run.switch_to` and :meth:`Run.notice`.
    It may change numbers in ``run``'s objects, those of the optimizer's groups within
    :meth:`Run.own_changes`: any other change of them is an edit by hand. What it changed for the
    run alone it must leave as it found it in :meth:`on_train_end`, which is called however the
    run ends.
    """

    technique: str | None = None
    """The technique that it puts into use, where the referee knows one."""

    @classmethod
    def of(cls, options: Any) -> "Callback":
        """Make the callback that the options of a run ask for."""
        del options
        return cls()

    def check(self, request: Any) -> None:
        """Refuse a request that it does not fit, by a TrainingError; nothing was touched yet."""

    def evidence(self, request: Any) -> str:
        """Say how a request puts the technique into use, such as ``--clip 1``; empty if not."""
        del request
        return ""

    def on_train_begin(self, run: Any) -> None:
        """Act once everything is on the device, before the first step.

        May raise TrainingError.
        """

    def on_epoch_begin(self, run: Any) -> None:
        """Act before an epoch: ``run.epoch`` counts this run's, ``run.life_epoch`` all."""

    def on_batch_begin(self, run: Any, images: Tensor, targets: Any) -> tuple[Tensor, Any]:
        """Return a batch, changed or not: images (N, C, H, W) on the device, and targets."""
        del run
        return images, targets

    def on_gradients(self, run: Any) -> None:
        """Act before a step, when its gradients are whole and unscaled."""

    def on_step_end(self, run: Any) -> None:
        """Act after ``run.optimizer``'s step, and that of a scheduler that counts batches."""

    def on_validation_begin(self, run: Any, measure: Callable[[], Any]) -> None:
        """Act after an epoch's last batch, before validation.

        ``measure`` validates the model as it is and returns a
        :class:`~jupyter_classgame.training.loop.meter.Meter`; None where the run was stopped.
        """

    def on_epoch_end(self, run: Any, numbers: dict[str, float]) -> None:
        """Act after validation; it may add to the epoch's numbers by the names of a History."""

    def on_train_end(self, run: Any) -> None:
        """Act at the end of the run, in whatever way; the objects are still on its device."""

    def stop_reason(self, run: Any) -> str:
        """Say why the run should end after this epoch; empty where it should not."""
        del run
        return ""

    def state_dict(self) -> dict[str, Any]:
        """Return what it needs to be resumed: numbers, text, and tensors, nested in dicts."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load a state that :meth:`state_dict` returned, before the run begins or within it."""
