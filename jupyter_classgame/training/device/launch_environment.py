"""What launchers of several processes leave in the environment, which no notebook is to follow."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from accelerate import PartialState

LAUNCH = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What every process of a launch has, in torch's own words."""

VARIABLES = frozenset(
    {*LAUNCH, "LOCAL_WORLD_SIZE", "GROUP_RANK", "GROUP_WORLD_SIZE", "NODE_RANK", "FORK_LAUNCHED"}
)

PREFIXES = (
    "ACCELERATE_", "FSDP_", "MV2_COMM_", "OMPI_COMM_", "PMI_", "PARALLELISM_CONFIG_", "ROLE_",
    "TORCHELASTIC_",
)  # fmt: skip


def without_launch(environment: Mapping[str, str]) -> dict[str, str]:
    """Give an environment without what a launcher, or a cell in its place, has left in it."""
    return {
        name: value
        for name, value in environment.items()
        if name not in VARIABLES and not name.startswith(PREFIXES)
    }


@contextmanager
def launch_hidden() -> Iterator[None]:
    """Take a launcher's variables out of this process's environment for a while."""
    kept = without_launch(os.environ)
    hidden = {name: value for name, value in os.environ.items() if name not in kept}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)


def ensure_state() -> None:
    """Make Accelerate's state of this one process, which its loggers ask for, if there is none.

    A state whose making has failed half way is made anew.
    """
    with launch_hidden():
        if not hasattr(PartialState(), "num_processes"):
            PartialState._reset_state()  # noqa: SLF001 - there is no public call for it
            PartialState()
