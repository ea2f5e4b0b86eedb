"""Random draws by address (seed, epoch, image index), independent of the batch an image is in.

A draw is a hash of its address, as in counter-based generators (Salmon et al., "Parallel random
numbers: as easy as 1, 2, 3", SC 2011), so that none depends on earlier draws.
"""

import hashlib
import math
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Words = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
UNIT = 2.0**-24  # float32 tells this many parts of 1 apart, as torch.rand does
CHILDREN = 1024


def stream_within(stream: int, part: int) -> int:
    """Return the stream of a transform's part, ``part`` from 0 to 1022; parts nest to any depth."""
    return (stream * CHILDREN + part + 1) % 2**63


class Draws:
    """Random draws for the images of a batch, each from its own address.

    Parameters
    ----------
    seed, epoch
        The same for all images of the batch.
    indices
        The number of every image, below 2**63; equal numbers draw equally.

    Notes
    -----
    Every method takes a ``stream`` from 0 to 2**63 - 1, one for each use: the same address and
    stream give the same numbers again. Results are on the CPU unless the method takes a device.
    """

    def __init__(self, seed: int, epoch: int, indices: Sequence[int] | NDArray[np.int64]) -> None:
        key = hashlib.blake2b(f"{seed}/{epoch}".encode(), digest_size=8).digest()
        numbers = np.asarray(indices, dtype=np.int64).view(np.uint64)
        self._keys: Words = _mixed(_mixed(numbers * GOLDEN) ^ np.frombuffer(key, dtype=np.uint64))

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, positions: Tensor | NDArray[np.int64]) -> "Draws":
        """Return the draws of the images at these positions of the batch."""
        part = Draws.__new__(Draws)
        part._keys = self._keys[np.asarray(positions)]  # noqa: SLF001 - the same class
        return part

    def words(self, stream: int, count: int) -> Words:
        """Return 64 random bits: uint64, shape (batch, count)."""
        start = _mixed(self._keys ^ _mixed(np.array([stream], dtype=np.uint64) * GOLDEN + GOLDEN))
        steps = np.arange(1, count + 1, dtype=np.uint64) * GOLDEN
        return _mixed(start[:, None] + steps)

    def uniform(self, stream: int, count: int) -> Tensor:
        """Return float32 in [0, 1), shape (batch, count)."""
        return torch.from_numpy(self._unit(stream, count).astype(np.float32))

    def between(self, stream: int, low: float, high: float) -> Tensor:
        """Return float64 from ``low`` up to ``high``, shape (batch,)."""
        unit = torch.from_numpy(self._unit(stream, 1)[:, 0])
        return unit * (float(high) - float(low)) + float(low)

    def integers(self, stream: int, high: int, count: int) -> Tensor:
        """Return int64 from 0 to ``high`` - 1, below 2**31, shape (batch, count)."""
        halves = self.words(stream, count) >> np.uint64(32)
        scaled = (halves * np.uint64(high)) >> np.uint64(32)
        return torch.from_numpy(scaled.astype(np.int64))

    def normal(self, stream: int, count: int) -> Tensor:
        """Return float32 from the standard normal distribution, shape (batch, count)."""
        unit = self._unit(stream, 2 * count)
        radius = np.sqrt(-2 * np.log(unit[:, :count] + UNIT))  # Box and Muller, 1958
        values = radius * np.cos(2 * math.pi * unit[:, count:])
        return torch.from_numpy(values.astype(np.float32))

    def chosen(self, stream: int, p: float) -> Tensor:
        """Return the positions of the images for which an event of probability ``p`` occurs."""
        return torch.from_numpy(np.flatnonzero(self._unit(stream, 1)[:, 0] < p))

    def orders(self, stream: int, count: int) -> Tensor:
        """Return random permutations of ``count`` items: int64, shape (batch, count)."""
        return torch.from_numpy(np.argsort(self.words(stream, count), axis=1))

    def noise(self, stream: int, shape: Sequence[int], device: torch.device) -> Tensor:
        """Return float32 standard normals for every pixel, shape (batch, *shape), on ``device``."""
        keys = torch.from_numpy(self.words(stream, 1).view(np.int32)).to(device)
        size = math.prod(shape)
        half = (size + 1) // 2
        counters = torch.arange(2 * half, dtype=torch.int32, device=device)
        bits = _mixed_in_place(counters + keys[:, :1]).bitwise_xor_(keys[:, 1:])
        unit = _mixed_in_place(bits).bitwise_right_shift_(8).bitwise_and_(0xFFFFFF).float()
        radius = unit[:, :half].add_(1).mul_(UNIT).log_().mul_(-2).sqrt_()
        angle = unit[:, half:].mul_(2 * math.pi * UNIT)
        out = torch.empty(len(self), 2 * half, dtype=torch.float32, device=device)
        torch.mul(radius, angle.cos(), out=out[:, :half])
        torch.mul(radius, angle.sin_(), out=out[:, half:])
        return out[:, :size].reshape(len(self), *shape)

    def seeds(self, stream: int) -> list[list[int]]:
        """Return the seeds that :func:`seed_sample` takes: shape (batch, 3), 32 bits each."""
        return (self.words(stream, 3) >> np.uint64(32)).tolist()  # type: ignore[no-any-return]

    def _unit(self, stream: int, count: int) -> NDArray[np.float64]:
        return (self.words(stream, count) >> np.uint64(40)).astype(np.float64) * UNIT


def seed_sample(seeds: Sequence[int]) -> None:
    """Seed Python, NumPy and torch on the CPU with one 32-bit number each.

    It takes some tens of microseconds and does not restore the state: the caller does so once for
    many samples, with :func:`random_state_kept`.
    """
    random.seed(seeds[0])
    np.random.seed(seeds[1])  # noqa: NPY002 - a player's transform draws from the global state
    torch.default_generator.manual_seed(seeds[2])


@contextmanager
def random_state_kept(others: Sequence[torch.Generator] = ()) -> Iterator[None]:
    """Restore the random state of Python, NumPy, torch on the CPU and ``others`` on exit."""
    generators = [torch.default_generator, *others]
    python = random.getstate()
    numpy = np.random.get_state()  # noqa: NPY002
    states = [generator.get_state() for generator in generators]
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


@contextmanager
def seeded(draws: Draws, stream: int, device: torch.device | None = None) -> Iterator[None]:
    """Seed all global random sources from the first image's address; restore them on exit."""
    seeds, others = draws.seeds(stream)[0], _generators(device)
    with random_state_kept(others):
        seed_sample(seeds)
        for generator in others:
            generator.manual_seed(seeds[2])
        yield


def _generators(device: torch.device | None) -> list[Any]:
    """Return the default generators of a device other than the CPU."""
    if device is None or device.type == "cpu":
        return []
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        return [torch.cuda.default_generators[index]]
    if device.type == "mps":
        return [torch.mps._get_default_mps_generator()]  # noqa: SLF001 - the only way to it
    return []


def _mixed(words: Words) -> Words:
    """Hash 64 bits: the finaliser of SplitMix64 (Steele et al., OOPSLA 2014)."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def _mixed_in_place(bits: Tensor) -> Tensor:
    """Hash 32 bits in int32, which wraps: a multiply and xor-shift finaliser of low bias."""
    bits ^= (bits >> 16) & 0xFFFF
    bits *= 0x7FEB352D
    bits ^= (bits >> 15) & 0x1FFFF
    bits *= 0x846CA68B - 2**32
    bits ^= (bits >> 16) & 0xFFFF
    return bits
