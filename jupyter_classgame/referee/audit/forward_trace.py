"""The real forward pass of a batch, traced as it runs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor
from torch.utils._pytree import tree_leaves

from jupyter_classgame.referee.facts import ModelFacts
from jupyter_classgame.referee.model.tracing.op_names import CONVOLUTIONS, PRODUCTS
from jupyter_classgame.referee.model.tracing.op_tracer import Trace, Tracer

FEWEST = 4
"""Smaller batches are not traced: over one image a batch norm is another operation."""


@dataclass
class WeightsInUse:
    """Which weights layers were given.

    Attributes
    ----------
    trained
        Shapes of those that training changes, by their place in memory.
    others
        How many others there were, by shape.
    """

    trained: dict[Any, tuple[int, ...]] = field(default_factory=dict)
    others: Counter[tuple[int, ...]] = field(default_factory=Counter)


class ForwardTrace(Tracer):  # type: ignore[no-untyped-call]
    """Traces a pass and never ends it: where the tracer fails the pass goes on, untraced.

    Attributes
    ----------
    images
        What the pass was given.
    front
        A copy of what the first layer with weights was given; None where there was no such layer.
    weights
        The weights of convolutions and products.
    lost
        The tracer failed.
    """

    def __init__(
        self, images: Tensor, parameters: Iterable[Tensor], classes: int | None = None
    ) -> None:
        super().__init__([images], parameters, classes)
        self.images = images.detach().clone()  # a model may change what it is given
        self.front: Tensor | None = None
        self.weights = WeightsInUse()
        self.lost = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operation once, whatever becomes of its record."""
        if self.lost:
            return func(*args, **(kwargs or {}))
        once = _Once(func)
        try:
            if once.name in CONVOLUTIONS or once.name in PRODUCTS:
                self._note_layer(args)
            return super().__torch_dispatch__(once, types, args, kwargs)
        except Exception:
            if once.failed:
                raise
            self.lost = True
            self.alive.clear()
            return once(*args, **(kwargs or {}))

    def _note_layer(self, args: Any) -> None:
        tensors = [t for t in tree_leaves(args) if isinstance(t, Tensor)]
        infos = [self._look(t) for t in tensors]
        if not any(i.of_input for i in infos):
            return
        for tensor, info in zip(tensors, infos, strict=True):
            if info.of_input or tensor.ndim < 2:
                continue
            if info.of_parameter:
                for used in info.used:
                    parameter = self.parameters.get(used[0])
                    if parameter is not None:
                        self.weights.trained[used] = tuple(sorted(parameter.shape))
            else:
                self.weights.others[tuple(sorted(tensor.shape))] += 1
        if self.front is None and any(i.of_parameter and not i.of_input for i in infos):
            given = [t for t, i in zip(tensors, infos, strict=True) if i.of_input]
            self.front = max(given, key=lambda t: t.numel()).detach().clone()

    def facts(self, outputs: Any) -> ModelFacts | None:
        """Sum up what ran on the way to the outputs; None where that cannot be told."""
        if self.lost or not self.trace.operations:
            return None
        return _facts_of(self.finish(outputs))


def _facts_of(trace: Trace) -> ModelFacts:
    provenance = trace.provenance
    count = len(provenance.path)
    facts = ModelFacts(convolutions=count, members=provenance.members)
    facts.depth_text = f"{count} convolution{'' if count == 1 else 's'} run one after another"
    for kind in provenance.marks - {"views", "pixels"}:
        facts.runs[kind] = (trace.counts[kind], trace.texts[kind])
    return facts


class _Once:
    """An operation that runs once, and gives its result again when it is asked for."""

    def __init__(self, func: Any) -> None:
        self._func, self._schema, self.tags = func, func._schema, func.tags  # noqa: SLF001
        self.name = self._schema.name
        self._done, self._result, self.failed = False, None, False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._done:
            try:
                self._result = self._func(*args, **kwargs)
            except BaseException:
                self.failed = True
                raise
            self._done = True
        return self._result


def other_weights(training: WeightsInUse, evaluation: WeightsInUse) -> str:
    """Describe weights that stand in for trained ones in evaluation; nothing where none do."""
    missing = [s for key, s in training.trained.items() if key not in evaluation.trained]
    new = evaluation.others - training.others
    if not missing or Counter(missing) - new or not all(len(s) > 1 for s in missing):
        return ""
    return (
        f"in validation {len(missing)} of {len(training.trained)} trained weights do not run, and "
        "others of the same shapes do"
    )
