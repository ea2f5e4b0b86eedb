"""Tracing of one forward pass: the provenance of each tensor, updated by each operation.

The provenance lists the convolutions on the longest path to a tensor, the parameters, random masks,
norms and sums of branches. That of the outputs is what the model uses: a layer whose result is
discarded does not count.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import gcd
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from jupyter_classgame.referee.model.tracing.convolution_windows import (
    cuts_patches,
    moved_apart,
    weighted,
    window_of,
)
from jupyter_classgame.referee.model.tracing.op_names import (
    ADDING,
    BATCH_NORMS,
    BY_VALUE,
    CONVOLUTIONS,
    DROPOUTS,
    FORM,
    NORMS,
    PARTS,
    PRODUCTS,
    QUIET,
    REDUCTIONS,
    SCALING,
    SHAPE_ONLY,
    SOFTMAXES,
    draws_alone,
    plain_of,
    short_of,
)
from jupyter_classgame.referee.model.tracing.provenance import (
    NOTHING,
    Key,
    Provenance,
    descended,
    key_of,
    merged_of,
    storage_of,
)
from jupyter_classgame.referee.model.tracing.random_masks import drops, kind_of

MOST_SAMPLE = 4096


@dataclass
class Operand:
    """An operand that depends on neither images nor parameters: random if passes differ in it."""

    content: bytes
    index: int


@dataclass(frozen=True)
class Front:
    """What reached a first layer with weights, and the techniques that were seen before it."""

    images: Tensor
    marks: frozenset[str]


@dataclass
class Trace:
    """The record of one pass.

    Attributes
    ----------
    outputs, provenance
        What the model returned, and its provenance.
    texts, counts
        By technique: its evidence, and how often it was seen.
    operands
        Operands that may turn out to be random.
    runs
        By the weights of a convolution: how often it ran.
    operations
        How many operations ran.
    strays
        Weights that the model does not list as parameters.
    over_batch
        Activations were reduced over the batch.
    fronts
        By the weights of each first layer: what reached it.
    rows
        By the weights of a layer: how many rows it has seen.
    layers
        By the parameters of layers with weights: the number of the operation that used them first.
    lost
        A layer ran on a batch of activations of which nothing is known.
    read
        The memory of all tensors that operations took.
    writes
        An operation wrote into a parameter.
    """

    outputs: Any = None
    provenance: Provenance = NOTHING
    texts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    operands: list[Operand] = field(default_factory=list)
    runs: dict[Any, int] = field(default_factory=dict)
    operations: int = 0
    strays: set[Any] = field(default_factory=set)
    over_batch: bool = False
    fronts: dict[Any, list[Front]] = field(default_factory=dict)
    rows: dict[Any, int] = field(default_factory=dict)
    layers: dict[Any, int] = field(default_factory=dict)
    lost: bool = False
    read: set[int] = field(default_factory=set)
    writes: bool = False


class Tracer(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Traces the operations that run while it is active.

    Parameters
    ----------
    inputs
        The inputs of the pass.
    parameters
        Tensors that training changes.
    classes
        Width of the scores, where known.
    random
        Numbers of the operations that are known to have a random operand.
    """

    def __init__(
        self,
        inputs: Iterable[Tensor],
        parameters: Iterable[Tensor],
        classes: int | None = None,
        random: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.trace = Trace()
        self.classes, self.random = classes, random
        self.known: dict[Key, Provenance] = {}
        self.by_storage: dict[int, list[Key]] = {}
        self.alive: list[Any] = []
        self.uses: dict[Key, int] = {}
        self.made = 0
        self.parameters = {storage_of(p): p for p in parameters if storage_of(p)}
        inputs = list(inputs)
        self.batch = inputs[0].shape[0] if inputs and inputs[0].ndim else 0
        for tensor in inputs:
            self._learn(tensor, Provenance(of_input=True))

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Any = (),
        kwargs: Any = None,
    ) -> Any:
        """Run one operation and record the provenance of its outputs."""
        kwargs = kwargs or {}
        inputs = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        # Before it runs: an operation in place may change the strides of a tensor, and so its key.
        keys, infos = [key_of(t) for t in inputs], [self._look(t) for t in inputs]
        result = func(*args, **kwargs)
        self.trace.operations += 1
        name = func._schema.name  # noqa: SLF001 - the only place an operation's name is kept
        outputs = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        in_place = name.endswith("_") and bool(inputs)
        if outputs:
            info = self._operation(func, name, args, kwargs, inputs, infos, outputs)
            for tensor in outputs:
                own = self._with_ancestors(name, info, infos, inputs, tensor)
                self._learn(tensor, own, spread=in_place)
        elif in_place:  # on a list of tensors, such as _foreach_add_
            for tensor in inputs:
                self._learn(tensor, merged_of(infos), spread=True)
        for key in keys:
            self.uses[key] = self.uses.get(key, 0) + 1
            self.trace.read.add(key[0])
        return result

    # -- the provenance of tensors ------------------------------------------------------------

    def _look(self, tensor: Tensor) -> Provenance:
        storage = storage_of(tensor)
        found = self.known.get(key_of(tensor))
        if found is not None:
            return found
        views = self.by_storage.get(storage) if storage else None
        if views:  # a view that no operation has made: its memory was passed on outside torch
            return merged_of([self.known[key] for key in views])
        if storage in self.parameters or (tensor.is_leaf and tensor.requires_grad):
            own = (storage, tensor.storage_offset())
            if storage not in self.parameters:
                self.trace.strays.add(own)
            return Provenance(of_parameter=True, used=frozenset({own}))
        return NOTHING

    def _learn(self, tensor: Tensor, info: Provenance, *, spread: bool = False) -> None:
        key, storage = key_of(tensor), storage_of(tensor)
        if storage in self.parameters:
            self.trace.writes |= spread
            if not info.of_input:
                return
        self.alive.append(tensor)
        self.known[key] = info
        keys = self.by_storage.setdefault(storage, [])
        if spread:
            for other in keys:
                self.known[other] = merged_of([self.known[other], info])
        if key not in keys:
            keys.append(key)

    def _with_ancestors(
        self, name: str, info: Provenance, infos: list[Provenance], inputs: list[Tensor],
        output: Tensor,
    ) -> Provenance:  # fmt: skip
        if not info.of_input:
            return info
        plain = plain_of(name)
        part = plain in PARTS and output.shape != inputs[0].shape
        if part and (known := self.known.get(key_of(output))) is not None:
            return known  # the same part again
        self.made += 1
        sources = [i for i in infos if i.of_input]
        form = plain in FORM | PARTS and not part
        return descended(info, sources, self.made, form=form, part=part)

    # -- operations ---------------------------------------------------------------------------

    def _operation(  # noqa: C901 - one branch a family of operations
        self, func: Any, name: str, args: Any, kwargs: Any, inputs: list[Tensor],
        infos: list[Provenance], outputs: list[Tensor],
    ) -> Provenance:  # fmt: skip
        short = short_of(name)
        if short in SHAPE_ONLY:
            return NOTHING
        if name in CONVOLUTIONS and len(inputs) > 1:
            return self._convolution(args, inputs, infos)
        if short.startswith(("_scaled_dot_product", "_flash_attention")):
            return self._fused_attention(args, kwargs, infos)
        if name in PRODUCTS:
            return self._product(inputs, infos, outputs[0])
        merged = merged_of(infos)
        if merged.of_input or merged.of_parameter:
            merged = self._norm(name, merged, inputs, infos)
        if short in REDUCTIONS and infos[0].used and self._loses_batch(inputs[0], outputs[0]):
            self.trace.over_batch = True
        if short in SOFTMAXES and merged.scores:
            merged = replace(merged, scores=False, weights=True)
        if cuts_patches(name, args):
            merged = replace(merged, patches=True)
        merged = self._windowed(short, merged, inputs, infos, outputs)
        if torch.Tag.nondeterministic_seeded in func.tags and name not in QUIET:
            return self._draw(name, merged, args, inputs, infos, outputs)
        if short in SCALING | ADDING and len(inputs) > 1:
            merged = self._met(short, merged, args, inputs, infos)
        if short in ADDING | {"cat", "stack"}:
            merged = self._joined(short, merged, inputs, infos)
        elif short in ("mul", "mul_", "div", "div_") and len(inputs) == 2:
            merged = self._evened(merged, inputs, infos, outputs[0])
            merged = self._gated(merged, inputs, infos)
        return self._heads(short, merged, infos)

    def _convolution(self, args: Any, inputs: list[Tensor], infos: list[Provenance]) -> Provenance:
        image, kernel = inputs[0], inputs[1]
        source, weight = infos[0], infos[1]
        self._layer_runs(image, source, weight)
        if not source.of_input or not weight.of_parameter:
            return merged_of(infos)
        group = weight.used if len(weight.used) > 1 else next(iter(weight.used))
        self.trace.runs[group] = self.trace.runs.get(group, 0) + 1
        base = replace(
            source, used=merged_of(infos).used, marks=source.marks | weight.marks,
            head=0, members=1, patches=False, scores=False, weights=False, depth=source.depth + 1,
            windows=frozenset(), spectral=False, lanes=1, laned=0,
        )  # fmt: skip
        groups = _int(args, 8)
        if groups > 1:
            lanes = gcd(source.lanes, groups) if source.lanes > 1 else groups
            base = self._in_lanes(base, source, lanes, image.chunk(lanes, 1))
        if kernel.shape[0] == self.classes:
            base = replace(base, head=self.trace.operations)
        elif self.classes is not None and kernel.shape[0] == base.lanes * self.classes:
            base = self._lanes_meet(base)
        if max(image.shape[2:]) == 1 and max(kernel.shape[2:]) == 1:
            return base  # on a single pixel a convolution is a linear layer
        depthwise = groups > 1 and groups == image.shape[1]
        pointwise = groups == 1 and max(kernel.shape[2:]) == 1
        base = replace(base, convolved=source.convolved | {group})
        if pointwise and source.depthwise and group not in source.path:
            return replace(base, depthwise=False)
        path = source.path if group in source.path else (*source.path, group)
        return replace(base, path=path, depthwise=depthwise)

    def _fused_attention(self, args: Any, kwargs: Any, infos: list[Provenance]) -> Provenance:
        merged = merged_of(infos)
        if not merged.of_input:
            return merged
        probability = kwargs.get("dropout_p", _float(args, 3))
        if probability > 0:
            merged = self._mark(merged, "dropout", f"attention drops {probability:.0%}")
        return self._mark(merged, "attention", "queries meet keys")

    def _product(self, inputs: list[Tensor], infos: list[Provenance], output: Tensor) -> Provenance:
        merged = merged_of(infos)
        tensors = [i for i in infos if i.of_input]
        weights = [i for i in infos if i.of_parameter and not i.of_input]
        pairs = list(zip(inputs, infos, strict=True))
        others = [(t, i) for t, i in pairs if not i.of_parameter or i.of_input]
        image, source = (others or pairs)[0]
        for weight in weights:
            self._layer_runs(image, source, weight)
        if not tensors:
            return merged
        plain = replace(merged, patches=False, scores=False, weights=False)
        if len(tensors) > 1:
            if any(t.weights or t.scores for t in tensors):
                return self._mark(plain, "attention", "queries meet keys")
            return replace(plain, scores=bool(plain.used), head=0)
        if not weights:
            return plain
        if tensors[0].patches or tensors[0].spectral:
            plain = self._layer(plain, frozenset().union(*(w.used for w in weights)))
        plain = replace(plain, windows=weighted(plain.windows))
        plain = replace(plain, depth=plain.depth + 1)
        wide = self.classes is not None and output.ndim > 1 and output.shape[-1] == self.classes
        plain = replace(plain, head=self.trace.operations if wide else 0, members=1)
        plain = replace(plain, lanes=1, laned=0)
        stacked = [t for t, i in pairs if i.of_parameter and not i.of_input and t.ndim == 3]
        if image.ndim != 3 or not any(len(t) == len(image) and t.stride(0) > 0 for t in stacked):
            return plain
        plain = self._in_lanes(plain, source, len(image), image.unbind(0))
        return self._lanes_meet(plain) if self.classes in output.shape[1:] else plain

    def _in_lanes(
        self, info: Provenance, source: Provenance, lanes: int, parts: Sequence[Tensor]
    ) -> Provenance:
        """Follow a layer of several networks side by side; they begin where all see the same."""
        if lanes < 2:
            return info
        one, two = parts[0], parts[1]
        begin = one.shape == two.shape and bool(torch.equal(one, two))
        return replace(info, lanes=lanes, laned=1 if begin else max(source.laned, 1) + 1)

    def _lanes_meet(self, info: Provenance) -> Provenance:
        """Count the networks side by side whose class scores a layer gives."""
        info = replace(info, head=self.trace.operations)
        return replace(info, members=info.lanes) if info.laned > 1 else info

    def _layer_runs(self, images: Tensor, source: Provenance, weight: Provenance) -> None:
        """Note that a layer with weights runs, and what reaches it if it is the first."""
        if not weight.of_parameter:
            return
        for parameter in weight.used:
            self.trace.layers.setdefault(parameter, self.trace.operations)
        rows = len(images) if images.ndim else 0
        self.trace.rows[weight.used] = self.trace.rows.get(weight.used, 0) + rows
        if source.of_input and not source.used:
            self.trace.fronts.setdefault(weight.used, []).append(Front(images, source.marks))
        unknown = not (source.of_input or source.of_parameter or source.noise)
        if unknown and images.ndim > 1 and images.shape[0] == self.batch:
            self.trace.lost |= not torch.equal(images[0], images[-1])

    def _layer(self, info: Provenance, group: Any) -> Provenance:
        """Count a convolution made of several operations."""
        self.trace.runs[group] = self.trace.runs.get(group, 0) + 1
        path = info.path if group in info.path else (*info.path, group)
        return replace(info, convolved=info.convolved | {group}, path=path, spectral=False)

    def _windowed(
        self, short: str, merged: Provenance, inputs: list[Tensor], infos: list[Provenance],
        outputs: list[Tensor],
    ) -> Provenance:  # fmt: skip
        """Find convolutions made of shifted windows, or of a spectrum, times weights."""
        if not merged.of_input:
            return merged
        output = outputs[0]
        if short.startswith("_fft_"):
            return replace(merged, spectral=output.is_complex())
        if short == "slice" and inputs[0].ndim == 4 and output.shape[2:] != inputs[0].shape[2:]:
            return replace(merged, windows=frozenset({window_of(output, storage_of(output))}))
        if merged.spectral and not output.is_complex():
            merged = replace(merged, spectral=False)
        if short in SCALING and any(i.of_parameter and not i.of_input for i in infos):
            if merged.spectral:
                merged = self._layer(merged, merged.used)
            return replace(merged, windows=weighted(merged.windows))
        if short in ADDING and len(merged.windows) > 1:
            source = moved_apart(infos[0].windows, infos[1].windows)
            if source is not None:
                merged = self._layer(merged, ("windows", source))
        return merged

    def _norm(
        self, name: str, merged: Provenance, inputs: list[Tensor], infos: list[Provenance]
    ) -> Provenance:
        if name in BATCH_NORMS and infos[0].of_input:
            whole = inputs[0].shape[0]
            kind = "instance-norm" if whole == 1 and self.batch > 1 else "batch-norm"
            return self._mark(merged, kind, f"over {inputs[0].shape[1]} channels")
        if name in NORMS:
            return self._mark(merged, NORMS[name], "")
        return merged

    def _draw(
        self, name: str, merged: Provenance, args: Any, inputs: list[Tensor],
        infos: list[Provenance], outputs: list[Tensor],
    ) -> Provenance:  # fmt: skip
        if name in DROPOUTS:
            before, after = inputs[0], outputs[0]
            lost = int(((after == 0) & (before != 0)).sum())
            if lost and (infos[0].of_input or infos[0].of_parameter):
                share = lost / max(int((before != 0).sum()), 1)
                return self._mark(merged, "dropout", f"Dropout({args[1]:g}) zeroes {share:.0%}")
            return merged
        if merged.of_input and (name in BY_VALUE or not draws_alone(short_of(name))):
            return replace(merged, noise=True)
        return Provenance(noise=True)

    def _met(
        self,
        short: str,
        merged: Provenance,
        args: Any,
        inputs: list[Tensor],
        infos: list[Provenance],
    ) -> Provenance:
        """Find masks and noise, known or possible, that change activations or weights."""
        activation = next(((t, i) for t, i in zip(inputs, infos, strict=True) if i.used), None)
        if activation is None:
            return self._pixels(short, merged, args, inputs, infos)
        for tensor, info in zip(inputs, infos, strict=True):
            if info.of_input or info.of_parameter:
                continue
            noisy = info.noise
            if not noisy and tensor.numel() <= 1 << 20:
                number = self.trace.operations
                self.trace.operands.append(
                    Operand(
                        tensor.detach()
                        .cpu()
                        .contiguous()
                        .flatten()[:MOST_SAMPLE]
                        .numpy()
                        .tobytes(),
                        number,
                    )
                )
                noisy = number in self.random
            if noisy:
                merged = self._mask(short, merged, tensor, activation[0])
        return replace(merged, noise=False)

    def _pixels(
        self,
        short: str,
        merged: Provenance,
        args: Any,
        inputs: list[Tensor],
        infos: list[Provenance],
    ) -> Provenance:
        """Find dropout of the images: masks that zero parts of them before the first layer."""
        images = next((t for t, i in zip(inputs, infos, strict=True) if i.of_input), None)
        for mask, info in zip(inputs, infos, strict=True):
            if images is None or not info.noise or info.of_input:
                continue
            if bool((mask == 0).any()) and drops(short, args, mask, images):
                zero = float((mask == 0).float().mean())
                parts = "pixels" if mask.shape == images.shape else "channels"
                text = f"a random mask zeroes {zero:.0%} of {parts}"
                merged = self._mark(merged, "dropout", text)
                merged = self._mark(merged, "pixels", "")
        return merged

    def _loses_batch(self, before: Tensor, after: Tensor) -> bool:
        """Return whether an operation reduces over the batch."""
        if before.ndim < 2 or before.shape[0] != self.batch or self.batch < 2:
            return False
        return after.ndim == 0 or after.shape[0] != self.batch

    def _mask(self, short: str, merged: Provenance, mask: Tensor, activation: Tensor) -> Provenance:
        found = kind_of(short, mask, activation)
        return self._mark(merged, *found) if found is not None else merged

    def _joined(
        self, short: str, merged: Provenance, inputs: list[Tensor], infos: list[Provenance]
    ) -> Provenance:
        pairs = [(t, i) for t, i in zip(inputs, infos, strict=True) if i.of_input]
        if len(pairs) != 2 or any(i.head for _, i in pairs):
            return merged
        (a, first), (b, second) = pairs
        if a.ndim < 2 or a.ndim != b.ndim or moved_apart(first.windows, second.windows) is not None:
            return merged
        deep, shallow = (second, first) if first.used < second.used else (first, second)
        within = shallow.used < deep.used
        nested = within and deep.comes_from(shallow)
        shared = bool(first.used & second.used) and first.used != second.used and not within
        if short in ADDING:
            uneven = len(first.path) != len(second.path) or first.depth != second.depth
            if a.shape == b.shape and (nested or (shared and uneven)):
                return self._mark(merged, "residual", "a block's input is added to its output")
        elif a.ndim == 4 and nested and shallow.used:
            kept = key_of(a if shallow is first else b)
            if self.uses.get(kept, 0) > 0:
                return self._mark(merged, "residual", "a block's input is joined to its output")
        return merged

    def _gated(
        self, merged: Provenance, inputs: list[Tensor], infos: list[Provenance]
    ) -> Provenance:
        if not all(i.of_input for i in infos) or any(t.ndim != 4 for t in inputs):
            return merged
        (a, first), (b, second) = zip(inputs, infos, strict=True)
        if first.used > second.used:
            (a, first), (b, second) = (b, second), (a, first)
        if not (second.used > first.used and first.used and a.shape[2:].numel() > 1):
            return merged
        if b.shape[2:].numel() == 1 and b.shape[1] == a.shape[1]:
            return self._mark(
                merged, "squeeze-excitation", "channels are weighed by a small network"
            )
        if b.shape[1] == 1 and b.shape[2:] == a.shape[2:]:
            return self._mark(merged, "attention", "places are weighed by a small network")
        return merged

    def _evened(
        self, merged: Provenance, inputs: list[Tensor], infos: list[Provenance], output: Tensor
    ) -> Provenance:
        """Find normalisation: activations divided by their own spread, with a mean square of 1."""
        (a, first), (b, second) = zip(inputs, infos, strict=True)
        own = first.used and first.used == second.used and a.ndim == b.ndim
        if not own or a.shape[0] != b.shape[0] or b.numel() >= a.numel():
            return merged
        over = [d for d in range(1, a.ndim) if b.shape[d] == 1 < a.shape[d]]
        size = output.detach().float().pow(2).mean(over)
        if not over or float((size - 1).abs().max()) > 0.2:
            return merged
        alone = a.ndim == 4 and over == [2, 3]
        kind = "instance-norm" if alone else "layer-norm"
        return self._mark(merged, kind, "activations are divided by their own spread")

    def _heads(self, short: str, merged: Provenance, infos: list[Provenance]) -> Provenance:
        """Find ensembles and test-time augmentation: joined scores of networks or of passes."""
        heads = [i for i in infos if i.head]
        if not heads:
            return merged
        if any(i.of_input and not i.head and i.used for i in infos):
            return replace(merged, head=0) if short == "cat" else merged
        members, seen = 0, frozenset[Any]()
        for info in heads:
            if info.convolved and not info.convolved & seen:
                members += info.members
                seen |= info.convolved
        if short in ADDING | {"cat", "stack"}:
            members = max(members, self._apart(heads))
        numbers = {i.head for i in heads}
        if len(numbers) > 1 and members == heads[0].members and len({i.used for i in heads}) == 1:
            merged = self._mark(merged, "views", "the scores of several passes are joined")
        return replace(merged, members=max(members, merged.members), head=max(numbers))

    def _apart(self, heads: list[Provenance]) -> int:
        """Return how many of several scores have layers of their own before the last one."""
        kinds = {i.used: i for i in heads}
        if len(kinds) < 2:
            return 0
        count = 0
        for used, info in kinds.items():
            others = frozenset().union(*(other for other in kinds if other != used))
            own = {self.trace.layers[p] for p in used - others if p in self.trace.layers}
            count += info.members if len(own) > 1 else 0
        return count

    def _mark(self, info: Provenance, kind: str, text: str) -> Provenance:
        self.trace.texts.setdefault(kind, text)
        self.trace.counts[kind] = self.trace.counts.get(kind, 0) + 1
        return replace(info, marks=info.marks | {kind})

    def finish(self, outputs: Any) -> Trace:
        """Return the trace, with the outputs and their provenance."""
        tensors = [t for t in tree_leaves(outputs) if isinstance(t, Tensor)]
        infos = [self._look(t) for t in tensors]
        self.trace.outputs = outputs
        self.trace.provenance = merged_of(infos) if infos else NOTHING
        return self.trace


def _int(args: Any, index: int) -> int:
    return int(args[index]) if len(args) > index and isinstance(args[index], int) else 1


def _float(args: Any, index: int) -> float:
    return float(args[index]) if len(args) > index and isinstance(args[index], float) else 0.0
