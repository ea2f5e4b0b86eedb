"""Hooks that take part in gradients and in the optimizer's steps."""

from typing import Any

from torch import nn

IN_STEPS = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")
ON_GRADIENTS = ("_backward_hooks", "_backward_pre_hooks", "_post_accumulate_grad_hooks")


def on_gradients(model: nn.Module) -> bool:
    """Say whether parameters or modules have hooks that may change gradients."""
    owners = (*model.parameters(), *model.modules())
    return any(getattr(owner, name, None) for owner in owners for name in ON_GRADIENTS)


def in_steps(optimizer: Any) -> bool:
    """Say whether an optimizer's steps do more than its class, but for a scheduler that counts."""
    step = vars(optimizer).get("step")
    return any(getattr(optimizer, name, None) for name in IN_STEPS) or not (
        step is None or hasattr(step, "_wrapped_by_lr_sched")
    )
