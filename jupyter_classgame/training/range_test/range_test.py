"""What the sweeps of a range test say: a smoothed curve, and the rate to begin with."""

import math
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from torch.optim import Optimizer

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.device_choice import choose_devices
from jupyter_classgame.training.range_test.rate_sweep import RateSweep
from jupyter_classgame.training.run.hand_edits import set_learning_rate
from jupyter_classgame.training.run.lifecycle import Run, unheard
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.wording import counted

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 0.03
"""Standard deviation of the window that smooths a curve, as a part of its steps."""

FEWEST = 8
"""Steps of which a curve can be read."""

MOST = 10_000
"""Steps of a sweep, and sweeps, beyond which a number is a slip."""

SIGNIFICANT = 8.0
"""A fall of the smoothed loss is none below so many times what chance moves a step of it."""

BEGINNING = 0.2
"""A part of the steps, whose loss is the one that a rate which is too small leaves as it is."""

FALL = 0.2
"""A part of the whole fall of a loss, from which on it counts as falling."""


@dataclass(frozen=True)
class Sweep:
    """One pass through the rates.

    Attributes
    ----------
    seed
        Of its batches and everything that is random in them.
    rates, losses
        A step each; fewer than were planned where the loss grew out of bounds.
    """

    seed: int
    rates: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def finite(self) -> int:
        """How many steps have a finite loss."""
        return next((n for n, loss in enumerate(self.losses) if not math.isfinite(loss)),
                    len(self.losses))  # fmt: skip

    def smoothed(self) -> npt.NDArray[np.float64]:
        """Give the losses of the finite steps, smoothed by a window that shifts nothing."""
        from scipy.ndimage import gaussian_filter1d  # noqa: PLC0415 - loaded on first use

        losses = np.asarray(self.losses[: self.finite], dtype=np.float64)
        return np.asarray(gaussian_filter1d(losses, self._deviation, mode="reflect"))

    @property
    def _deviation(self) -> float:
        """Standard deviation of the window, in steps."""
        return max(1.0, WIDTH * self.finite)

    @property
    def _window(self) -> float:
        """How many steps a smoothed loss is the mean of, as far as chance goes."""
        return 2 * math.sqrt(math.pi) * self._deviation

    def _falling(self) -> tuple[npt.NDArray[np.float64], int, int] | None:
        """Give the curve, and the steps between which it falls; None where it never does."""
        if self.finite < FEWEST:
            return None
        curve = self.smoothed()
        few = max(1, round(BEGINNING * len(curve)))
        tame = max(few, int(curve.argmin()) + 1)  # beyond, the steps may be wild
        rest = np.abs(np.asarray(self.losses[:tame]) - curve[:tame])
        chance = SIGNIFICANT * float(np.median(rest)) / math.sqrt(self._window)
        risen = np.flatnonzero(curve[few:] > np.median(curve[:few]) + chance)
        low = int(curve[: few + risen[0] if len(risen) else None].argmin())
        high = int(curve[: low + 1].argmax())
        fall = float(curve[high] - curve[low])
        if low - high < FEWEST // 4 or fall <= max(chance, 1e-4 * abs(float(curve[high]))):
            return None
        above = np.flatnonzero(curve[high:low] > curve[high] - FALL * fall)
        return curve, high + int(above[-1]) + 1, low

    @property
    def valley(self) -> float | None:
        """The rate half way between the beginning of the fall and the least loss.

        In logarithms, and a decade lies between the two at least: beyond the least loss it soon
        explodes. None where the loss does not fall.
        """
        found = self._falling()
        if found is None:
            return None
        _, begun, low = found
        decade = max(self.rates[0], self.rates[low] / 10)
        return math.sqrt(min(self.rates[begun], decade) * self.rates[low])

    @property
    def steepest(self) -> float | None:
        """The rate at which the loss falls fastest; None where it does not fall."""
        found = self._falling()
        if found is None:
            return None
        curve, begun, low = found
        slope = np.gradient(curve, np.log(self.rates[: len(curve)]))
        return self.rates[begun + int(slope[begun : low + 1].argmin())]


@dataclass(frozen=True, repr=False)
class RangeTest:
    """Sweeps of one model, and what they suggest.

    Attributes
    ----------
    model, optimizer
        What the player calls them.
    sweeps
        One for each seed.
    steps
        Steps planned for each.
    interrupted
        It was ended before that.
    ratios
        Rates of the optimizer's parameter groups, as parts of the first one's.
    held
        Gives the optimizer itself, for :meth:`take`; None once it is gone.
    """

    model: str
    optimizer: str
    sweeps: tuple[Sweep, ...]
    steps: int
    interrupted: bool = False
    ratios: tuple[float, ...] = (1.0,)
    held: Callable[[], Optimizer | None] = field(default=lambda: None, compare=False)

    def take(self) -> str:
        """Give all parameter groups of the optimizer the suggested rate; their ratios are kept.

        Returns
        -------
        str
            What was done, in a line.

        Raises
        ------
        TrainingError
            No rate is suggested, or the optimizer is no longer there.
        """
        optimizer, rate = self.held(), self.suggestion
        if rate is None:
            raise TrainingError("no rate is suggested: the loss falls at none of those tried")
        if optimizer is None:
            raise TrainingError(f"{self.optimizer} is no longer there; write lr={rate:g} in it")
        set_learning_rate(optimizer, rate)
        said = f"{self.optimizer} has the learning rate {rate:g} now"
        if "initial_lr" in optimizer.param_groups[0]:  # which a scheduler leaves there
            said += "; its scheduler was made for another one: make it anew"
        return said

    def chart(self) -> "RangeTestChart":
        """Show the curves, live in a notebook."""
        return RangeTestChart(self)

    @property
    def suggestion(self) -> float | None:
        """The rate to begin with: the median of the sweeps' valleys; None where no loss falls."""
        found = [sweep.valley for sweep in self.sweeps]
        valleys = [valley for valley in found if valley is not None]
        return _two_digits(median(valleys)) if 2 * len(valleys) > len(found) else None

    @property
    def steepest(self) -> float | None:
        """The median of the rates at which the loss falls fastest; None where none does."""
        found = [rate for rate in (sweep.steepest for sweep in self.sweeps) if rate is not None]
        return _two_digits(median(found)) if 2 * len(found) > len(self.sweeps) else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the largest valley of the sweeps; None where there is none."""
        found = [rate for rate in (sweep.valley for sweep in self.sweeps) if rate is not None]
        return (_two_digits(min(found)), _two_digits(max(found))) if found else None

    @property
    def line(self) -> str:
        """The line that takes the suggestion; empty without one."""
        rate = self.suggestion
        if rate is None:
            return ""
        if len(self.ratios) == 1:
            return f'{self.optimizer}.param_groups[0]["lr"] = {rate:g}'
        rates = ", ".join(f"{rate * ratio:g}" for ratio in self.ratios)
        groups = f"zip({self.optimizer}.param_groups, ({rates}))"
        return f'for group, lr in {groups}: group["lr"] = lr'

    def frame(self) -> "pd.DataFrame":
        """Give a row a step: the sweep's seed, the step, rate, loss and smoothed loss."""
        import pandas as pd  # noqa: PLC0415 - loaded on first use

        parts = []
        for sweep in self.sweeps:
            smooth = np.full(len(sweep.losses), np.nan)
            if sweep.finite:
                smooth[: sweep.finite] = sweep.smoothed()
            columns = {"seed": sweep.seed, "step": range(1, len(sweep.losses) + 1),
                       "lr": sweep.rates, "loss": sweep.losses, "smoothed": smooth}  # fmt: skip
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)

    def __repr__(self) -> str:
        taken = sum(len(sweep.losses) for sweep in self.sweeps)
        what = f"range test of {self.model}: {counted(taken, 'step')}"
        if len(self.sweeps) > 1:
            what += f" in {len(self.sweeps)} sweeps"
        what += ", interrupted" if self.interrupted else ""
        if self.suggestion is None:
            return f"{what}; {self._nothing_found}"
        said = f"{what}; suggested learning rate {self.suggestion:g}"
        if len(self.sweeps) > 1 and self.spread:
            said += f" ({self.spread[0]:g} to {self.spread[1]:g})"
        return f"{said}, steepest {self.steepest:g}\n{self.line}"

    @property
    def _nothing_found(self) -> str:
        """Why no rate is suggested."""
        sweep = self.sweeps[0]
        finite = sweep.finite
        if finite < FEWEST and finite < len(sweep.losses):
            where = f"from step {finite + 1} on, at the rate {sweep.rates[finite]:.2g}"
            return f"{where}, the loss is {sweep.losses[finite]:g}"
        if len(sweep.losses) < FEWEST:
            return f"at least {FEWEST} steps are needed to see a loss fall"
        return f"the loss falls at no rate from {sweep.rates[0]:.2g} to {sweep.rates[-1]:.2g}"


@dataclass(frozen=True, repr=False)
class RangeTestChart:
    """The chart of a range test, which a notebook displays live."""

    test: RangeTest

    def __repr__(self) -> str:
        return "charts are shown in a notebook, after %load_ext jupyter_classgame"


def sweep_rates(
    request: RunRequest,
    *,
    first: float,
    last: float,
    steps: int,
    seeds: int,
    names: tuple[str, str],
    control: RunControl,
    watch: Callable[[int, int, float], None],
) -> RangeTest:
    """Sweep the learning rate of a request's optimizer; every object is left as it was.

    Parameters
    ----------
    request
        What to train and how; its epochs, schedule and validation are left aside. A batch that
        several devices would share is trained on the first of them, with the same losses.
    first, last
        The rates of the first and the last step, 0 < ``first`` < ``last``; between them they grow
        by one factor.
    steps, seeds
        How many steps a sweep has, from 8 on, and how many sweeps there are, from 1 on.
    names
        What the player calls the model and the optimizer.
    control
        May end it; what was swept before that is in the result.
    watch
        Called with the sweep, from 0, the step, from 1, and its loss.

    Raises
    ------
    TrainingError
        A value is out of its range, the model does not fit, or the first step's loss is not
        finite.
    """
    check_sweep(first, last, steps, seeds)
    rates = tuple(float(rate) for rate in np.geomspace(first, last, steps))
    device = choose_devices(request.devices).first
    plain = replace(
        request, scheduler=None, val_loader=None, epochs=steps, callbacks=(), accumulate=1,
        then=None, at=None, keep="last", monitor=None, background=False,
    ).checked()  # fmt: skip
    sweeps = []
    for number in range(seeds):

        def told(step: int, loss: float, number: int = number) -> None:
            watch(number, step, loss)

        sweep = RateSweep(device, rates, told)
        seed = request.seed + number
        Run(replace(plain, seed=seed), sweep, control).execute(unheard)
        count = len(sweep.losses)
        if count:
            sweeps.append(Sweep(seed, rates[:count], tuple(sweep.losses)))
        if control.stopping:
            break
    if not sweeps:
        raise TrainingError("the range test was ended before its first step")
    if not sweeps[0].finite:
        raise TrainingError(
            f"the loss of the first step is {sweeps[0].losses[0]:g}, before any rate could matter",
            "%train names what is not finite; everything is as it was",
        )
    groups = [float(group["lr"]) for group in request.optimizer.param_groups]
    ratios = tuple(rate / groups[0] if groups[0] else 1.0 for rate in groups)
    held = weakref.ref(request.optimizer)
    return RangeTest(*names, tuple(sweeps), steps, control.stopping, ratios, held)


def check_sweep(first: float, last: float, steps: int, seeds: int) -> None:
    """Refuse rates and numbers of steps and seeds that make no range test.

    Raises
    ------
    TrainingError
        One of them is out of its range; the message begins with its option.
    """
    for name, rate in (("from", first), ("to", last)):
        if not (isinstance(rate, Real) and math.isfinite(rate) and rate > 0):
            raise TrainingError(f"--{name} {rate}: a learning rate above 0 is needed")
    if first >= last:
        raise TrainingError(f"--from {first:g} --to {last:g}: --to must be the larger one")
    for name, value, least, most in (("steps", steps, FEWEST, MOST), ("seeds", seeds, 1, MOST)):
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not (whole and least <= value <= most):
            wanted = f"a whole number from {least} to {most} is needed"
            raise TrainingError(f"--{name} {value}: {wanted}")


def _two_digits(rate: float) -> float:
    return float(f"{rate:.2g}")
