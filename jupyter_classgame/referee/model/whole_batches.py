"""Whether a model does to the batches of a run what it does to a few images."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from jupyter_classgame.referee.model.replay import ModelReplay
from jupyter_classgame.referee.model.tracing.operation_counts import OperationCounts

MOST_NUMBERS = 4_000_000
"""How many numbers a batch may hold that a model is really run on."""

SECONDS_EACH = 2e-3
"""What it costs to count an operation without carrying it out."""

SEEDS = 3


@dataclass(frozen=True)
class BatchSizes:
    """How many images a batch of a run has in training, and in evaluation wherever it is asked."""

    training: int
    evaluation: tuple[int, ...]


class WholeBatches:
    """A model on batches as large as those of a run.

    Most of it costs little: the operations are counted without being carried out.

    Parameters
    ----------
    replay
        The model and a few images.
    """

    def __init__(self, replay: ModelReplay) -> None:
        self.replay = replay
        self._few: dict[bool, tuple[Counter[str], float]] = {}

    def differs(self, rows: int, *, training: bool) -> bool:
        """Return whether other operations run on a batch of `rows` images than on a few."""
        if rows <= len(self.replay.images):
            return False
        self.replay.model.train(training)
        few, seconds = self._of_few(training=training)
        many = None
        if seconds * rows / len(self.replay.images) > SECONDS_EACH * few.total():
            many = self._carried_out_by_none(rows)
        if many is None:
            many = self._operations(self.images(rows), 0)
        if few == many:
            return False
        # Layers that are left out at random leave out others where fewer numbers were drawn.
        return all(self._operations(self.replay.images, k) == few for k in range(1, SEEDS))

    def images(self, rows: int) -> Tensor:
        """Return a batch of `rows` images, or of as many as can be afforded."""
        few = self.replay.images
        rows = max(min(rows, MOST_NUMBERS // max(few[0].numel(), 1)), len(few))
        return few.repeat(-(-rows // len(few)), *[1] * (few.ndim - 1))[:rows]

    def _of_few(self, *, training: bool) -> tuple[Counter[str], float]:
        """Return the operations on a few images, and how many seconds they took."""
        if training not in self._few:
            begin = time.process_time()
            count = self._operations(self.replay.images, 0)
            self._few[training] = count, time.process_time() - begin
        return self._few[training]

    def _operations(self, images: Tensor, seed: int) -> Counter[str]:
        self.replay.begin(seed)
        operations = OperationCounts()
        with self.replay.conditions(), operations:
            self.replay.model(images)
        return operations.families

    def _carried_out_by_none(self, rows: int) -> Counter[str] | None:
        """Count the operations on a batch that has a form but no numbers; None if it needs them."""
        few = self.replay.images
        operations = OperationCounts()
        self.replay.begin(0)
        try:
            with (
                _attributes_kept(self.replay.model),
                self.replay.conditions(),
                FakeTensorMode(allow_non_fake_inputs=True),
            ):
                images = torch.empty(rows, *few.shape[1:], dtype=few.dtype, device=few.device)
                with operations:
                    self.replay.model(images)
        except Exception:  # noqa: BLE001 - a decision by values, NumPy, or what torch knows no form of
            return None
        return operations.families


@contextmanager
def _attributes_kept(model: nn.Module) -> Iterator[None]:
    """Put back what modules hold, as tensors without numbers are of no use later."""
    held = [(m, dict(vars(m)), dict(m._buffers)) for m in model.modules()]  # noqa: SLF001
    try:
        yield
    finally:
        for module, attributes, buffers in held:
            vars(module).clear()
            vars(module).update(attributes)
            module._buffers.clear()  # noqa: SLF001
            module._buffers.update(buffers)  # noqa: SLF001
