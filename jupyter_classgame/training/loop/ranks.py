"""What a run asks about the processes that share it; here the one that has it to itself."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor, nn
from torch.optim import Optimizer

from jupyter_classgame.data.feed.partition import Partition, Shard


class Ranks:
    """A run's one process; `ManyRanks` in ``launch/processes/rank_loop.py`` is one of several.

    Attributes
    ----------
    count
        How many processes share the run.
    split
        Which part of every batch is this one's; None is all of it.
    total
        Adds a tensor of float64 on the CPU up over all processes, None where there is one.
    """

    count: int = 1
    split: Partition | None = None
    total: Callable[[Tensor], Tensor] | None = None

    def prepare(self, model: nn.Module) -> Callable[[Any], Any]:
        """Give what runs the model forward, so that gradients are those of whole batches."""
        return model

    def gathering(self, *, whole: bool) -> AbstractContextManager[Any]:
        """Give the context of a forward and backward pass, whose gradient is then ``whole``."""
        del whole
        return nullcontext()

    def average(self, optimizer: Optimizer, *, unknown: bool) -> None:
        """Make an optimizer's gradients whole before its step.

        ``unknown`` says that their last pass did not know that it was the last.
        """

    def weighed(
        self, loss: Tensor, scores: Tensor, criterion: Any, targets: Any, share: Shard | None
    ) -> Tensor:
        """Give what the loss of a share, by these scores, contributes to the whole batch's."""
        del scores, criterion, targets, share
        return loss

    def seed(self, seed: int, epoch: int) -> None:
        """Hear that an epoch of the model's life begins, whose draws were just seeded."""

    def drawing(self) -> AbstractContextManager[Any]:
        """Give the context in which a model draws, as dropout does."""
        return nullcontext()

    def align(self, *parts: Any) -> None:
        """Give all processes the same buffers, of those parts that are modules."""


ALONE = Ranks()
