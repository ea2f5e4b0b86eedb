"""The training loop: the user's own objects in, the same objects trained, in this process."""

import time
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import Progress, RunPaused
from jupyter_classgame.training.device.memory_format import (
    channels_last,
    has_convolutions,
    takes_any_layout,
)
from jupyter_classgame.training.device.placement import modes_kept, placed_on
from jupyter_classgame.training.loop.batch_source import BatchSource
from jupyter_classgame.training.loop.gradient_step import GradientStep, OutOfMemoryError
from jupyter_classgame.training.loop.meter import Meter
from jupyter_classgame.training.loop.numeric_checks import (
    NotFiniteError,
    check_losses,
    check_weights,
    is_finite,
)
from jupyter_classgame.training.loop.ranks import ALONE, Ranks
from jupyter_classgame.training.loop.thread_count import ThreadCount, threads_for
from jupyter_classgame.training.loop.validation import validate
from jupyter_classgame.training.random_state import random_state_kept, seed_epoch
from jupyter_classgame.training.run.auditor import UNAUDITED, Auditor
from jupyter_classgame.training.run.hand_edits import learning_rate
from jupyter_classgame.training.run.lifecycle import Executor, Run
from jupyter_classgame.training.run.optimizer_parts import put_in_mode
from jupyter_classgame.training.run.outcome import Ending, Failure
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.wording import counted

PROGRESS_SECONDS = 0.2
"""Least time between two progress events: reading the loss waits for the device."""

FIRST_PROGRESS_SECONDS = 0.05
"""The same in the first epoch, which a chart draws from batch to batch."""


PARTS = {
    "train_loader": "train_loader",
    "model": "model",
    "criterion": "criterion",
    "optimizer": "backward pass",
    "step": "optimizer",
    "val": "val_loader, model or criterion",
    "scheduler": "scheduler",
    "callback": "an option of the run",
}
"""What an error may have come from, by the part of a step it happened in."""


class TrainingLoop(Executor):
    """Trains a run's epochs in this process, alone or with others that share every batch.

    Only numbers change in the user's objects: device, memory layout, train or eval mode and random
    state are left as found. A stop or an interrupt ends the run after a whole step. After an error,
    a loss that is not finite or a second interrupt everything is as after the last good epoch.

    Parameters
    ----------
    device
        Where to train.
    ranks
        The processes that share the run.
    where
        How the device or devices are written; by default as torch does.
    """

    def __init__(self, device: torch.device, ranks: Ranks = ALONE, where: str = "") -> None:
        self.device, self.ranks, self.where = device, ranks, where or str(device)
        self.channels_last = False
        self.rested = 0.0
        self.run: Run
        self.step: GradientStep
        self.source: BatchSource
        self.threads: ThreadCount
        self._unbounded = frozenset[tuple[int, str]]()

    def prepare(self, request: RunRequest, start: RunStart, control: RunControl) -> None:
        """Choose the memory layout, and make the game's own loaders fast."""
        del start
        gains = has_convolutions(request.model) and all(map(takes_any_layout, request.optimizers))
        self.channels_last = gains if request.channels_last is None else request.channels_last
        self.source = BatchSource(
            request,
            control,
            self.device,
            channels_last=self.channels_last,
            split=self.ranks.split,
        )
        self.notes = self.source.notes

    def open(self, run: Run, stack: ExitStack) -> None:
        """Bring everything to the run's device and layout, until the stack is closed."""
        request = run.request
        stack.callback(self._close)
        if not request.background:  # there, other cells draw random numbers meanwhile
            stack.enter_context(random_state_kept())
        stack.enter_context(modes_kept(request.model, request.criterion))
        stack.enter_context(
            placed_on(self.device, request.model, request.criterion, optimizers=request.optimizers)
        )
        self.threads = stack.enter_context(threads_for(request, self.device, self.ranks.count))
        if self.channels_last:
            stack.enter_context(channels_last(request.model, request.optimizers))
        self._unbounded = frozenset(
            name for name, tensor in self._buffers(request).items() if not is_finite(tensor)
        )
        self.run = run
        self.step = GradientStep(run, self.source, self.ranks)

    def finite(self, request: RunRequest) -> list[Tensor]:
        """Give what must stay finite: parameters, and buffers that were so at the beginning."""
        parts = _modules(request)
        parameters = [p for part in parts for p in part.parameters()]
        buffers = self._buffers(request).items()
        return parameters + [b for name, b in buffers if name not in self._unbounded]

    def _buffers(self, request: RunRequest) -> dict[tuple[int, str], Tensor]:
        """Give the buffers by part and name: a part may put others in their places."""
        return {
            (number, name): buffer
            for number, part in enumerate(_modules(request))
            for name, buffer in part.named_buffers()
        }

    def _close(self) -> None:
        """Let go of the run: they refer to each other, and to all objects."""
        for name in ("run", "step"):
            vars(self).pop(name, None)

    def failure(self, run: Run, error: BaseException) -> Failure:
        """Say what an error means, and where it happened."""
        match error:
            case NotFiniteError():
                return Failure("nan", error.what, advice=error.advice)
            case KeyboardInterrupt():
                return Failure("user", f"interrupted twice in epoch {run.epoch}")
            case OutOfMemoryError():
                return self._out_of_memory(run, error)
        part = self.step.part
        where = f"in epoch {run.epoch}, batch {run.batch + (part == 'train_loader')}"
        where = f"in the validation of epoch {run.epoch}" if part == "val" else where
        ended = run.batch == run.request.batches and part in ("scheduler", "callback")
        where = f"at the end of epoch {run.epoch}" if ended else where
        return Failure("error", f"{type(error).__name__} {where} ({PARTS[part]})", raised=error)

    def _out_of_memory(self, run: Run, error: OutOfMemoryError) -> Failure:
        run.batch -= 1
        if not error.whole:
            return Failure("error", str(error), raised=error)
        trained = run.batch or len(run.history)
        state = "model and optimizer are as at the last whole step"
        state = state if trained else "nothing was trained"
        return Failure("error", str(error), goes_back=False, advice=state, raised=error)

    # -- epochs -----------------------------------------------------------------------------

    def train(self, run: Run) -> Ending:
        """Train the epochs that are left."""
        request, start = run.request, run.start
        for callback in run.callbacks:
            callback.on_train_begin(run)
        if start.restore is not None:
            start.restore(run)
            if reason := run.reason_to_stop():  # it was cut off just before it would have ended
                return Ending("patience", f"stopped after epoch {start.done}: {reason}")
        run.edits.remember(run.optimizer)
        run.auditor.begin(run, self.ranks)
        for run.epoch in range(start.done + 1, request.epochs + 1):
            if not self._epoch():
                where = f"in epoch {run.epoch}, after batch {run.batch}"
                where = where if run.batch else f"after epoch {run.epoch - 1}"
                return Ending("user", f"stopped {where}; model and optimizer are as at that step")
            if reason := run.reason_to_stop():
                return Ending("patience", f"stopped after epoch {run.epoch}: {reason}")
        return Ending("epochs", f"{counted(request.epochs, 'epoch')} trained")

    def _epoch(self) -> bool:
        """Train and validate one epoch; False when it was stopped in the middle."""
        run, request = self.run, self.run.request
        run.batch = 0
        seed_epoch(request.seed, run.life_epoch)
        self.ranks.seed(request.seed, run.life_epoch)
        request.model.train()
        for callback in run.callbacks:
            callback.on_epoch_begin(run)
        run.auditor.epoch_begins()
        put_in_mode(run.optimizer, training=True)
        run.auditor.weights_moved()
        meter = Meter(getattr(request.criterion, "reduction", "mean"), self.ranks.total)
        self.step.part, self.rested = "train_loader", 0.0
        start = time.perf_counter()
        finished = self._batches(meter, start)
        if meter.images:
            self._check_losses(meter, 0)
        if not finished:
            run.batch -= self.step.drop()
            return False
        if not meter.images:
            raise TrainingError(f"train_loader gave no batch in epoch {run.epoch}; is it used up?")
        numbers = {"train_loss": meter.loss(), "train_acc": meter.accuracy()}
        seconds = time.perf_counter() - start - self.rested
        run.look_for_edits(share=1.0)  # the rate in the chart is one that was there between steps
        lr = learning_rate(run.optimizer)
        self.ranks.align(request.model, request.criterion)
        check_weights(self.finite(request), run.epoch)
        if not self._validated(numbers):
            return False
        self.step.part = "scheduler"
        with run.own_changes(share=1.0):
            run.stepper.after_epoch(numbers, run.optimizer, run.life_epoch)
        self.step.part = "callback"
        for callback in run.callbacks:
            callback.on_epoch_end(run, numbers)
        run.record(numbers, lr, seconds)
        return True

    def _validated(self, numbers: dict[str, float]) -> bool:
        """Measure the epoch; False when the run was stopped meanwhile."""
        run = self.run
        start, self.step.part = time.perf_counter(), "val"
        run.auditor.epoch_trained()
        put_in_mode(run.optimizer, training=False)
        run.auditor.weights_moved()
        for callback in run.callbacks:
            callback.on_validation_begin(run, self._measured_anew)
        if run.request.val_loader is None:
            return True
        validation = self._measured(run.auditor)
        if validation is None:
            return False
        numbers["val_loss"], numbers["val_acc"] = validation.loss(), validation.accuracy()
        run.val_seconds = time.perf_counter() - start
        return True

    def _measured(self, auditor: Auditor = UNAUDITED) -> Meter | None:
        """Measure the model as it is on the validation data; None when the run was stopped."""
        run, request = self.run, self.run.request
        batches = self.source.validation(run.life_epoch)
        meter = validate(
            request.model, batches, request.criterion, self.ranks, self.source, auditor
        )
        if run.control.stopping:
            return None
        if not meter.images:
            raise TrainingError("val_loader gave no batch; leave validation out with --val none")
        return meter

    def _measured_anew(self) -> Meter | None:
        """Measure other weights that a callback has put into the model of each process."""
        self.ranks.align(self.run.request.model)
        return self._measured()

    # -- batches ----------------------------------------------------------------------------

    def _batches(self, meter: Meter, start: float) -> bool:
        run, step, control = self.run, self.step, self.run.control
        batches = run.request.batches
        reported, checked = start, 0
        if control.pausing:
            self._rest()
        self.threads.rest()
        for images, targets in self.source.training(run.life_epoch, mixing=run.mixing):
            self.threads.step()
            run.look_for_edits()
            run.batch += 1
            for callback in run.callbacks:
                images, targets = callback.on_batch_begin(run, images, targets)  # noqa: PLW2901
            loss, scores = step.take(images, targets, last=run.batch == batches)
            meter.add(loss, scores, targets, self.source.share)
            step.part = "train_loader"
            now = time.perf_counter()
            pause = PROGRESS_SECONDS
            if run.epoch == 1:
                pause = min(pause, FIRST_PROGRESS_SECONDS)
            if control.agreed(now - reported >= pause):
                self.threads.step()  # which ends here, however often this is
                self._check_losses(meter, checked)
                reported, checked = now, run.batch
                self._publish_progress(meter, now - start - self.rested)
                self.threads.rest()
            if control.pausing and not step.gathered:
                self._rest()
        if not control.stopping and step.gathered:  # a loader that knows no length
            step.finish()
        return not control.stopping

    def _rest(self) -> None:
        """Wait here while the run is paused; what is edited meanwhile counts from the next step."""
        run = self.run

        def reported(paused: bool) -> None:
            run.publish(RunPaused(run.number, paused))

        self.rested += run.control.rest(reported)
        self.threads.rest()

    def _check_losses(self, meter: Meter, since: int) -> None:
        check_losses(meter, since, epoch=self.run.epoch, lr=learning_rate(self.run.optimizer))

    def _publish_progress(self, meter: Meter, seconds: float) -> None:
        run, epochs, batches = self.run, self.run.request.epochs, self.run.request.batches
        eta = None
        if batches:
            left = (epochs - run.epoch + 1) * batches - run.batch
            eta = seconds / run.batch * left + run.val_seconds * (epochs - run.epoch + 1)
        run.publish(
            Progress(
                run.number,
                run.epoch,
                epochs,
                run.batch,
                batches,
                meter.loss(),
                meter.accuracy(),
                seconds,
                eta,
                self.threads.count,
                self.threads.most,
            )
        )


def _modules(request: RunRequest) -> list[nn.Module]:
    """Give the run's parts that have weights."""
    return [p for p in (request.model, request.criterion) if isinstance(p, nn.Module)]
