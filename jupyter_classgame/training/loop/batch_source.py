"""Where a run's batches come from: a game's loader made fast, or any other loader as it is."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import torch
from accelerate.utils import send_to_device
from torch import Tensor
from torch.utils._pytree import tree_map

from jupyter_classgame.data.feed.fast_loader import FastLoader, fast_loader_for
from jupyter_classgame.data.feed.partition import Partition, Shard
from jupyter_classgame.training.device.memory_format import PLANES
from jupyter_classgame.training.loop.meter import split_batch
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl

Pair = tuple[Any, Any]


class BatchSource:
    """Gives a run's batches on its device, in its memory layout, up to where it is stopped.

    Parameters
    ----------
    request
        Its loaders are read when an epoch begins.
    device
        Where the batches are wanted.
    channels_last
        Whether images are laid out so.
    split
        Which part of every batch is wanted; None is all of it.

    Attributes
    ----------
    share
        What part of its batch the pair is that was given last; None is all of it.
    """

    def __init__(
        self,
        request: RunRequest,
        control: RunControl,
        device: torch.device,
        *,
        channels_last: bool,
        split: Partition | None = None,
    ) -> None:
        self.request, self.control = request, control
        self.split, self.share = split, cast("Shard | None", None)
        self.device, self.channels_last = device, channels_last
        self._train, self._val = (
            fast_loader_for(request.train_loader),
            fast_loader_for(request.val_loader),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a player should know of the speed of the training data, a line each."""
        return _notes(self._train)

    def training(self, life_epoch: int, *, mixing: bool) -> Iterator[Pair]:
        """Give the training batches of an epoch of the model's life, from 1."""
        if self._train is None:
            return self._sent(self.request.train_loader, "train_loader")
        return self._made(self._train, life_epoch, mixing=mixing)

    def validation(self, life_epoch: int) -> Iterator[Pair]:
        """Give the validation batches."""
        if self._val is None:
            return self._sent(self.request.val_loader, "val_loader")
        return self._made(self._val, life_epoch)

    def _made(self, feed: FastLoader, life_epoch: int, *, mixing: bool = True) -> Iterator[Pair]:
        seed = self.request.seed
        last = self.channels_last
        if self.split is None:
            yield from self._until_stopped(
                feed.batches(self.device, seed, life_epoch, channels_last=last, mixing=mixing)
            )
            return
        shares = feed.sharded_batches(
            self.split, self.device, seed, life_epoch, channels_last=last, mixing=mixing
        )
        for share, batch in self._until_stopped(shares):
            self.share = share
            yield batch

    def _sent(self, loader: Any, name: str) -> Iterator[Pair]:
        for batch in self._until_stopped(loader):
            sent = send_to_device(self._part(batch, name), self.device)
            images, targets = split_batch(sent, name)
            if self.channels_last and isinstance(images, Tensor) and images.ndim == PLANES:
                images = images.contiguous(memory_format=torch.channels_last)
            yield images, targets

    def _part(self, batch: Any, name: str) -> Any:
        """Take this process's share of a batch of any loader."""
        if self.split is None:
            return batch
        images, targets = split_batch(batch, name)
        self.share = share = self.split.shard(len(targets))

        def part(leaf: Any) -> Any:
            whole = isinstance(leaf, Tensor) and leaf.ndim and len(leaf) == share.whole
            return leaf[share.first : share.last] if whole else leaf

        return tree_map(part, images), part(targets)

    def _until_stopped(self, loader: Iterable[Any]) -> Iterator[Any]:
        iterator = iter(loader)
        while True:
            self.control.look()
            if self.control.stopping:
                return
            try:
                batch = next(iterator)
            except StopIteration:
                return
            except Exception:
                if self.control.stopping:  # an interrupt reaches the loader's workers too
                    return
                raise
            yield batch


def loader_notes(request: RunRequest) -> tuple[str, ...]:
    """Give the notes on the training data of a run whose batches are made elsewhere."""
    return _notes(fast_loader_for(request.train_loader))


def _notes(fast: FastLoader | None) -> tuple[str, ...]:
    return fast.notes if fast else ()
