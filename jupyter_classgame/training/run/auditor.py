"""What a run tells of its steps to somebody who checks them; here nobody does."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from torch import Tensor, nn


class Auditor:
    """Hears of each part of a step, and changes nothing; a subclass looks at what it wants.

    ``run`` is a :class:`~jupyter_classgame.training.run.lifecycle.Run`, which holds its auditor.

    Attributes
    ----------
    holds_graph
        Whether the graph of the step under way is still wanted after its backward pass.
    """

    holds_graph = False

    def begin(self, run: Any, ranks: Any) -> None:
        """Take the run right before its first step, when all objects are on their device.

        ``ranks`` are the :class:`~jupyter_classgame.training.loop.ranks.Ranks` that share the run.
        """

    def elsewhere(self) -> "Elsewhere | None":
        """Give what makes an auditor of the same run in another process, None for none.

        It is called there with a function that is to be told of each breach, as a dataclass.
        """

    def breached(self, run: Any, fields: Mapping[str, Any]) -> None:
        """Take a breach that was found in another process of a run, as its fields."""

    def epoch_begins(self) -> None:
        """Hear that an epoch begins."""

    def weights_moved(self) -> None:
        """Hear that the run itself has changed the weights, as between modes of an optimizer."""

    def batch_begins(self, images: Any, *, first: bool, last: bool) -> None:
        """Hear of a batch, the ``first`` of its step and the ``last`` of its epoch or not."""

    def forward(self, images: Any) -> AbstractContextManager[Any]:
        """Give the context of a forward pass in training."""
        del images
        return nullcontext()

    def backward_begins(self, outputs: Any, loss: Tensor, scaled: Tensor) -> None:
        """Take a batch's loss, and the multiple of it that is differentiated next."""

    def backward_ended(self, outputs: Any, targets: Any, *, whole: bool) -> None:
        """Take the gradients after the backward pass; ``whole`` ones are those of all ranks."""

    def step_begins(self) -> None:
        """Hear that the optimizer is about to step, by whole and unscaled gradients."""

    def step_taken(self) -> None:
        """Hear that it has stepped."""

    def step_ended(self) -> None:
        """Hear that all that belongs to a step is over."""

    def epoch_trained(self) -> None:
        """Hear that an epoch's last batch was trained."""

    def validation_begins(self, model: nn.Module) -> None:
        """Hear that the model is about to be measured; it is in eval mode."""
        del model

    def evaluation(self, images: Any) -> AbstractContextManager[Any]:
        """Give the context of a forward pass in validation."""
        del images
        return nullcontext()

    def evaluated(self, outputs: Any) -> None:
        """Hear of what that pass gave."""
        del outputs

    def validation_ended(self) -> None:
        """Hear that the model was measured."""


Elsewhere = Callable[[Callable[[Any], None]], Auditor]

UNAUDITED = Auditor()
"""Looks at nothing."""
