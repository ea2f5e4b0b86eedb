"""The provenance of tensors: what they were computed from, and how."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any

from torch import Tensor

from jupyter_classgame.referee.model.tracing.convolution_windows import ConvolutionWindow

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Provenance:
    """What a tensor was computed from, and how.

    Attributes
    ----------
    of_input, of_parameter, noise
        It depends on the images, on parameters, on random numbers.
    path
        The weights of the convolutions on the longest path to it.
    depth
        How many layers with weights lie on the longest path.
    depthwise
        The last convolution was depthwise: a pointwise one after it does not count.
    used, convolved
        All weights it depends on, and those of convolutions.
    marks
        Techniques that were seen on the way.
    head
        Number of the operation that made it class scores; 0 if it is none.
    members
        How many separate networks contribute to the scores.
    patches, windows, spectral
        It holds patches, windows of a feature map, or a Fourier transform of one.
    scores, weights
        It holds products of activations, and a softmax of such: attention.
    lanes, laned
        How many networks lie side by side in it, as grouped or stacked layers make them, and how
        many such layers have followed one another.
    ancestors, alike, whole
        Sets of operations, a bit each: those whose results it was computed from, and its own; of
        these, those since the last layer with weights; those that made what it is a part of.
    """

    of_input: bool = False
    of_parameter: bool = False
    noise: bool = False
    path: tuple[Any, ...] = ()
    depth: int = 0
    depthwise: bool = False
    used: frozenset[Any] = frozenset()
    convolved: frozenset[Any] = frozenset()
    marks: frozenset[str] = frozenset()
    head: int = 0
    members: int = 1
    patches: bool = False
    windows: frozenset[ConvolutionWindow] = frozenset()
    spectral: bool = False
    scores: bool = False
    weights: bool = False
    lanes: int = 1
    laned: int = 0
    ancestors: int = 0
    alike: int = 0
    whole: int = 0

    def comes_from(self, other: "Provenance") -> bool:
        """Return whether this was computed from the other one, or from what it is a part of."""
        return bool(self.ancestors & (other.alike | other.whole))


NOTHING = Provenance()


def merged_of(infos: list[Provenance]) -> Provenance:
    """Return the provenance of an operation's output from those of its inputs."""
    if not infos:
        return NOTHING
    of_input = [i for i in infos if i.of_input]
    if not of_input:
        return Provenance(
            of_parameter=any(i.of_parameter for i in infos),
            noise=any(i.noise for i in infos),
            used=frozenset().union(*(i.used for i in infos)),
            marks=frozenset().union(*(i.marks for i in infos)),
        )
    if len(infos) == 1:
        return infos[0]
    longest = max(of_input, key=lambda i: len(i.path))
    return Provenance(
        of_input=True,
        path=longest.path,
        depth=max(i.depth for i in of_input),
        depthwise=longest.depthwise,
        used=frozenset().union(
            *(i.used for i in of_input), *(i.used for i in infos if i.of_parameter)
        ),
        convolved=frozenset().union(*(i.convolved for i in of_input)),
        marks=frozenset().union(*(i.marks for i in infos)),
        head=max(i.head for i in of_input),
        members=max(i.members for i in of_input),
        patches=any(i.patches for i in of_input),
        windows=frozenset().union(*(i.windows for i in of_input)),
        spectral=any(i.spectral for i in of_input),
        scores=any(i.scores for i in of_input),
        weights=any(i.weights for i in of_input),
        lanes=longest.lanes,
        laned=longest.laned,
        ancestors=_union(i.ancestors for i in of_input),
        alike=_union(i.alike for i in of_input),
        whole=_union(i.whole for i in of_input),
    )


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def descended(
    info: Provenance, sources: list[Provenance], number: int, *, form: bool, part: bool
) -> Provenance:
    """Return the provenance of an operation's output with its ancestors.

    Parameters
    ----------
    info
        The provenance without them.
    sources
        Those of its inputs that depend on the images.
    number
        Of this output.
    form, part
        It is its input in another form, or a part of it.
    """
    own = 1 << number
    if form and len(sources) == 1:
        one = sources[0]
        return replace(info, ancestors=one.ancestors, alike=one.alike, whole=one.whole)
    if part and len(sources) == 1:
        one = sources[0]
        others = one.ancestors & ~one.alike  # what is made of one part is not made of the whole
        return replace(info, ancestors=others | own, alike=own, whole=one.alike | one.whole)
    near = [i for i in sources if i.used == info.used]
    return replace(
        info,
        ancestors=_union(i.ancestors for i in sources) | own,
        alike=_union(i.alike for i in near) | own,
        whole=_union(i.whole for i in near),
    )


def storage_of(tensor: Tensor) -> int:
    """Return the address of a tensor's memory, which arrays share with it; 0 where it has none."""
    try:
        return int(tensor.untyped_storage().data_ptr())
    except (RuntimeError, NotImplementedError):
        return 0


def key_of(tensor: Tensor) -> Key:
    """Return the identity of a view: equal for equal views of one storage."""
    try:
        return (storage_of(tensor), tensor.storage_offset(), tuple(tensor.shape), tensor.stride())
    except (RuntimeError, NotImplementedError):
        return (id(tensor),)
