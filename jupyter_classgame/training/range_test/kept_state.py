"""What a run may change and a range test must not, beside weights, modes and the global generators.

Gradients of a loop by hand, generators and workers of a loader's own, and the numbers that the
user's own models, criteria, samplers and datasets count in attributes.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import nn
from torch.utils.data import DataLoader

from jupyter_classgame.training.run.optimizer_parts import PLAIN, optimizers_in
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run.unregistered_state import is_of_users_class
from jupyter_classgame.training.state.loader_generators import generators_of, put_back, states_of

STEPPED = ("_opt_called", "_step_count")
"""What torch's schedulers let an optimizer note about its steps, to warn where there was none."""


@contextmanager
def state_kept(request: RunRequest) -> Iterator[None]:
    """Put all of it back at the end."""
    with ExitStack() as stack:
        stack.enter_context(_gradients_kept(request))
        stack.enter_context(_generators_kept(request))
        stack.enter_context(_workers_kept(request.train_loader))
        for thing in _countings(request):
            stack.enter_context(_numbers_kept(vars(thing)))
        for optimizer in optimizers_in(request.optimizer).values():
            stack.enter_context(_numbers_kept(vars(optimizer), STEPPED))
        yield


@contextmanager
def _gradients_kept(request: RunRequest) -> Iterator[None]:
    modules = [part for part in (request.model, request.criterion) if isinstance(part, nn.Module)]
    held = [p for group in request.optimizer.param_groups for p in group["params"]]
    parameters = {id(p): p for p in (*held, *(p for m in modules for p in m.parameters()))}
    kept = [(parameter, parameter.grad) for parameter in parameters.values()]
    for parameter, _ in kept:
        parameter.grad = None
    try:
        yield
    finally:
        for parameter, gradient in kept:
            parameter.grad = gradient


@contextmanager
def _generators_kept(request: RunRequest) -> Iterator[None]:
    found = generators_of(
        train_loader=request.train_loader, model=request.model, criterion=request.criterion
    )
    states = states_of(found)
    try:
        yield
    finally:
        put_back(found, states)


@contextmanager
def _workers_kept(loader: Any) -> Iterator[None]:
    """Let others work meanwhile, where a loader keeps its workers from epoch to epoch."""
    if not isinstance(loader, DataLoader):
        yield
        return
    own = vars(loader)
    kept = own.get("_iterator")
    own["_iterator"] = None
    try:
        yield
    finally:
        own["_iterator"] = kept


@contextmanager
def _numbers_kept(own: dict[str, Any], names: tuple[str, ...] = ()) -> Iterator[None]:
    """Keep numbers and text among attributes, those of some names or all; new ones go."""

    def there() -> dict[str, Any]:
        return {
            name: value
            for name, value in own.items()
            if isinstance(value, PLAIN) and (not names or name in names)
        }

    kept = there()
    try:
        yield
    finally:
        for name in there().keys() - kept.keys():
            del own[name]
        own.update(kept)


def _countings(request: RunRequest) -> list[Any]:
    """List what may count in attributes: objects of the user's own classes."""
    things: list[Any] = [request.criterion, *_parts_of(request.train_loader)]
    for part in (request.model, request.criterion):
        things += part.modules() if isinstance(part, nn.Module) else ()
    own = {id(t): t for t in things if hasattr(t, "__dict__") and is_of_users_class(t)}
    return list(own.values())


def _parts_of(loader: Any) -> list[Any]:
    """List a loader, its samplers and collate function, its datasets and their transforms."""
    batches = getattr(loader, "batch_sampler", None)
    parts = [loader, batches, getattr(batches, "sampler", None)]
    parts += [getattr(loader, name, None) for name in ("sampler", "collate_fn")]
    waiting = [getattr(loader, "dataset", None)]
    while waiting:
        dataset = waiting.pop()
        if dataset is None or any(dataset is part for part in parts):
            continue
        transform = getattr(dataset, "transform", None)
        steps = getattr(transform, "transforms", ())  # of a v2.Compose
        parts += [dataset, transform, *(steps if isinstance(steps, (list, tuple)) else ())]
        within = getattr(dataset, "datasets", ())  # of a ConcatDataset
        waiting += [getattr(dataset, "dataset", None)]
        waiting += within if isinstance(within, (list, tuple)) else ()
    return parts
