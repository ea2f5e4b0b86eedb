"""What a callback is: hooks that the loop calls, and a state to go back to."""

from typing import Any

from torch import Tensor


class Callback:
    """One trick of a run; a subclass overrides the hooks it needs.

    ``run`` is a :class:`~jupyter_classgame.training.loop.training_loop.Run`, ``plan`` a
    :class:`~jupyter_classgame.training.plan.Plan`, ``options`` an
    :class:`~jupyter_classgame.training.options.values.Options`. None of them is imported here, as
    all of them hold callbacks.

    A callback may change numbers in ``run``'s objects and must leave what it changed for the run
    alone as it found it in :meth:`on_train_end`, which is called however the run ends.
    """

    technique: str | None = None
    """The technique that it puts into use, where the referee knows one."""

    @classmethod
    def of(cls, options: Any) -> "Callback":
        """Make the callback that the options of a run ask for."""
        del options
        return cls()

    def check(self, plan: Any) -> None:
        """Refuse a plan that it does not fit, by a TrainingError; nothing was touched yet."""

    def evidence(self, plan: Any) -> str:
        """Say how ``plan`` puts the technique into use, such as ``--clip 1``; nothing if not."""
        del plan
        return ""

    def on_train_begin(self, run: Any) -> None:
        """Hear that everything is on the device and no step was taken; may raise TrainingError."""

    def on_epoch_begin(self, run: Any) -> None:
        """Hear that an epoch begins: ``run.epoch`` counts this run's, ``run.life_epoch`` all."""

    def on_batch_begin(self, run: Any, images: Tensor, targets: Any) -> tuple[Tensor, Any]:
        """Give the batch on, changed or not: images (N, C, H, W) on the device, and targets."""
        del run
        return images, targets

    def on_gradients(self, run: Any) -> None:
        """Hear that the gradients of a step are whole and unscaled; it was not taken yet."""

    def on_step_end(self, run: Any) -> None:
        """Hear that ``run.optimizer`` took a step, and a scheduler that counts batches too."""

    def on_validation_begin(self, run: Any) -> None:
        """Hear that an epoch's batches are trained; validation follows."""

    def on_epoch_end(self, run: Any, numbers: dict[str, float]) -> None:
        """Hear that an epoch was trained and validated; add to its numbers by History's names."""

    def on_train_end(self, run: Any) -> None:
        """Hear that the run is over, in whatever way; the objects are still on its device."""

    def stop_reason(self, run: Any) -> str:
        """Say why the run should end after this epoch; nothing to go on."""
        del run
        return ""

    def state_dict(self) -> dict[str, Any]:
        """Give what it needs to go on from here: numbers, text, and tensors, nested in dicts."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a state that :meth:`state_dict` gave, before the run begins or within it."""
