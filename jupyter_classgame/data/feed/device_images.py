"""Resident images copied to the device of a run, and batches gathered there."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor

from jupyter_classgame.data.feed.batch_order import BatchIndices
from jupyter_classgame.data.feed.prefetch import prefetch_one
from jupyter_classgame.data.images.image_sets import ResidentImages
from jupyter_classgame.data.images.source_pictures import Indices

MEMORY_SHARE = 0.5
"""Most that the copy of the images takes of a device's free memory, as a share."""


class DeviceImages:
    """Resident images on the model's device: one gather a batch.

    On a CPU nothing is copied. On another device all images are copied once if they fit into half
    of its free memory; otherwise every batch is gathered on the CPU and then copied.

    Parameters
    ----------
    source
        The images in main memory.
    device
        Where batches are wanted.
    """

    def __init__(self, source: ResidentImages, device: torch.device) -> None:
        self.source = source
        self.device = device
        self.pixels: Tensor | None = None
        if device.type != "cpu" and source.pixels.nbytes <= MEMORY_SHARE * free_memory(device):
            self.pixels = source.pixels.to(device)

    def batches(
        self, order: Iterable[BatchIndices], needed: Callable[[BatchIndices], bool]
    ) -> Iterator[tuple[BatchIndices, Tensor | None]]:
        """Yield uint8 images on the device, shape (n, 3, height, width); None where not needed."""
        if self.device.type == "cuda" and self.pixels is None:
            yield from self._copied_ahead(order, needed)
            return
        for batch in order:
            yield batch, self._batch(batch.images) if needed(batch) else None

    def _batch(self, indices: Indices) -> Tensor:
        if self.pixels is not None:
            return self.pixels.index_select(0, to_device(torch.from_numpy(indices), self.device))
        return to_device(self.source.images(indices), self.device)

    def _copied_ahead(
        self, order: Iterable[BatchIndices], needed: Callable[[BatchIndices], bool]
    ) -> Iterator[tuple[BatchIndices, Tensor | None]]:
        """Copy each batch on a separate CUDA stream while the previous one is used."""
        side = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]

        def copied(batch: BatchIndices) -> tuple[BatchIndices, Tensor | None, Any]:
            if not needed(batch):
                return batch, None, None
            with torch.cuda.stream(side):
                pixels = to_device(self.source.images(batch.images), self.device)
                return batch, pixels, side.record_event()

        for batch, pixels, done in prefetch_one(map(copied, order)):
            if pixels is not None:
                current = torch.cuda.current_stream(self.device)
                current.wait_event(done)
                pixels.record_stream(current)
            yield batch, pixels


def to_device(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor on a device, copied asynchronously where that is possible."""
    if device.type == "cpu" or tensor.device == device:
        return tensor.to(device)
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=device.type == "cuda")


def free_memory(device: torch.device) -> float:
    """Return a device's free memory in bytes; 0 if it is unknown."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        limit = torch.mps.recommended_max_memory()
        return float(limit - torch.mps.driver_allocated_memory())
    return 0.0
