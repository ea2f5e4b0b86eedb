"""Which operations run in the passes of a model, as a digest that tells whether they are others."""

from typing import Any

from torch import nn

from jupyter_classgame.referee.model.tracing.operation_counts import OperationCounts
from jupyter_classgame.training.module_names import is_eager


class WatchedPasses(nn.Module):
    """A model whose passes are watched.

    Attributes
    ----------
    digests
        Of each pass so far what ran in it: how often each operation of torch's, whatever the
        number of images. Empty where the model is compiled.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.digests: set[str] = set()
        self._eager = is_eager(network)

    def forward(self, images: Any) -> Any:
        """Pass images through the model."""
        if not self._eager:
            return self.network(images)
        operations = OperationCounts()
        with operations:
            outputs = self.network(images)
        self.digests.add(operations.digest)
        return outputs


def are_others(recorded: str, now: set[str]) -> bool:
    """Say whether other operations ran than were recorded; not known on another torch or device."""
    place = recorded.rpartition(": ")[0]
    return bool(recorded) and any(
        digest != recorded for digest in now if digest.rpartition(": ")[0] == place
    )
