"""What a loader sends to its workers, where these are no forks: it has to be found there again."""

import io
import multiprocessing
import pickle
import sys
from types import FunctionType
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader

from jupyter_classgame.data.feed.fast_loader import fast_loader_for
from jupyter_classgame.data.images.image_sets import LazyImages, ResidentImages
from jupyter_classgame.errors import TrainingError

ADVICE = "write num_workers=0, or put it into a module, a .py file beside the notebook"

CONTENT = (Tensor, np.ndarray, ResidentImages, LazyImages)
"""What is sent well, and may be large."""


def check_workers(loader: Any, name: str) -> None:
    """Refuse a loader whose workers are started anew and could not find what they are sent.

    They import what it is made of by its module's name; the cells of a notebook are in none.

    Raises
    ------
    TrainingError
        It names the class or function.
    """
    if not isinstance(loader, DataLoader) or not loader.num_workers:
        return
    if worker_start(loader.multiprocessing_context or multiprocessing) == "fork":
        return
    try:
        _Tried(io.BytesIO(), protocol=pickle.HIGHEST_PROTOCOL).dump(_sent(loader))
    except _LostError as error:
        raise TrainingError(f"{name}: {error}", ADVICE) from None
    except Exception as error:
        raise TrainingError(
            f"{name}: its dataset cannot be sent to its workers "
            f"({' '.join(str(error).split()) or type(error).__name__})",
            "write num_workers=0",
        ) from error


def worker_start(context: Any) -> str:
    """Give how multiprocessing, or a context of it, starts workers; asking settles nothing."""
    method = context.get_start_method(allow_none=True)
    return str(method or multiprocessing.get_all_start_methods()[0])


def _sent(loader: DataLoader[Any]) -> tuple[Any, ...]:
    fast = fast_loader_for(loader)
    if fast is not None and not fast.notes:
        return ()  # the whole batches are made in the run's own process
    return loader.dataset, loader.collate_fn, loader.worker_init_fn


class _LostError(Exception):
    """A class or function that workers would not find."""


class _Tried(pickle.Pickler):
    """Pickles to see whether it can be done, without what is large."""

    def persistent_id(self, obj: Any) -> Any:
        return "content" if isinstance(obj, CONTENT) else None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, FunctionType) and "<lambda>" in obj.__qualname__:
            raise _LostError("a lambda cannot be sent to its workers")
        if isinstance(obj, (type, FunctionType)):
            if "<locals>" in obj.__qualname__:
                raise _LostError(
                    f"{obj.__name__}, made within a function, cannot be sent to its workers"
                )
            if obj.__module__ == "__main__" and not _importable():
                kind = "class" if isinstance(obj, type) else "function"
                raise _LostError(f"its workers cannot find {obj.__name__}, a {kind} of a cell")
        return NotImplemented


def _importable() -> bool:
    """Whether the main module is a script, which workers run again: a notebook is none."""
    main = sys.modules["__main__"]
    return getattr(main, "__spec__", None) is not None or hasattr(main, "__file__")
