"""Label smoothing that changes over a run (Szegedy et al. 2016, arXiv:1512.00567)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.callbacks.mixing import has_batch_transform
from jupyter_classgame.training.options.table import smoothing_range

if TYPE_CHECKING:
    from jupyter_classgame.training.options.values import Options
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest


class LabelSmoothing(Callback):
    """Sets the criterion's ``label_smoothing``, in equal parts from the first epoch to the last.

    Epochs are those of this run. Validation is measured without smoothing. It rests in batches
    whose targets the loader's ``batch_transform`` has softened already, for smoothing on top of
    mixup hurts. After every epoch the criterion has the user's own value again, which is also what
    becomes of a value set by hand meanwhile.

    Parameters
    ----------
    first, last
        Smoothing in the first and in the last epoch, from 0 to below 1.
    """

    technique = "label-smoothing"

    def __init__(self, first: float, last: float) -> None:
        self.first, self.last = first, last
        self._criterion: Any = None
        self._own = self._given = self._now = 0.0
        self._used = self._mixes = False

    @classmethod
    def of(cls, options: "Options") -> "LabelSmoothing":
        """Read the option."""
        return cls(*(smoothing_range(options.smooth) or (0.0, 0.0)))

    @property
    def option(self) -> str:
        """What was asked for, as it is written."""
        return f"--smooth {self.first:g}:{self.last:g}"

    def check(self, request: "RunRequest") -> None:
        """Refuse a criterion that knows no label smoothing."""
        value = getattr(request.criterion, "label_smoothing", None)
        if not isinstance(value, (int, float)):
            kind = getattr(request.criterion, "__name__", type(request.criterion).__name__)
            raise TrainingError(
                f"{self.option}: the criterion {kind} has no label_smoothing; "
                "criterion = nn.CrossEntropyLoss() has"
            )

    def evidence(self, request: "RunRequest") -> str:
        """Name the option."""
        del request
        return self.option if self.first or self.last else ""

    def on_train_begin(self, run: "Run") -> None:
        """Remember the user's own value."""
        self._criterion = run.request.criterion
        self._own = self._given = self._criterion.label_smoothing
        self._mixes = has_batch_transform(run.request.train_loader)

    def on_epoch_begin(self, run: "Run") -> None:
        """Find this epoch's value."""
        share = (run.epoch - 1) / max(1, run.request.epochs - 1)
        self._now = self.first + (self.last - self.first) * share
        self._give(self._now)

    def on_batch_begin(self, run: "Run", images: Tensor, targets: Any) -> tuple[Tensor, Any]:
        """Smooth this batch's targets, unless they are soft by mixing."""
        soft = isinstance(targets, Tensor) and targets.is_floating_point()
        mixed = self._mixes and run.mixing and soft
        self._used = self._used or not mixed
        self._give(0.0 if mixed else self._now)
        return images, targets

    def on_validation_begin(self, run: "Run", measure: Callable[[], Any]) -> None:
        """Measure without it."""
        del run, measure
        self._give(0.0)

    def on_epoch_end(self, run: "Run", numbers: dict[str, float]) -> None:
        """Give the user's own value back, and say at the end if nothing was smoothed."""
        del numbers
        self._give(self._own)
        if run.epoch == run.request.epochs and not self._used:
            run.notice(
                f"{self.option} was never used, for all images were mixed; add --mix-until EPOCH"
            )

    def on_train_end(self, run: "Run") -> None:
        """Give the user's own value back."""
        del run
        if self._criterion is not None:
            self._give(self._own)

    def _give(self, value: float) -> None:
        """Set the criterion's value; one that was set by hand meanwhile is the user's own."""
        if self._criterion.label_smoothing != self._given:
            self._own = self._criterion.label_smoothing
        self._criterion.label_smoothing = self._given = value
