"""How torch computes, which a session sets once: processes take it over from the kernel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


def settings() -> dict[str, Any]:
    """Give what is set in this process, in what JSON can hold."""
    return {
        "dtype": str(torch.get_default_dtype()).removeprefix("torch."),
        "matmul": torch.get_float32_matmul_precision(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "warn_only": torch.is_deterministic_algorithms_warn_only_enabled(),
        "cudnn": {
            name: getattr(torch.backends.cudnn, name)
            for name in ("enabled", "benchmark", "deterministic")
        },
    }


@contextmanager
def gradients_on() -> Iterator[None]:
    """Compute gradients, also where a cell has turned them off for the whole notebook."""
    with torch.inference_mode(mode=False), torch.enable_grad():
        yield


def take_over(settings: dict[str, Any]) -> None:
    """Set the same in this process."""
    torch.set_default_dtype(getattr(torch, settings["dtype"]))
    torch.set_float32_matmul_precision(settings["matmul"])
    torch.use_deterministic_algorithms(settings["deterministic"], warn_only=settings["warn_only"])
    for name, value in settings["cudnn"].items():
        setattr(torch.backends.cudnn, name, value)
