"""One step of training: forward, loss, backward, and the optimizer when its gradient is whole."""

from traceback import clear_frames
from typing import Any

import torch
from accelerate.utils.memory import should_reduce_batch_size
from torch import Tensor

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.loop.batch_source import BatchSource
from jupyter_classgame.training.loop.batch_weight import batch_weight
from jupyter_classgame.training.loop.meter import scores_of
from jupyter_classgame.training.loop.numeric_checks import check_outputs
from jupyter_classgame.training.loop.ranks import Ranks
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.run.snapshot import Buffers


class OutOfMemoryError(TrainingError):
    """The device has no room for a batch; ``whole`` says whether the last whole step stands."""

    def __init__(self, message: str, *, whole: bool) -> None:
        super().__init__(message)
        self.whole = whole


class GradientStep:
    """Takes the steps of a run.

    Gradients of ``accumulate`` batches make one step, as one large batch would: each image counts
    the same, whatever batch it is in. What a failed step has changed, buffers, is put back.

    Attributes
    ----------
    gathered
        Batches whose gradients wait for the step.
    part
        The part of a step that is under way, see `training_loop.PARTS`.
    """

    def __init__(self, run: Run, source: BatchSource, ranks: Ranks) -> None:
        self.run, self.source, self.ranks = run, source, ranks
        self.accumulate = run.request.accumulate
        self.forward = ranks.prepare(run.request.model)
        self.gathered = 0
        self.part = "train_loader"
        self._buffers = Buffers(run.request.model, run.request.criterion)
        self._first = True
        self._summed = getattr(run.request.criterion, "reduction", "mean") == "sum"
        self._unit = self._weight = 0.0  # what the first batch of a step counts, and all so far

    def take(self, images: Any, targets: Any, *, last: bool) -> tuple[Tensor, Tensor]:
        """Train on one batch, the ``last`` of its epoch or not.

        Returns
        -------
        tuple of Tensor
            The loss, or what a share of a batch contributes to it, and the scores (N, C); both
            still on the device.
        """
        run = self.run
        run.auditor.batch_begins(images, first=self.gathered == 0, last=last)
        if self.gathered == 0:
            self._unit = self._weight = 0.0
            self._buffers.keep()
            run.optimizer.zero_grad()
        try:
            return self._take(images, targets, last=last)
        except RuntimeError as error:
            if not should_reduce_batch_size(error):
                raise
            clear_frames(error.__traceback__)  # they hold what has filled the memory
            raise self._out_of_memory(images) from error

    def finish(self) -> None:
        """Take the step of the gradients gathered, though fewer batches than planned gave them."""
        self.ranks.average(self.run.optimizer, unknown=True)
        self._step()

    def drop(self) -> int:
        """Forget gradients that make no whole step; give how many batches they came from."""
        dropped, self.gathered = self.gathered, 0
        if dropped:
            self._buffers.restore()
            self.run.optimizer.zero_grad()
        return dropped

    def _take(self, images: Any, targets: Any, *, last: bool) -> tuple[Tensor, Tensor]:
        run = self.run
        completes = last or self.gathered + 1 == self.accumulate
        with self.ranks.gathering(whole=completes):
            outputs, own = self._forward(images, targets)
            self.part = "optimizer"
            scores = scores_of(outputs)
            loss = self.ranks.weighed(
                own, scores, run.request.criterion, targets, self.source.share
            )
            factor = self.ranks.count * self._share(targets)
            share = loss * factor if factor != 1 else loss
            if run.scaler is not None:
                share = run.scaler.scale(share)
            run.auditor.backward_begins(outputs, own, share)
            share.backward(retain_graph=run.auditor.holds_graph)  # type: ignore[no-untyped-call]
            run.auditor.backward_ended(outputs, targets, whole=completes)
        self.gathered += 1
        if completes:
            self.ranks.average(run.optimizer, unknown=False)
            self._step()
        return loss, scores

    def _share(self, targets: Any) -> float:
        """Give a batch's part of its step, as if all of the step's batches were like the first."""
        if self.accumulate == 1 or self._summed:
            return 1.0
        part = self.source.share
        counts = part.whole if part else batch_weight(self.run.request.criterion, targets)
        self._unit = self._unit or counts
        self._weight += counts
        return counts / self._unit / self.accumulate if self._unit else 0.0

    def _forward(self, images: Any, targets: Any) -> tuple[Any, Tensor]:
        run = self.run
        try:
            outputs, loss = self._outputs(images, targets)
        except RuntimeError as error:
            if not (self._first and run.precision.chosen and run.precision.name != "no"):
                raise
            if should_reduce_batch_size(error):
                raise
            # nobody asked for this precision: a model that it does not suit is run as it is
            self._buffers.restore()
            name = run.precision.name
            run.precision, run.scaler = run.precision.full(), None
            outputs, loss = self._outputs(images, targets)
            run.notice(f"float32 is used: the model does not run in {name}")
        if self._first:
            self._first = False
            check_outputs(scores_of(outputs), run.request.classes)
        return outputs, loss

    def _outputs(self, images: Any, targets: Any) -> tuple[Any, Tensor]:
        run = self.run
        with run.precision.autocast(), self.ranks.drawing():
            self.part = "model"
            with run.auditor.forward(images):
                outputs = self.forward(images)
            scores_of(outputs)
            self.part = "criterion"
            loss = scalar(run.request.criterion(outputs, targets))
        if not loss.requires_grad:
            raise TrainingError(
                "the loss has no gradient, so nothing can be learnt: is every parameter frozen, "
                "does forward() use no_grad() or detach(), or the criterion argmax()?"
            )
        return outputs, loss

    def _step(self) -> None:
        run = self.run
        if run.scaler is not None:
            run.scaler.unscale_(run.optimizer)
        planned = self._unit * self.accumulate
        if self._weight != planned and self._weight:  # fewer batches at an epoch's end, or smaller
            self._rescale(planned / self._weight)
        for callback in run.callbacks:
            callback.on_gradients(run)
        self.part = "step"
        run.look_for_edits()  # as it is at the moment of the step
        run.auditor.step_begins()
        if run.scaler is not None:
            run.scaler.step(run.optimizer)
            run.scaler.update()
        else:
            run.optimizer.step()
        run.auditor.step_taken()
        self.gathered = 0
        if run.stepper.pace == "batch":
            self.part = "scheduler"
            with run.own_changes():
                run.stepper.after_batch(run.optimizer)
        self.part = "callback"
        for callback in run.callbacks:
            callback.on_step_end(run)
        run.auditor.step_ended()

    def _rescale(self, factor: float) -> None:
        gradients = [
            parameter.grad
            for group in self.run.optimizer.param_groups
            for parameter in group["params"]
            if parameter.grad is not None
        ]
        torch._foreach_mul_(gradients, factor)

    def _out_of_memory(self, images: Any) -> OutOfMemoryError:
        run = self.run
        whole = self.part != "step"
        shape = "x".join(str(size) for size in getattr(images, "shape", ())[1:])
        count = len(images) if hasattr(images, "__len__") else 0
        if (share := self.source.share) is not None:
            count = share.whole
        size = max(1, count // 2)
        run.optimizer.zero_grad()
        self._buffers.restore()
        self.gathered = 0
        advice = f"give the loader batch_size={size} and %train --accumulate {2 * self.accumulate}"
        if run.precision.name == "no" and self.source.device.type != "cpu":
            advice += ", or --precision auto"
        return OutOfMemoryError(
            f"out of memory on {self.source.device} in batch {run.batch} of epoch {run.epoch} "
            f"({count} images of {shape}); {advice}",
            whole=whole,
        )


def scalar(loss: Any) -> Tensor:
    """Give a criterion's value as a tensor without dimensions.

    Raises
    ------
    TrainingError
        It is not one number.
    """
    if isinstance(loss, Tensor) and loss.numel() == 1:
        return loss.reshape(())
    shape = tuple(loss.shape) if isinstance(loss, Tensor) else type(loss).__name__
    raise TrainingError(
        f"criterion gives {shape}", "one number, the mean over the batch, is needed"
    )
