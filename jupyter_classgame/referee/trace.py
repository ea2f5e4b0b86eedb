"""Follow one forward pass operation by operation: what ran, on what, and whether it reached the end.

Every tensor carries what its making involved: the convolutions on the longest way to it, the
parameters, random masks, norms, sums of branches. What the outputs carry is what the model uses;
a layer whose result is thrown away leaves nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Key = tuple[Any, ...]

CONVOLUTIONS = {"aten::convolution", "aten::_convolution", "aten::mkldnn_convolution",
                "aten::cudnn_convolution", "aten::convolution_overrideable"}  # fmt: skip
PRODUCTS = {"aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm", "aten::matmul", "aten::linear",
            "aten::mv", "aten::addmv", "aten::dot", "aten::_addmm_activation"}  # fmt: skip
BATCH_NORMS = {"aten::native_batch_norm", "aten::_native_batch_norm_legit", "aten::cudnn_batch_norm",
               "aten::_batch_norm_with_update", "aten::miopen_batch_norm", "aten::batch_norm",
               "aten::_native_batch_norm_legit_functional", "aten::batch_norm_elemt",
               "aten::_batch_norm_no_update", "aten::_native_batch_norm_legit_no_training"}  # fmt: skip
NORMS = {"aten::native_layer_norm": "layer-norm", "aten::native_group_norm": "group-norm",
         "aten::_fused_rms_norm": "layer-norm", "aten::rms_norm": "layer-norm",
         "aten::_weight_norm_interface": "weight-norm"}  # fmt: skip
SCALING = {"mul", "mul_", "div", "div_", "where", "masked_fill", "masked_fill_", "index_put",
           "index_put_", "lerp", "addcmul", "masked_scatter", "index_fill", "index_fill_"}  # fmt: skip
SHAPE_ONLY = {"empty_like", "zeros_like", "ones_like", "full_like", "new_empty", "new_zeros",
              "new_ones", "new_full", "new_empty_strided", "zero_", "fill_"}  # fmt: skip
ADDING = {"add", "add_", "sub", "sub_"}
QUIET = {"aten::rrelu_with_noise", "aten::rrelu_with_noise_functional"}
MOST_SAMPLE = 4096


@dataclass(frozen=True)
class Info:
    """What the making of a tensor involved."""

    of_input: bool = False
    of_parameter: bool = False
    noise: bool = False
    path: tuple[Any, ...] = ()
    depthwise: bool = False
    used: frozenset[Any] = frozenset()
    convolved: frozenset[Any] = frozenset()
    marks: frozenset[str] = frozenset()
    head: int = 0
    members: int = 1
    patches: bool = False
    scores: bool = False
    weights: bool = False


NOTHING = Info()


@dataclass
class Operand:
    """A constant met by an activation: the same in the next pass, or random after all?"""

    content: bytes
    index: int


@dataclass
class Trace:
    """What one pass showed."""

    outputs: Any = None
    info: Info = NOTHING
    texts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    operands: list[Operand] = field(default_factory=list)
    runs: dict[Any, int] = field(default_factory=dict)
    operations: int = 0
    sequence: int = 0
    weights_used: frozenset[Any] = frozenset()


class Tracer(TorchDispatchMode):
    """Watches operations while it is entered.

    Parameters
    ----------
    inputs
        The tensors a pass starts from.
    parameters
        Tensors that training moves.
    classes
        Width of the outputs, where known.
    random
        Numbers of the operations whose constant operand is known to be random.
    """

    def __init__(
        self,
        inputs: Iterable[Tensor],
        parameters: Iterable[Tensor],
        classes: int | None = None,
        random: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__()
        self.trace = Trace()
        self.classes, self.random = classes, random
        self.known: dict[Key, Info] = {}
        self.by_storage: dict[int, list[Key]] = {}
        self.alive: list[Any] = []
        self.uses: dict[Key, int] = {}
        self.parameters = {_storage(p): p for p in parameters if _storage(p)}
        inputs = list(inputs)
        self.batch = inputs[0].shape[0] if inputs and inputs[0].ndim else 0
        for tensor in inputs:
            self._learn(tensor, Info(of_input=True))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None  # noqa: ARG002
    ) -> Any:
        """Run one operation and note what it made of what."""
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        self.trace.operations += 1
        name = func._schema.name  # noqa: SLF001 - the only place an operation's name is kept
        inputs = [t for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)]
        outputs = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        if outputs:
            infos = [self._look(t) for t in inputs]
            info = self._operation(func, name, args, kwargs, inputs, infos, outputs)
            in_place = name.endswith("_") and bool(inputs)
            for tensor in outputs:
                self._learn(tensor, info, spread=in_place)
        for tensor in inputs:
            key = _key(tensor)
            self.uses[key] = self.uses.get(key, 0) + 1
        return result

    # -- what is known about tensors ----------------------------------------------------------

    def _look(self, tensor: Tensor) -> Info:
        storage = _storage(tensor)
        found = self.known.get(_key(tensor))
        if found is not None:
            return found
        if storage in self.parameters or (tensor.is_leaf and tensor.requires_grad):
            return Info(of_parameter=True, used=frozenset({(storage, tensor.storage_offset())}))
        return NOTHING

    def _learn(self, tensor: Tensor, info: Info, *, spread: bool = False) -> None:
        key, storage = _key(tensor), _storage(tensor)
        if storage in self.parameters and not info.of_input:
            return
        self.alive.append(tensor)
        self.known[key] = info
        keys = self.by_storage.setdefault(storage, [])
        if spread:
            for other in keys:
                self.known[other] = _merged([self.known[other], info])
        if key not in keys:
            keys.append(key)

    # -- operations ---------------------------------------------------------------------------

    def _operation(
        self, func: Any, name: str, args: Any, kwargs: Any, inputs: list[Tensor],
        infos: list[Info], outputs: list[Tensor],
    ) -> Info:  # fmt: skip
        short = name.split("::")[-1]
        if short in SHAPE_ONLY:
            return NOTHING
        if name in CONVOLUTIONS and len(inputs) > 1:
            return self._convolution(args, inputs, infos, outputs[0])
        if name in PRODUCTS or short.startswith(("_scaled_dot_product", "_flash_attention")):
            return self._product(short, args, kwargs, inputs, infos, outputs[0])
        merged = _merged(infos)
        if merged.of_input:
            merged = self._norm(name, merged, inputs, infos)
        if short in ("_softmax", "softmax") and merged.scores:
            merged = replace(merged, scores=False, weights=True)
        if name == "aten::im2col" or (short == "unfold" and _int(args, 2) > 1):
            if name != "aten::im2col" or max(args[1]) > 1:
                merged = replace(merged, patches=True)
        if torch.Tag.nondeterministic_seeded in func.tags and name not in QUIET:
            return self._draw(name, merged, args, inputs, infos, outputs)
        if short in SCALING | ADDING and len(inputs) > 1:
            merged = self._met(short, merged, inputs, infos)
        if short in ADDING | {"cat", "stack"}:
            merged = self._joined(short, merged, inputs, infos)
        elif short in ("mul", "mul_") and len(inputs) == 2:  # noqa: PLR2004
            merged = self._gated(merged, inputs, infos)
        return self._heads(short, merged, infos)

    def _convolution(
        self, args: Any, inputs: list[Tensor], infos: list[Info], output: Tensor
    ) -> Info:
        image, kernel = inputs[0], inputs[1]
        source, weight = infos[0], infos[1]
        if not source.of_input or not weight.of_parameter:
            return _merged(infos)
        group = weight.used if len(weight.used) > 1 else next(iter(weight.used))
        self.trace.runs[group] = self.trace.runs.get(group, 0) + 1
        base = replace(
            source, used=source.used | weight.used, marks=source.marks | weight.marks,
            head=0, members=1, patches=False, scores=False, weights=False,
        )  # fmt: skip
        if kernel.shape[0] == self.classes:
            base = replace(base, head=self.trace.operations)
        if max(image.shape[2:]) == 1 and max(kernel.shape[2:]) == 1:
            return base  # on a single pixel a convolution is a linear layer
        groups = _int(args, 8)
        depthwise = groups > 1 and groups == image.shape[1]
        pointwise = groups == 1 and max(kernel.shape[2:]) == 1
        base = replace(base, convolved=source.convolved | {group})
        if pointwise and source.depthwise and group not in source.path:
            return replace(base, depthwise=False)
        path = source.path if group in source.path else (*source.path, group)
        del output
        return replace(base, path=path, depthwise=depthwise)

    def _product(
        self, short: str, args: Any, kwargs: Any, inputs: list[Tensor], infos: list[Info],
        output: Tensor,
    ) -> Info:  # fmt: skip
        merged = _merged(infos)
        if "dot_product" in short or "flash" in short:
            probability = kwargs.get("dropout_p", _float(args, 3))
            if merged.of_input and probability > 0:
                merged = self._mark(merged, "dropout", f"attention drops {probability:.0%}")
            return self._mark(merged, "attention", "queries meet keys") if merged.of_input else merged
        tensors = [i for i in infos if i.of_input]
        weights = [i for i in infos if i.of_parameter and not i.of_input]
        if not tensors:
            return merged
        plain = replace(merged, patches=False, scores=False, weights=False)
        if len(tensors) > 1:
            if any(t.weights for t in tensors):
                return self._mark(plain, "attention", "queries meet keys")
            return replace(plain, scores=bool(plain.used), head=0)
        if not weights:
            return plain
        if tensors[0].patches:
            group = frozenset().union(*(w.used for w in weights))
            plain = replace(plain, convolved=plain.convolved | {group}, path=(*plain.path, group))
            self.trace.runs[group] = self.trace.runs.get(group, 0) + 1
        wide = self.classes is not None and output.ndim > 1 and output.shape[-1] == self.classes
        return replace(plain, head=self.trace.operations if wide else 0, members=1)

    def _norm(self, name: str, merged: Info, inputs: list[Tensor], infos: list[Info]) -> Info:
        if name in BATCH_NORMS and infos[0].of_input:
            whole = inputs[0].shape[0]
            kind = "instance-norm" if whole == 1 and self.batch > 1 else "batch-norm"
            return self._mark(merged, kind, f"over {inputs[0].shape[1]} channels")
        if name in NORMS:
            return self._mark(merged, NORMS[name], "")
        return merged

    def _draw(
        self, name: str, merged: Info, args: Any, inputs: list[Tensor], infos: list[Info],
        outputs: list[Tensor],
    ) -> Info:  # fmt: skip
        if name in ("aten::native_dropout", "aten::_fused_dropout"):
            before, after = inputs[0], outputs[0]
            lost = int(((after == 0) & (before != 0)).sum())
            if infos[0].of_input and lost:
                share = lost / max(int((before != 0).sum()), 1)
                return self._mark(merged, "dropout", f"Dropout({args[1]:g}) zeroes {share:.0%}")
            return merged
        by_value = name in ("aten::bernoulli", "aten::multinomial", "aten::poisson", "aten::normal")
        if merged.of_input and by_value:
            return replace(merged, noise=True)
        return Info(noise=True)

    def _met(self, short: str, merged: Info, inputs: list[Tensor], infos: list[Info]) -> Info:
        """An activation meets a mask or noise, or a constant that may be one."""
        activation = next(
            ((t, i) for t, i in zip(inputs, infos, strict=True) if i.of_input and i.used), None
        )
        if activation is None:
            return merged
        for tensor, info in zip(inputs, infos, strict=True):
            if info.of_input or info.of_parameter:
                continue
            noisy = info.noise
            if not noisy and tensor.numel() <= 1 << 20:
                number = self.trace.operations
                self.trace.operands.append(
                    Operand(tensor.detach().cpu().contiguous().flatten()[:MOST_SAMPLE].numpy().tobytes(), number)
                )
                noisy = number in self.random
            if noisy:
                merged = self._mask(short, merged, tensor, activation[0])
        return replace(merged, noise=False)

    def _mask(self, short: str, merged: Info, mask: Tensor, activation: Tensor) -> Info:
        values = mask.detach().float().unique()
        if short in ADDING:
            if len(values) > 2:  # noqa: PLR2004
                return self._mark(merged, "noise", "random numbers are added to activations")
            return merged
        if short.startswith(("masked_fill", "index", "masked_scatter")) or len(values) <= 2:  # noqa: PLR2004
            zero = float((mask.detach().float() == 0).float().mean())
            if short.startswith(("masked_fill", "index")):
                zero = 1 - zero
            trivial = len(values) == 1 and float(values[0]) not in (0.0,)
            if trivial and not short.startswith("index"):
                return merged
            each = mask.ndim == 0 or mask.numel() == 1 or all(s == 1 for s in mask.shape[1:])
            if each and not (activation.ndim == 2 and activation.shape[1] == 1):  # noqa: PLR2004
                return self._mark(merged, "stochastic-depth", "a branch is left out at random")
            return self._mark(merged, "dropout", f"a random mask zeroes {zero:.0%}")
        return self._mark(merged, "noise", "activations are multiplied by random numbers")

    def _joined(self, short: str, merged: Info, inputs: list[Tensor], infos: list[Info]) -> Info:
        pairs = [(t, i) for t, i in zip(inputs, infos, strict=True) if i.of_input]
        if len(pairs) != 2 or any(i.head for _, i in pairs):  # noqa: PLR2004
            return merged
        (a, first), (b, second) = pairs
        if a.ndim < 2 or a.ndim != b.ndim:  # noqa: PLR2004
            return merged
        nested = first.used < second.used or second.used < first.used
        shared = bool(first.used & second.used) and first.used != second.used
        if short in ADDING:
            uneven = len(first.path) != len(second.path) or len(first.used) != len(second.used)
            if a.shape == b.shape and (nested or (shared and uneven)):
                return self._mark(merged, "residual", "a block's input is added to its output")
        elif a.ndim == 4 and nested and first.used and second.used:  # noqa: PLR2004
            shallow = a if first.used < second.used else b
            if self.uses.get(_key(shallow), 0) > 0:
                return self._mark(merged, "residual", "a block's input is joined to its output")
        return merged

    def _gated(self, merged: Info, inputs: list[Tensor], infos: list[Info]) -> Info:
        if not all(i.of_input for i in infos) or any(t.ndim != 4 for t in inputs):  # noqa: PLR2004
            return merged
        (a, first), (b, second) = zip(inputs, infos, strict=True)
        if first.used > second.used:
            (a, first), (b, second) = (b, second), (a, first)
        if not (second.used > first.used and first.used and a.shape[2:].numel() > 1):
            return merged
        if b.shape[2:].numel() == 1 and b.shape[1] == a.shape[1]:
            return self._mark(merged, "squeeze-excitation", "channels are weighed by a small network")
        if b.shape[1] == 1 and b.shape[2:] == a.shape[2:]:
            return self._mark(merged, "attention", "places are weighed by a small network")
        return merged

    def _heads(self, short: str, merged: Info, infos: list[Info]) -> Info:
        """Class scores of separate networks that come together make an ensemble."""
        heads = [i for i in infos if i.head]
        if not heads:
            return merged
        if any(i.of_input and not i.head and i.used for i in infos):
            return replace(merged, head=0) if short in ("cat",) else merged
        members, seen = 0, frozenset[Any]()
        for info in heads:
            if info.convolved and not info.convolved & seen:
                members += info.members
                seen |= info.convolved
        numbers = {i.head for i in heads}
        if len(numbers) > 1 and members == heads[0].members and len({i.used for i in heads}) == 1:
            merged = self._mark(merged, "views", "the scores of several passes are joined")
        return replace(merged, members=max(members, merged.members), head=max(numbers))

    def _mark(self, info: Info, kind: str, text: str) -> Info:
        self.trace.texts.setdefault(kind, text)
        self.trace.counts[kind] = self.trace.counts.get(kind, 0) + 1
        return replace(info, marks=info.marks | {kind})

    def finish(self, outputs: Any) -> Trace:
        """Gather what the outputs carry."""
        tensors = [t for t in tree_leaves(outputs) if isinstance(t, Tensor)]
        infos = [self._look(t) for t in tensors]
        self.trace.outputs = outputs
        self.trace.info = _merged(infos) if infos else NOTHING
        self.trace.weights_used = self.trace.info.used
        return self.trace


def _merged(infos: list[Info]) -> Info:
    if not infos:
        return NOTHING
    of_input = [i for i in infos if i.of_input]
    if not of_input:
        return Info(
            of_parameter=any(i.of_parameter for i in infos),
            noise=any(i.noise for i in infos),
            used=frozenset().union(*(i.used for i in infos)),
            marks=frozenset().union(*(i.marks for i in infos)),
        )
    if len(infos) == 1:
        return infos[0]
    longest = max(of_input, key=lambda i: len(i.path))
    return Info(
        of_input=True,
        path=longest.path,
        depthwise=longest.depthwise,
        used=frozenset().union(*(i.used for i in of_input), *(i.used for i in infos if i.of_parameter)),
        convolved=frozenset().union(*(i.convolved for i in of_input)),
        marks=frozenset().union(*(i.marks for i in infos)),
        head=max(i.head for i in of_input),
        members=max(i.members for i in of_input),
        patches=any(i.patches for i in of_input),
        scores=any(i.scores for i in of_input),
        weights=any(i.weights for i in of_input),
    )


def _storage(tensor: Tensor) -> int:
    try:
        return int(tensor.untyped_storage()._cdata)  # noqa: SLF001
    except (RuntimeError, NotImplementedError):
        return 0


def _key(tensor: Tensor) -> Key:
    try:
        return (_storage(tensor), tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
    except (RuntimeError, NotImplementedError):
        return (id(tensor),)


def _int(args: Any, index: int) -> int:
    return int(args[index]) if len(args) > index and isinstance(args[index], int) else 1


def _float(args: Any, index: int) -> float:
    return float(args[index]) if len(args) > index and isinstance(args[index], float) else 0.0


class _Caught(Exception):  # noqa: N818 - not an error: it ends a pass early
    pass


class FirstInput(TorchDispatchMode):
    """Ends a pass at its first convolution or matrix product with a parameter."""

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        super().__init__()
        self.parameters = {_storage(p) for p in parameters}
        self.caught: Tensor | None = None

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None  # noqa: ARG002
    ) -> Any:
        """Run one operation, or stop at it."""
        name = func._schema.name  # noqa: SLF001
        if name in CONVOLUTIONS or name in PRODUCTS:
            tensors = [t for t in args if isinstance(t, Tensor)]
            if any(_storage(t) in self.parameters for t in tensors):
                self.caught = max(
                    (t for t in tensors if _storage(t) not in self.parameters),
                    key=lambda t: t.numel(),
                )
                raise _Caught
        return func(*args, **(kwargs or {}))


def first_input(model: Any, images: Tensor, parameters: Iterable[Tensor]) -> np.ndarray | None:
    """Return what reaches the model's first layer with weights, (n, channels, h, w), or None."""
    mode = FirstInput(parameters)
    try:
        with mode:
            model(images)
    except Exception:
        # TorchScript turns what is raised inside it into an error of its own.
        if mode.caught is None:
            raise
    if mode.caught is None or mode.caught.ndim != 4:  # noqa: PLR2004
        return None
    return mode.caught.detach().float().cpu().numpy()
