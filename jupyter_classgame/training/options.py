"""What a run is asked for beside its objects: the options of ``%train``, checked."""

import math
from dataclasses import dataclass
from typing import Any

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callbacks import Callback
from jupyter_classgame.training.callbacks.clip import GradientClipping
from jupyter_classgame.training.callbacks.early_stopping import EarlyStopping
from jupyter_classgame.training.callbacks.ema import WeightAverage
from jupyter_classgame.training.callbacks.mixing import MixUntil
from jupyter_classgame.training.callbacks.smoothing import LabelSmoothing
from jupyter_classgame.training.callbacks.switch import SwitchOptimizer
from jupyter_classgame.training.callbacks.warmup import WarmUp

KEEP = ("last", "best", "ema")
"""Whose weights a run may leave in the model."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a run; ``%train --warmup 5`` is ``warmup=5``.

    Parameters
    ----------
    epochs
        How many to train, at least 1; None takes the configured default.
    seed
        Addresses every random draw; None is the game's, or follows torch's random state.
    devices
        "auto", one device such as "cpu" or "cuda:0", or several: a number, "cpu:2", "cuda:0,2".
        None is "auto", without a word where it is one.
    precision
        "auto", "no", "bf16" or "fp16".
    practice, force
        Do not rank; go on in spite of the coach's errors.
    monitor
        The number that decides which epoch is best: "val_acc", "val_loss", "train_acc",
        "train_loss"; None takes validation accuracy where there is validation.
    patience, min_delta
        Epochs without a better ``monitor``, by more than ``min_delta``, after which the run ends.
    keep
        "last", "best" or "ema": whose weights the model is left with.
    warmup
        Epochs of the model's life over which the learning rate rises from near 0; the scheduler
        follows.
    ema
        Decay of a moving average of the weights, above 0 and below 1.
    clip
        Largest norm of the gradient, above 0.
    accumulate
        Batches whose gradients make one step, at least 1.
    mix_until
        The last epoch of the run with the loader's ``batch_transform`` (mixup, cutmix).
    smooth
        Label smoothing that falls from the first epoch to the last, such as "0.1:0.0".
    then, at
        An optimizer that takes over at the beginning of the run's epoch ``at``, at least 2.
    log
        An Accelerate tracker such as "tensorboard".
    save
        A name to save the model under, as safetensors with a card.
    background
        Return at once and train in a thread.
    resume
        Go on with the run that a dead kernel left behind.
    sync_bn
        Batch norm normalises over all devices.
    accelerate_config
        Path of an Accelerate configuration file: mixed precision, gradient accumulation and
        settings of DistributedDataParallel.
    export_job
        A new folder to write the run to, for other machines, instead of training.
    import_job
        Such a folder, whose result is put into the objects instead of training.
    """

    epochs: int | None = None
    seed: int | None = None
    devices: str | int | None = None
    precision: str = "auto"
    practice: bool = False
    force: bool = False
    monitor: str | None = None
    patience: int | None = None
    min_delta: float = 0.0
    keep: str = "last"
    warmup: int = 0
    ema: float | None = None
    clip: float | None = None
    accumulate: int = 1
    mix_until: int | None = None
    smooth: str | None = None
    then: Any = None
    at: int | None = None
    log: str | None = None
    save: str | None = None
    background: bool = False
    resume: bool = False
    sync_bn: bool = False
    accelerate_config: str | None = None
    export_job: str | None = None
    import_job: str | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "patience", "accumulate", "mix_until"):
            _whole(name, getattr(self, name), least=1)
        _whole("at", self.at, least=2)
        _whole("warmup", self.warmup, least=0)
        _number("min_delta", self.min_delta, least=0.0)
        if self.min_delta and self.patience is None:
            raise TrainingError(f"--min-delta {self.min_delta:g}: add --patience N as well")
        if self.keep not in KEEP:
            raise TrainingError(f"--keep {self.keep}: write one of {', '.join(KEEP)}")
        if self.keep == "ema" and self.ema is None:
            raise TrainingError("--keep ema: there is no average; add --ema 0.999 or another decay")
        _between("ema", self.ema, below=1.0)
        _between("clip", self.clip)
        if self.smooth is not None:
            _smoothing(self.smooth)
        if self.then is not None and self.at is None:
            raise TrainingError("--then: add --at EPOCH, the epoch at which it takes over")
        if self.at is not None and self.then is None:
            raise TrainingError(f"--at {self.at}: add --then OPTIMIZER, the one that takes over")
        jobs = [n for n in ("export_job", "import_job", "resume") if getattr(self, n)]
        if len(jobs) > 1:
            raise TrainingError(f"{option(jobs[0])}: it does not go with {option(jobs[1])}")

    def callbacks(self) -> list[Callback]:
        """Build what the options ask for, in the order in which the loop calls it."""
        chosen: list[Callback] = []
        if self.then is not None:
            chosen.append(SwitchOptimizer())
        if self.warmup:
            chosen.append(WarmUp(self.warmup))
        if self.mix_until is not None:
            chosen.append(MixUntil(self.mix_until))
        if self.smooth is not None:  # after what says whether images are mixed
            chosen.append(LabelSmoothing(*_smoothing(self.smooth)))
        if self.clip is not None:
            chosen.append(GradientClipping(self.clip))
        if self.ema is not None:  # after what changes the loss in validation
            chosen.append(WeightAverage(self.ema, keep=self.keep == "ema"))
        if self.patience is not None:
            chosen.append(EarlyStopping(self.patience, self.min_delta))
        return chosen


def option(name: str) -> str:
    """Give an option's spelling in ``%train``."""
    return f"--{name.replace('_', '-')}"


def _whole(name: str, value: Any, *, least: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise TrainingError(
            f"{option(name)} {value!r}: a whole number, at least {least}, is needed"
        )


def _smoothing(text: Any) -> tuple[float, float]:
    """Read label smoothing such as ``0.1:0.0``: in the first epoch, and in the last."""
    try:
        first, last = (float(part) for part in str(text).split(":"))
    except ValueError:
        first = last = math.nan
    if not (0 <= first < 1 and 0 <= last < 1):
        raise TrainingError(
            f"--smooth {text}: write the smoothing of the first and of the last epoch, "
            "from 0 to below 1, such as 0.1:0.0"
        )
    return first, last


def _between(name: str, value: Any, *, below: float = math.inf) -> None:
    """Refuse what is no number between 0 and ``below``, both left out."""
    if value is None:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < below:
        also = f" and below {below:g}" if below < math.inf else ""
        raise TrainingError(f"{option(name)} {value}: a number above 0{also} is needed")


def _number(name: str, value: Any, *, least: float) -> None:
    if value is None:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value < least:
        raise TrainingError(f"{option(name)} {value!r}: a number, at least {least:g}, is needed")
