"""Warm-up: the learning rate rises from near 0 (Goyal et al. 2017, arXiv:1706.02677)."""

from typing import TYPE_CHECKING, Any

from torch import Tensor

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.run.scheduler_stepper import pace
from jupyter_classgame.training.wording import counted

if TYPE_CHECKING:
    from jupyter_classgame.training.options.values import Options
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest


class WarmUp(Callback):
    """Raises the learning rate in equal parts, step by step, to the value that it was found at.

    It takes the first epochs of the model's life: a run that goes on within them goes on with the
    warm-up. The scheduler waits meanwhile, so that its own course begins where the warm-up ends.
    Where a run ends before that, the learning rate is put back to its full value. Both optimizers
    of a run are warmed up.

    A learning rate changed by hand meanwhile holds from then on: the warm-up of its parameter
    group is over. Where train_loader does not know its length, the rate rises epoch by epoch.

    Parameters
    ----------
    epochs
        How many epochs it takes, at least 1.
    """

    technique = "learning-rate-schedule"

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self._full: list[float] = []  # of each parameter group; empty when it is over
        self._given: list[float | None] = []  # what it was last set to; None: it is by hand
        self._steps = 0

    @classmethod
    def of(cls, options: "Options") -> "WarmUp":
        """Read the option."""
        return cls(options.warmup)

    def check(self, request: "RunRequest") -> None:
        """Refuse a schedule that rises by itself and counts every step."""
        if request.scheduler is not None and pace(request.scheduler) == "batch":
            raise TrainingError(
                f"--warmup {self.epochs}: {type(request.scheduler).__name__} rises by itself; "
                "leave --warmup out, or write --scheduler none"
            )

    def evidence(self, request: "RunRequest") -> str:
        """Name the option, unless the model's life is past it."""
        return f"--warmup {self.epochs}" if request.first_epoch < self.epochs else ""

    def on_train_begin(self, run: "Run") -> None:
        """Take the rates for the full ones, and set those of the first step."""
        if run.life_epoch > self.epochs:
            self._full = []
            if run.request.first_epoch >= self.epochs:
                run.notice(
                    f"--warmup {self.epochs}: the rate does not rise, for the model was trained "
                    f"for {counted(run.request.first_epoch, 'epoch')} before; a new model's would"
                )
            return
        if not self._full:
            self._full = [_rate(group) for group in _groups(run)]
            self._given = list(self._full)
        self._set(run, run.life_epoch, 1)

    def on_epoch_begin(self, run: "Run") -> None:
        """Let the scheduler wait, or go."""
        self._steps = 0
        run.stepper.held = run.life_epoch <= self.epochs

    def on_step_end(self, run: "Run") -> None:
        """Set the rates of the next step."""
        self._steps += 1
        self._set(run, run.life_epoch, self._steps + 1)

    def on_epoch_end(self, run: "Run", numbers: dict[str, float]) -> None:
        """Set the rates of the next epoch's first step."""
        del numbers
        self._set(run, run.life_epoch + 1, 1)
        if run.life_epoch >= self.epochs:
            self._full = []

    def on_train_end(self, run: "Run") -> None:
        """Give the user's rates back where the run ended within the warm-up."""
        self._set(run, self.epochs + 1, 1)
        self._full = []

    def _set(self, run: "Run", epoch: int, step: int) -> None:
        """Set the rates for a step of an epoch of the model's life, both from 1."""
        if not self._full:
            return
        steps = run.request.steps
        share = min(1.0, step / steps) if steps else 1.0
        factor = min(1.0, (epoch - 1 + share) / self.epochs)
        with run.own_changes():
            for number, group in enumerate(_groups(run)):
                if _rate(group) != self._given[number]:
                    self._given[number] = None
                if self._given[number] is not None:
                    _give(group, self._full[number] * factor)
                    self._given[number] = _rate(group)

    def state_dict(self) -> dict[str, Any]:
        """Give the full rates and those of the next step, by the number of the group."""
        full = {str(number): rate for number, rate in enumerate(self._full)}
        given = {str(number): rate for number, rate in enumerate(self._given)}
        return {"full": full, "given": given}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to such a state."""
        self._full, self._given = list(state["full"].values()), list(state["given"].values())


def _groups(run: "Run") -> list[dict[str, Any]]:
    return [group for optimizer in run.request.optimizers for group in optimizer.param_groups]


def _rate(group: dict[str, Any]) -> float:
    return float(group["lr"])


def _give(group: dict[str, Any], rate: float) -> None:
    if isinstance(group["lr"], Tensor):  # a compiled or captured step reads this very tensor
        group["lr"].fill_(rate)
    else:
        group["lr"] = rate
