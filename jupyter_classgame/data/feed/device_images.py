"""Batches of stored images on the device of a run."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.data.feed.batch_order import Contents
from jupyter_classgame.data.feed.prefetch import one_ahead
from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.data.images.source_pictures import Indices

SHARE = 0.5
"""How much of a device's free memory its copy of the images may take."""


class PlacedImages:
    """Resident images where the model is: one gather a batch.

    On a CPU they stay as they are. On another device all are copied once, if they fit into half of
    its free memory; else every batch is gathered here and copied.

    Parameters
    ----------
    source : ResidentImages
    device : torch.device
    """

    def __init__(self, source: ResidentImages, device: torch.device) -> None:
        self.source = source
        self.device = device
        self.pixels: Tensor | None = None
        if device.type != "cpu" and source.pixels.nbytes <= SHARE * free_memory(device):
            self.pixels = source.pixels.to(device)

    def batches(
        self, order: Iterable[Contents], needed: Callable[[Contents], bool]
    ) -> Iterator[tuple[Contents, Tensor | None]]:
        """Give uint8 images on the device, shape (n, 3, height, width); None where not needed."""
        if self.device.type == "cuda" and self.pixels is None:
            yield from self._copied_ahead(order, needed)
            return
        for batch in order:
            yield batch, self._batch(batch.images) if needed(batch) else None

    def _batch(self, indices: Indices) -> Tensor:
        if self.pixels is not None:
            return self.pixels.index_select(0, moved(torch.from_numpy(indices), self.device))
        return moved(self.source.images(indices), self.device)

    def _copied_ahead(
        self, order: Iterable[Contents], needed: Callable[[Contents], bool]
    ) -> Iterator[tuple[Contents, Tensor | None]]:
        """Copy each batch on a stream of its own while the one before it is used."""
        side = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]

        def copied(batch: Contents) -> tuple[Contents, Tensor | None, Any]:
            if not needed(batch):
                return batch, None, None
            with torch.cuda.stream(side):
                pixels = moved(self.source.images(batch.images), self.device)
                return batch, pixels, side.record_event()

        for batch, pixels, done in one_ahead(map(copied, order)):
            if pixels is not None:
                current = torch.cuda.current_stream(self.device)
                current.wait_event(done)
                pixels.record_stream(current)
            yield batch, pixels


def moved(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor on a device, without waiting for the copy where that is possible."""
    if device.type == "cpu" or tensor.device == device:
        return tensor.to(device)
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=device.type == "cuda")


def free_memory(device: torch.device) -> float:
    """Return a device's free memory in bytes; 0 where it does not say."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        limit = torch.mps.recommended_max_memory()
        return float(limit - torch.mps.driver_allocated_memory())
    return 0.0
