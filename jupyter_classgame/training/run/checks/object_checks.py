"""What can be trained, and by what: the user's objects, checked before anything moves."""

from collections.abc import Iterable, Iterator, Sized
from typing import Any

from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter
from torch.optim import LBFGS
from torch.utils.data import DataLoader, Dataset

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.run.checks.hidden_methods import check_methods
from jupyter_classgame.training.run.checks.worker_pickle import check_workers
from jupyter_classgame.training.run.optimizer_parts import is_optimizer
from jupyter_classgame.training.wording import counted


def batches_of(loader: Iterable[Any]) -> int | None:
    """Give a loader's number of batches, None where it does not know."""
    try:
        return len(loader) if isinstance(loader, Sized) else None
    except TypeError:  # a DataLoader over a dataset without a length
        return None


def check_loader(loader: Any, name: str, *, once: bool = False) -> None:
    """Refuse what cannot be iterated once an epoch.

    Parameters
    ----------
    loader, name
        The loader, and what the user calls it.
    once
        Let pass what can be iterated once only, such as a generator: it lasts for an epoch.

    Raises
    ------
    TrainingError
        It is a dataset, a generator or no iterable, or gives no batch at all.
    """
    if isinstance(loader, Dataset) and not isinstance(loader, DataLoader):
        raise TrainingError(
            f"{name}: {described(loader)} is a dataset; put it in a DataLoader, "
            "or use game.loader(...)"
        )
    if isinstance(loader, Iterator) and not once:
        raise TrainingError(
            f"{name}: {described(loader)} can be iterated once only; give a DataLoader or a list"
        )
    iterable = hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")
    if not iterable or isinstance(loader, (str, bytes, dict)):
        raise TrainingError(f"{name}: {described(loader)} gives no batches; use game.loader(...)")
    check_workers(loader, name)
    if batches_of(loader) == 0:
        raise TrainingError(
            f"{name} gives no batch: fewer images than batch_size, with drop_last=True?"
        )


def check_instance(thing: Any, name: str) -> None:
    """Refuse a class in the place of an instance.

    Raises
    ------
    TrainingError
        It is a class.
    """
    if isinstance(thing, type):
        called = thing.__name__
        raise TrainingError(f"{name}: {called} is a class; make one with {called}(...)")


def check_model(model: Any) -> None:
    """Refuse what cannot be run as a model.

    Raises
    ------
    TrainingError
        It is no module, or has no values yet.
    """
    check_instance(model, "model")
    if not isinstance(model, nn.Module):
        raise TrainingError(f"model: a torch.nn.Module is needed, not {described(model)}")
    check_methods(model, "model")
    if any(isinstance(parameter, UninitializedParameter) for parameter in model.parameters()):
        raise TrainingError(
            "model: a lazy layer does not know its size yet; call the model once on a batch, "
            "then build the optimizer"
        )
    if any(parameter.is_meta for parameter in model.parameters()):
        raise TrainingError('model: its weights are on "meta" and have no values; build it anew')


def check_optimizer(optimizer: Any, name: str = "optimizer") -> None:
    """Refuse what cannot take the steps of a run.

    Raises
    ------
    TrainingError
        It has not the parts of an optimizer, has no learning rate, or steps by a closure.
    """
    parts = list(optimizer.values()) if isinstance(optimizer, dict) else optimizer
    if isinstance(parts, (list, tuple)) and any(map(is_optimizer, parts)):
        several = counted(len(parts), "optimizer")
        raise TrainingError(
            f"{name}: {described(optimizer)} of {several}; a run steps one",
            "give one with a parameter group each, or a class whose step() and zero_grad() call "
            'both, as "Two optimizers in one" in docs/training.md has it; --then is for one after '
            "the other",
        )
    for part in ("step", "zero_grad", "param_groups", "state"):
        if not hasattr(optimizer, part):
            raise TrainingError(
                f"{name}: {described(optimizer)} has no {part}; give a torch.optim optimizer"
            )
    rates = [group.get("lr") for group in optimizer.param_groups]
    if not all(isinstance(rate, (int, float, Tensor)) for rate in rates):
        raise TrainingError(
            f"{name}: {type(optimizer).__name__} has parameter groups without a learning rate, "
            "which a run shows and may change",
            f"for group in {name}.param_groups: group.setdefault('lr', 1.0) adds one",
        )
    if isinstance(optimizer, LBFGS):
        raise TrainingError(f"{name}: LBFGS steps by a closure, which %train does not give")


def described(thing: Any) -> str:
    """Name the kind of a thing, such as ``a list``."""
    return f"a {type(thing).__name__}"
