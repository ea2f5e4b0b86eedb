"""One sweep of a range test: steps of training whose rate grows from step to step."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from typing import Any

import torch

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.loop.training_loop import TrainingLoop
from jupyter_classgame.training.random_state import seed_epoch
from jupyter_classgame.training.range_test.kept_state import state_kept
from jupyter_classgame.training.run.hand_edits import set_learning_rate
from jupyter_classgame.training.run.lifecycle import Run
from jupyter_classgame.training.run.optimizer_parts import put_in_mode
from jupyter_classgame.training.run.outcome import Ending

DIVERGED = 4.0
"""The sweep ends at a loss so many times the least so far, if it is twice the first one too."""


class RateSweep(TrainingLoop):
    """Takes a step at each rate, and leaves everything as it was, however it ends.

    Parameters
    ----------
    device
        Where to train.
    rates
        Learning rates of the first parameter group, a step each; other groups keep their ratio.
    watch
        Called after each step with its number, from 1, and its loss.

    Attributes
    ----------
    losses
        Of each step, before it was taken: the mean over its batch. The last may not be finite.
    """

    def __init__(
        self, device: torch.device, rates: Sequence[float], watch: Callable[[int, float], None]
    ) -> None:
        super().__init__(device)
        self.rates, self.watch = rates, watch
        self.losses: list[float] = []

    def open(self, run: Run, stack: ExitStack) -> None:
        """Bring everything to the device, until the stack is closed."""
        stack.enter_context(state_kept(run.request))
        super().open(run, stack)

    def train(self, run: Run) -> Ending:
        """Sweep the rates, and go back."""
        try:
            for run.epoch in range(1, len(self.rates) + 1):
                if not self._epoch_swept():
                    break
        finally:
            self.step.drop()
            run.good.restore()
        stopped = run.control.stopping
        return Ending("user" if stopped else "epochs", f"{len(self.losses)} steps")

    def _epoch_swept(self) -> bool:
        """Take the steps of an epoch; whether there are more to come."""
        run, before = self.run, len(self.losses)
        seed_epoch(run.request.seed, run.life_epoch)
        run.request.model.train()
        put_in_mode(run.optimizer, training=True)
        self.step.part = "train_loader"
        batches: Any = self.source.training(run.life_epoch, mixing=run.mixing)
        with closing(batches):
            for run.batch, (images, targets) in enumerate(batches, start=1):
                set_learning_rate(run.optimizer, self.rates[len(self.losses)])
                loss, _ = self.step.take(images, targets, last=True)
                self.losses.append(float(loss.detach()))
                self.step.part = "train_loader"
                self.watch(len(self.losses), self.losses[-1])
                if len(self.losses) == len(self.rates) or self._diverged():
                    return False
        if run.control.stopping:
            return False
        if len(self.losses) == before:
            raise TrainingError("train_loader gave no batch; is it used up?")
        return True

    def _diverged(self) -> bool:
        first, last = self.losses[0], self.losses[-1]
        return not math.isfinite(last) or last > max(DIVERGED * min(self.losses), 2 * first)
