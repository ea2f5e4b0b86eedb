"""Random state: seeded for each epoch of a run, and put back as it was found."""

import hashlib
from contextlib import AbstractContextManager

import torch
from accelerate.utils import set_seed

from jupyter_classgame.data import addressed_rng
from jupyter_classgame.errors import TrainingError

LARGEST_SEED = 2**63 - 1


def check_seed(seed: int) -> int:
    """Give a seed back if it is one.

    Raises
    ------
    TrainingError
        It is no whole number from 0 to :data:`LARGEST_SEED`.
    """
    if not isinstance(seed, int) or isinstance(seed, bool) or not 0 <= seed <= LARGEST_SEED:
        raise TrainingError(f"--seed {seed}: a whole number from 0 to {LARGEST_SEED} is needed")
    return seed


def draw_seed() -> int:
    """Derive a seed from torch's random state, which stays where it is.

    So ``torch.manual_seed`` governs a run that is given no seed of its own.
    """
    state = torch.get_rng_state().numpy().tobytes()
    return int.from_bytes(hashlib.sha256(state).digest()[:4], "big")


def seed_epoch(seed: int, epoch: int) -> None:
    """Seed Python, NumPy and torch on every device for one epoch of a model's life.

    The draws of an epoch depend on (seed, epoch) alone, so five epochs twice are ten.
    """
    digest = hashlib.sha256(f"{seed}/{epoch}".encode()).digest()
    set_seed(int.from_bytes(digest[:4], "big"))


def random_state_kept() -> AbstractContextManager[None]:
    """Put the random state of Python, NumPy and torch, on every device in use, back at the end."""
    others: list[torch.Generator] = []
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        others += torch.cuda.default_generators
    if torch.backends.mps.is_available():
        others.append(torch.mps._get_default_mps_generator())  # noqa: SLF001 - the only way to it
    return addressed_rng.random_state_kept(others)
