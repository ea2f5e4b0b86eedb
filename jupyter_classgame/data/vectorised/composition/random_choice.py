"""Compose, RandomApply, RandomChoice and RandomOrder of transforms that have kernels."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torchvision import transforms as v1
from torchvision.transforms import v2

from jupyter_classgame.data.addressed_rng import Draws, stream_within
from jupyter_classgame.data.vectorised.batch_kernel import BatchKernel, on_some, run
from jupyter_classgame.errors import DataError


def _parts(transform: Any) -> Sequence[Any]:
    return tuple(transform.transforms)


def _in_a_row(transform: Any) -> Sequence[Any]:
    return tuple(transform) if isinstance(transform, nn.Sequential) else _parts(transform)


def _all(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    return run(_in_a_row(transform), images, draws, stream)


def _some(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    chosen, inside = draws.chosen(stream_within(stream, 0), transform.p), stream_within(stream, 1)
    return on_some(
        images, draws, chosen, lambda some, theirs: run(_parts(transform), some, theirs, inside)
    )


def choices(transform: Any, draws: Draws, stream: int) -> Tensor:
    """Draw the position of a transform for every image: int64, shape (batch,)."""
    parts = len(transform.transforms)
    weights = torch.tensor(transform.p or [1.0] * parts, dtype=torch.float64)
    bounds = (weights / weights.sum()).cumsum(0)[:-1]
    return torch.searchsorted(bounds, draws.uniform(stream, 1).double()[:, 0], right=True)


def _one(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    picked = choices(transform, draws, stream_within(stream, 0))
    groups = [((number,), picked == number) for number in range(len(transform.transforms))]
    return _grouped(transform, images, draws, stream_within(stream, 1), groups)


def _shuffled(transform: Any, images: Tensor, draws: Draws, stream: int) -> Tensor:
    orders = draws.orders(stream_within(stream, 0), len(transform.transforms))
    distinct = sorted({tuple(order) for order in orders.tolist()})
    groups = [(order, (orders == torch.tensor(order)).all(dim=1)) for order in distinct]
    return _grouped(transform, images, draws, stream_within(stream, 1), groups)


def _grouped(
    transform: Any,
    images: Tensor,
    draws: Draws,
    stream: int,
    groups: Sequence[tuple[Sequence[int], Tensor]],
) -> Tensor:
    """Apply each group's transforms, in the group's order, to its images.

    ``groups`` are pairs: the order (positions of transforms), and the images as a mask.
    """
    parts, out = _parts(transform), None
    for order, members in groups:
        chosen = members.nonzero()[:, 0]
        if not len(chosen):
            continue
        where, theirs = chosen.to(images.device), draws.take(chosen)
        some = images.index_select(0, where)
        for number in order:
            some = run([parts[number]], some, theirs, stream_within(stream, number))
        if out is None:
            out = some.new_empty((len(images), *some.shape[1:]))
        if out.shape[1:] != some.shape[1:]:
            raise DataError(
                f"{type(transform).__name__} makes images of {tuple(out.shape[1:])} and of "
                f"{tuple(some.shape[1:])}",
                "a batch needs one size, end with v2.Resize((H, W)).",
            )
        out.index_copy_(0, where, some)
    return images if out is None else out


KERNELS = (
    BatchKernel((v2.Compose, v1.Compose, nn.Sequential), _all, parts=_in_a_row),
    BatchKernel((v2.RandomApply, v1.RandomApply), _some, parts=_parts),
    BatchKernel((v2.RandomChoice, v1.RandomChoice), _one, parts=_parts),
    BatchKernel((v2.RandomOrder, v1.RandomOrder), _shuffled, parts=_parts),
)
