"""A run in one piece, as it travels to other processes."""

import importlib
import io
import pickle
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import cloudpickle
import torch
from torch.optim import Optimizer

from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.data.images.mapped_pixels import mapped_file, open_mapped
from jupyter_classgame.data.temporary_folder import scratch_folder
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.history import History
from jupyter_classgame.training.run.auditor import UNAUDITED, Auditor, Elsewhere
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.run_start import RunStart

PARTS = (
    "model", "optimizer", "then", "criterion", "scheduler", "train_loader", "val_loader",
    "callbacks",
)  # fmt: skip
"""Parts of a request that are a user's own, or may hold such."""

DEEPEST = 12

NAMELESS = "<dynamic-code>"
"""What cloudpickle calls every file."""


class Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Takes optimizers whole, histories without what steers them, images by their file."""

    def reducer_override(self, obj: Any) -> Any:
        """Say how an object is taken apart."""
        if isinstance(obj, Optimizer):
            # torch's own way leaves out what a class of one's own has beside state and groups.
            return _made, (type(obj),), _state_of(obj)
        if type(obj) is ResidentImages:
            shape = tuple(obj.pixels.shape)
            return open_mapped, (str(self.file_of(obj)), shape, obj.labels)
        if type(obj) is History:
            return partial(History, **{f.name: getattr(obj, f.name) for f in fields(obj)}), ()
        if isinstance(obj, types.CodeType):
            # cloudpickle leaves the file's name out, by which the kernel finds the source
            made, parts = self.dispatch_table[types.CodeType](obj)
            return made, tuple(obj.co_filename if p == NAMELESS else p for p in parts)
        by_name = _by_name(obj)
        return super().reducer_override(obj) if by_name is None else by_name

    def file_of(self, images: ResidentImages) -> Path:
        """Give the file of some images."""
        return mapped_file(images)


class Unpickler(pickle.Unpickler):
    """Leaves tensors that were on an accelerator on the CPU: the run brings them to its own.

    ``folder`` is where files are that the pickle names without one.
    """

    def __init__(self, file: Any, folder: Path | None = None) -> None:
        super().__init__(file)
        self._folder = folder

    def find_class(self, module: str, name: str) -> Any:
        """Find what a pickle names."""
        if (module, name) == ("torch.storage", "_load_from_bytes"):
            return _load_on_cpu
        if (module, name) == (open_mapped.__module__, open_mapped.__name__) and self._folder:
            return lambda path, *rest: open_mapped(str(self._folder / path), *rest)
        return super().find_class(module, name)


def write_blob(
    request: RunRequest,
    start: RunStart,
    path: Path,
    pickler: Callable[[BinaryIO], Pickler] = Pickler,
) -> None:
    """Write a run as one pickle, so that what its objects share they share where it is read.

    Raises
    ------
    TrainingError
        Something cannot be pickled; the message names it by the way that leads to it.
    """
    content = io.BytesIO()
    try:
        pickler(content).dump((request, start))
    except OSError as error:
        if error.errno is None:
            raise
        raise TrainingError(
            f"the run cannot be sent to other processes: {error.strerror} in {scratch_folder()}; "
            "TMPDIR names another place, before the kernel starts"
        ) from error
    except Exception as error:
        ways = (culprit(getattr(request, name), name, pickler) for name in PARTS)
        found = next(filter(None, ways), None)
        where, thing = found or ("the run", error)
        raise TrainingError(
            f"{where}: a {type(thing).__name__} cannot be sent to another process; "
            "make it where it is first used, or train on one device"
        ) from error
    path.write_bytes(content.getbuffer())


def write_auditor(make: Elsewhere | None, path: Path) -> str:
    """Write what makes a run's auditor in another process; give where, nothing for none."""
    if make is None:
        return ""
    content = io.BytesIO()
    Pickler(content).dump(make)
    path.write_bytes(content.getbuffer())
    return str(path)


def read_auditor(path: str, told: Callable[[Any], None]) -> Auditor:
    """Make the auditor that :func:`write_auditor` wrote; it is ``told`` of breaches."""
    if not path:
        return UNAUDITED
    with Path(path).open("rb") as file:
        make: Elsewhere = Unpickler(file).load()
    return make(told)


def read_blob(file: BinaryIO, folder: Path | None = None) -> tuple[RunRequest, RunStart]:
    """Read what :func:`write_blob` wrote; this runs code of the request's objects.

    Raises
    ------
    TrainingError
        Another version has written it.
    """
    content = Unpickler(file, folder).load()
    if not isinstance(content, tuple):
        raise TrainingError(
            "the run was written by another version of jupyter-classgame", "export it anew"
        )
    request, start = content
    return request, start


def culprit(
    thing: Any,
    name: str,
    pickler: Callable[[BinaryIO], Pickler] = Pickler,
    seen: tuple[int, ...] = (),
) -> tuple[str, Any] | None:
    """Find what keeps a thing from being pickled: the way to it and itself, None if nothing does.

    It is the innermost thing that fails.
    """
    if id(thing) in seen or _goes(thing, pickler):
        return None
    seen = (*seen, id(thing))
    if len(seen) <= DEEPEST:
        for part, inner in _parts(thing):
            if found := culprit(inner, f"{name}{part}", pickler, seen):
                return found
    return name, thing


def _goes(thing: Any, pickler: Callable[[BinaryIO], Pickler]) -> bool:
    try:
        pickler(io.BytesIO()).dump(thing)
    except Exception:  # noqa: BLE001 - a class may raise anything when it is pickled
        return False
    return True


def _parts(thing: Any) -> Iterator[tuple[str, Any]]:
    """Give what a thing is made of, as a user would write it."""
    if isinstance(thing, dict):
        yield from ((f"[{key!r}]", value) for key, value in thing.items())
    elif isinstance(thing, (list, tuple)):
        yield from ((f"[{place}]", value) for place, value in enumerate(thing))
    elif isinstance(thing, types.MethodType):
        yield ".__self__", thing.__self__
    elif isinstance(thing, types.FunctionType):
        cells = zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True)
        yield from ((f": {n}", c.cell_contents) for n, c in cells if c != types.CellType())
        names = thing.__code__.co_names
        yield from ((f": {n}", thing.__globals__[n]) for n in names if n in thing.__globals__)
    elif isinstance(thing, partial):
        yield from (("", thing.func), (".args", thing.args), (".keywords", thing.keywords))
    elif isinstance(thing, type):
        yield from ((f".{key}", value) for key, value in vars(thing).items())
    elif isinstance(thing, torch.nn.Module):
        yield from ((f".{n}", child) for n, child in thing.named_children())
        yield from ((f".{n}", v) for n, v in vars(thing).items() if not n.startswith("_"))
        yield "", type(thing)
    elif hasattr(thing, "__dict__"):
        yield from ((f".{key}", value) for key, value in vars(thing).items())
        yield "", type(thing)


def _by_name(obj: Any) -> Any:
    """Take apart what a function refers to and what is found or stood for elsewhere; else None."""
    if isinstance(obj, types.ModuleType) and sys.modules.get(obj.__name__) is obj:
        # cloudpickle fails for torch.classes, which it takes a function with game.classes to need
        return importlib.import_module, (obj.__name__,)
    if hasattr(type(obj), "sent_as"):  # a game that a class of a cell asks for its classes
        return obj.sent_as()
    return None


def _made(kind: type[Any]) -> Any:
    return object.__new__(kind)


def _state_of(optimizer: Optimizer) -> dict[str, Any]:
    """Give all of an optimizer's own, but the step that a scheduler has wrapped."""
    own = {name: value for name, value in vars(optimizer).items() if name != "step"}
    if type(optimizer).__getstate__ is Optimizer.__getstate__:
        return own
    # it leaves out what loading a state would not need
    every = vars(Optimizer([torch.nn.Parameter(torch.zeros(()))], {}))
    return {n: v for n, v in own.items() if n in every} | optimizer.__getstate__()


def _load_on_cpu(content: bytes) -> Any:
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)
