"""Mixed images (mixup, cutmix) for the first epochs only, plain ones to finish with."""

from typing import TYPE_CHECKING, Any

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.callback import Callback

if TYPE_CHECKING:
    from jupyter_classgame.training.options.values import Options
    from jupyter_classgame.training.run.lifecycle import Run
    from jupyter_classgame.training.run.run_request import RunRequest


class MixUntil(Callback):
    """Leaves the training loader's ``batch_transform`` off after an epoch of the run.

    Parameters
    ----------
    last
        The last epoch of this run with it, at least 1.
    """

    def __init__(self, last: int) -> None:
        self.last = last

    @classmethod
    def of(cls, options: "Options") -> "MixUntil":
        """Read the option."""
        return cls(options.mix_until)

    def check(self, request: "RunRequest") -> None:
        """Refuse a loader that has nothing to leave off."""
        if not has_batch_transform(request.train_loader):
            raise TrainingError(
                f"--mix-until {self.last}: train_loader has no batch_transform to leave off; "
                "build it with game.loader(..., batch_transform=mixup)"
            )

    def on_epoch_begin(self, run: "Run") -> None:
        """Say whether this epoch's images are mixed."""
        run.mixing = run.epoch <= self.last


def has_batch_transform(loader: Any) -> bool:
    """Say whether a loader hands whole batches to a transform, as ``game.loader`` has it done."""
    return getattr(getattr(loader, "collate_fn", None), "batch_transform", None) is not None
