"""What can be seen of a run's objects and of the random state, to tell whether anything changed."""

import random
import types
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Trace:
    """How things stand: the parts of a run, the random states, which modules are training."""

    parts: object
    random: list
    training: list

    @classmethod
    def of(cls, parts):
        """Take it of what a run is given."""
        modules = parts["model"].modules()
        return cls(digest(parts), random_state(), [module.training for module in modules])


def digest(value, depth=0, seen=None):  # noqa: PLR0911 - one line a kind
    """Everything that can be seen of an object, as something to compare."""
    seen = set() if seen is None else seen
    if isinstance(value, torch.Tensor):
        grad = None if value.grad is None else value.grad.clone() if value.is_leaf else None
        return ("tensor", id(value), value._version, value.detach().clone(), grad)
    if isinstance(value, np.ndarray):
        return ("array", id(value), value.copy())
    if isinstance(value, (types.MethodType, types.BuiltinMethodType)):
        return value.__name__  # made anew each time they are asked for
    if type(value).__module__.startswith("torch._dynamo"):
        return id(value)
    if id(value) in seen or depth > 6:
        return id(value)
    seen.add(id(value))
    if isinstance(value, dict):
        return {str(k): digest(v, depth + 1, seen) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [digest(v, depth + 1, seen) for v in list(value)[:50]]
    if hasattr(value, "__dict__") and not callable(getattr(value, "__code__", None)):
        return (id(value), digest(vars(value), depth + 1, seen))
    return value if isinstance(value, (int, float, str, bool, type(None))) else id(value)


def same(a, b):
    """Whether two digests say the same."""
    if isinstance(a, (torch.Tensor, np.ndarray)):
        a, b = torch.as_tensor(a), torch.as_tensor(b)
        return a.shape == b.shape and torch.equal(
            torch.nan_to_num(a.float()), torch.nan_to_num(b.float())
        )
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def random_state():
    """The states of Python's, NumPy's and torch's generators."""
    return [random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()]
