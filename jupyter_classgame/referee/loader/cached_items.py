"""The caches of a dataset, emptied of what was put into them while it was looked at."""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Sequence
from itertools import zip_longest
from operator import is_
from typing import Any

import numpy as np
import torch

from jupyter_classgame.referee.isolation.object_graph import Reference
from jupyter_classgame.referee.loader.image_stores import finder_of

MAPPINGS = (dict, OrderedDict, defaultdict)
SEQUENCES = (list, deque)
MOST = 1_000_000
"""Items of a container, above which it is not looked after."""


class Caches:
    """The caches among the references of a loader, as they are now.

    Parameters
    ----------
    references
        What the loader refers to.
    """

    def __init__(self, references: Sequence[Reference]) -> None:
        self._clear = [
            r.value.cache_clear
            for r in references
            if callable(getattr(r.value, "cache_clear", None))
        ]
        self._kept: dict[int, tuple[Any, Any]] = {}
        self._flags: list[tuple[Any, Any]] = []
        for reference in references:
            value = reference.value
            if isinstance(value, np.ndarray):
                if value.dtype == bool and value.ndim == 1:
                    self._flags.append((value, value.copy()))
            elif isinstance(value, torch.Tensor):
                if value.dtype == torch.bool and value.ndim == 1:
                    self._flags.append((value, value.clone()))
            elif (
                type(value) in (*MAPPINGS, *SEQUENCES, set)
                and len(value) <= MOST
                and ".__" not in reference.path
            ):
                self._kept[id(value)] = value, value.copy()

    def restore(self) -> None:
        """Take out what was put in since, so that no image is made of one that was left there."""
        for clear in self._clear:
            clear()
        for container, before in self._kept.values():
            if not _filled(container, before):
                continue
            container.clear()
            if isinstance(container, SEQUENCES):
                container.extend(before)
            else:
                container.update(before)
        for flags, before in self._flags:
            if bool((flags != before).any()):
                flags[:] = before


def _filled(container: Any, before: Any) -> bool:
    """Return whether items were cached: a list that counts is another thing."""
    if isinstance(container, set):
        return len(container) != len(before)
    if isinstance(container, MAPPINGS):
        if len(container) != len(before):
            return True
        now, then = container.values(), before.values()
    else:
        now, then = container, before
    if len(now) == len(then) and all(map(is_, now, then)):
        return False
    changed = [pair for pair in zip_longest(now, then) if pair[0] is not pair[1]]
    return any(old is None or finder_of(new) is not None for new, old in changed)
