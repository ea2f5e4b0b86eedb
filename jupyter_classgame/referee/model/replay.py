"""Repeated passes of a model from one state, traced or not."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves, tree_map_only

from jupyter_classgame.referee.isolation.counters import Counters
from jupyter_classgame.referee.isolation.object_graph import walk
from jupyter_classgame.referee.isolation.rng import RandomSources, SystemEntropy, is_generator
from jupyter_classgame.referee.model.tracing.op_tracer import Trace, Tracer
from jupyter_classgame.training.device.placement import device_of
from jupyter_classgame.training.state.weights_fingerprint import unwrapped


@contextmanager
def eagerly() -> Iterator[None]:
    """Run compiled functions eagerly, without compiling them."""
    set_stance: Any = getattr(torch.compiler, "set_stance", None)
    if set_stance is None:
        yield
        return
    with set_stance("force_eager"):
        yield


def find_scores(outputs: Any) -> Tensor:
    """Find class scores anywhere in a model's outputs: the first tensor of two dimensions.

    Where none has two, the first tensor of all is returned, so that its shape can be reported. In
    training, `training.loop.meter.scores_of` accepts fewer forms of outputs.

    Raises
    ------
    TypeError
        There is no tensor, or it holds integers.
    """
    if outputs is None:
        raise TypeError("the model returns nothing; end its forward with: return scores")
    tensors = [t for t in tree_leaves(outputs) if isinstance(t, Tensor)]
    if not tensors:
        raise TypeError(f"the model returns {type(outputs).__name__}, not a tensor of class scores")
    scores = next((t for t in tensors if t.ndim == 2), tensors[0])
    if not (scores.is_floating_point() or scores.is_complex()):
        kind = str(scores.dtype).rsplit(".", maxsplit=1)[-1]
        raise TypeError(
            f"the model returns {kind} of shape {tuple(scores.shape)}, not scores of shape "
            "(batch, classes); leave argmax to %train"
        )
    return scores


class ModelReplay:
    """A model that can be run again and again from the same buffers and random state.

    Parameters
    ----------
    model
        The model, which may be wrapped for several devices.
    images
        The batch to run it on, (n, ...).
    extra
        Tensors that training changes besides the model's parameters.
    """

    def __init__(self, model: Any, images: Tensor, extra: Sequence[Tensor] = ()) -> None:
        self.parallel = type(model).__name__ if isinstance(model, nn.DataParallel) else ""
        self.model = unwrapped(model)
        self.images = images.to(device_of(self.model))
        self.extra = extra
        self.parameters = [*self.model.parameters(), *extra]
        references = list(walk(self.model, "model"))
        self.entropy = SystemEntropy()
        generators = [r.value for r in references if is_generator(r.value)]
        self.random_sources = RandomSources([*generators, self.entropy.generator])
        self.counters = Counters(references)
        self.outputs: Any = None
        """What the first pass returned, without its gradients."""
        self.buffers = [(b, b.detach().clone()) for b in self.model.buffers()]

    def begin(self, seed: int) -> None:
        """Restore the buffers and seed the random generators; counters move on with the seed."""
        with torch.no_grad():
            for buffer, kept in self.buffers:
                buffer.copy_(kept)
        self.random_sources.seed(seed)
        self.counters.move(seed)

    @contextmanager
    def conditions(self) -> Iterator[None]:
        """Run passes as a run does: with gradients in training mode, without in evaluation."""
        with eagerly(), torch.set_grad_enabled(self.model.training), self.entropy.stand_in():
            yield

    def first(self) -> tuple[Any, bool]:
        """Return the outputs of a first pass, and whether it drew random numbers."""
        self.begin(0)
        before = self.random_sources.state()
        with self.conditions():
            outputs = self.model(self.images)
        self.counters.find()
        self.outputs = tree_map_only(Tensor, Tensor.detach, outputs)
        return outputs, self.random_sources.moved(before)

    def run(self, seed: int, images: Tensor | None = None) -> Any:
        """Return the outputs of one pass on `images`; None stands for the usual batch."""
        self.begin(seed)
        with self.conditions():
            return self.model(self.images if images is None else images)

    def trace(
        self, seed: int, classes: int | None, random: frozenset[int] = frozenset(),
        held: Sequence[Tensor] = (),
    ) -> Trace:  # fmt: skip
        """Trace one pass.

        Parameters
        ----------
        seed
            Of all random generators.
        classes
            Width of the scores, where known.
        random
            Numbers of the operations that are known to have a random operand.
        held
            Further tensors that count as parameters.
        """
        self.begin(seed)
        tracer = Tracer([self.images], [*self.parameters, *held], classes, random)
        with self.conditions(), tracer:
            outputs = self.model(self.images)
        return tracer.finish(outputs)
