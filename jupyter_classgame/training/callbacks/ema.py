"""A moving average of the weights (Polyak and Juditsky 1992; Tarvainen and Valpola 2017)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.run.module_tensors import (
    clones_of,
    empty_buffers,
    put_tensors,
    tensors_of,
)

if TYPE_CHECKING:
    from jupyter_classgame.training.loop.meter import Meter
    from jupyter_classgame.training.options.values import Options
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest

KEPT_AFTER = ("epochs", "patience", "user")
"""Ends of a run after which the model may be left with the average."""


class WeightAverage(Callback):
    """Keeps an exponential moving average of the weights, and measures it every epoch.

    The numbers are those of ``torch.optim.swa_utils.AveragedModel`` with ``use_buffers=True``: the
    average begins with the weights after the run's first step, then moves by ``1 - decay`` of the
    way a step. Floating-point buffers, such as the running statistics of batch norm, are averaged
    as the weights are; whole numbers, such as counters, are copied. Every run begins an average of
    its own.

    The average is kept beside the model, which gets it only while it is measured, and for good at
    the end with ``keep``: not after an error or a loss that is not finite.

    Parameters
    ----------
    decay
        How much of the average stays each step, above 0 and below 1.
    keep
        Whether the model is left with the average.
    """

    technique = "ema"

    def __init__(self, decay: float, *, keep: bool = False) -> None:
        self.decay, self.keep = decay, keep
        self._move = get_ema_multi_avg_fn(decay)  # type: ignore[no-untyped-call]
        self._average: dict[str, Tensor] = {}
        self._steps = 0
        self._numbers: dict[str, float] = {}

    @classmethod
    def of(cls, options: "Options") -> "WeightAverage":
        """Read the options."""
        return cls(options.ema, keep=options.keep == "ema")

    def evidence(self, request: "RunRequest") -> str:
        """Name the option."""
        del request
        return f"--ema {self.decay:g}"

    def on_train_begin(self, run: "Run") -> None:
        """Bring a resumed average to the model's device and layout."""
        now = tensors_of(run.request.model)
        for name, average in self._average.items():
            if name in now and now[name].shape == average.shape:
                self._average[name] = torch.empty_like(now[name]).copy_(average)

    def on_step_end(self, run: "Run") -> None:
        """Move the average."""
        now = {name: t.detach() for name, t in tensors_of(run.request.model).items()}
        for name in self._average.keys() - now.keys():  # a buffer that is there no more
            del self._average[name]
        for name, tensor in now.items():  # one that is new or has become another begins here
            average = self._average.get(name)
            if average is None or (average.shape, average.dtype) != (tensor.shape, tensor.dtype):
                self._average[name] = tensor.clone()
        moved = [name for name, t in now.items() if t.is_floating_point() or t.is_complex()]
        if moved:
            self._move([self._average[n] for n in moved], [now[n] for n in moved], self._steps)
        for name in now.keys() - set(moved):
            self._average[name].copy_(now[name])
        self._steps += 1

    def on_validation_begin(self, run: "Run", measure: Callable[[], "Meter | None"]) -> None:
        """Measure the average, where there is validation data."""
        self._numbers = {}
        if run.request.val_loader is None:
            return
        with self._in(run.request.model):
            measured = measure()
        if measured is not None:
            self._numbers = {"ema_val_loss": measured.loss(), "ema_val_acc": measured.accuracy()}

    def on_epoch_end(self, run: "Run", numbers: dict[str, float]) -> None:
        """Add what was measured."""
        del run
        numbers.update(self._numbers)

    def on_train_end(self, run: "Run") -> None:
        """Leave the average in the model, where that was asked for and the run ended well."""
        history = run.history
        if self.keep and self._steps and history.stopped_by in KEPT_AFTER:
            put_tensors(run.request.model, self._average)
            history.message += "; the average of its weights was left in the model"
            history.kept, history.kept_epoch = "averaged", len(history)

    @contextmanager
    def _in(self, model: nn.Module) -> Iterator[None]:
        """Give the model the average for a while."""
        own, empty = clones_of(model), empty_buffers(model)
        try:
            put_tensors(model, self._average, empty=empty)
            yield
        finally:
            put_tensors(model, own, empty=empty)

    def state_dict(self) -> dict[str, Any]:
        """Give the average by the model's own names, and the steps that are in it."""
        return {"steps": self._steps, "average": dict(self._average)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to such a state."""
        self._steps, self._average = state["steps"], dict(state["average"])
