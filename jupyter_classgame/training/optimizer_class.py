"""What an optimizer's class does by itself, and whether an object does more."""

from collections.abc import Callable
from typing import Any

HOOKS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")


def is_torchs_own(optimizer: Any) -> bool:
    """Say whether an optimizer's class is one of torch's, and none derived from it."""
    return type(optimizer).__module__.startswith("torch.optim")


def is_hooked(optimizer: Any) -> bool:
    """Say whether an optimizer's steps do more than its class, but for a scheduler that counts."""
    step = vars(optimizer).get("step")
    return any(getattr(optimizer, name, None) for name in HOOKS) or not (
        step is None or hasattr(step, "_wrapped_by_lr_sched")
    )


def bare_step(optimizer: Any) -> Callable[[Any], Any]:
    """Give the step of an optimizer's class, without the hooks that torch wraps around it."""
    step: Any = type(optimizer).step
    return step.__wrapped__ if getattr(step, "hooked", False) else step  # type: ignore[no-any-return]
