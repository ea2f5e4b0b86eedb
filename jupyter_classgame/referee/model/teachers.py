"""Networks beside the model, which a loader or a criterion asks: their weights were trained."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from jupyter_classgame.referee.isolation.object_graph import walk

LAYERS = 2
"""Layers with weights, from which on a module is a network and no filter."""

TOLD = 4
"""So many times as many numbers tell classes as there are classes."""


def networks_in(
    root: Any, name: str, *, but: nn.Module, trained: Iterable[Tensor] = (), classes: int = 0
) -> list[nn.Module]:
    """Return the networks reachable from an object that are no part of the model.

    Parameters
    ----------
    root, name
        The object, and how messages name it.
    but
        The model.
    trained
        Parameters that are trained in the run: what holds them is trained along.
    classes
        How many classes there are: one linear layer with so many outputs is a network too.
    """
    inside = {id(module) for module in but.modules()}
    along = {id(p) for p in trained}
    found: list[nn.Module] = []
    for reference in walk(root, name):
        value = reference.value
        if not isinstance(value, nn.Module) or value is root or id(value) in inside:
            continue
        parameters = list(value.parameters())
        if not _is_network(value, classes) or any(id(p) in along for p in parameters):
            continue
        if not any(id(module) in inside for module in value.modules()):
            found.append(value)
    return found


def _is_network(module: nn.Module, classes: int) -> bool:
    """Say whether a module is a network, and no filter: by its layers, or as it tells classes."""
    layers = _layers(module)
    if len(layers) != 1:
        return len(layers) >= LAYERS
    weights = [p for p in layers[0].parameters(recurse=False) if p.ndim > 1]
    return 1 < classes == len(weights[0]) < weights[0][0].numel() / TOLD


def _layers(module: nn.Module) -> list[nn.Module]:
    """Return the layers of a module with weights of their own."""
    return [
        m for m in module.modules() if any(p.ndim > 1 for p in m.parameters(recurse=False))
    ]  # fmt: skip


def asked_by(
    fetch: Callable[[], Any], root: Any, name: str, model: nn.Module, trained: Iterable[Tensor],
    classes: int = 0,
) -> str:  # fmt: skip
    """Say which network runs as a loader's batch is fetched; empty for none."""
    networks = networks_in(root, name, but=model, trained=trained, classes=classes)
    if not networks:
        return ""
    with running(networks) as ran:
        fetch()
    return f"{name} asks a network, {type(ran[0]).__name__}, about its images" if ran else ""


@contextmanager
def running(modules: Iterable[nn.Module]) -> Iterator[list[nn.Module]]:
    """Record which of some modules run within the block."""
    ran: list[nn.Module] = []

    def note(module: nn.Module, _: Any) -> None:
        ran.append(module)

    handles = [module.register_forward_pre_hook(note) for module in modules]
    try:
        yield ran
    finally:
        for handle in handles:
            handle.remove()
