"""Observe what a criterion does beside comparing outputs with targets: it may train on more."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from jupyter_classgame.referee.model.replay import eagerly, find_scores
from jupyter_classgame.referee.model.teachers import networks_in, running
from jupyter_classgame.user_code import is_users

CALLS = 2
LEFT = 0.2
"""Share of a gradient that a penalty on the size of weights cannot have, where it is one."""


def observe_reach(
    model: nn.Module, criterion: Any, images: Tensor, targets: Tensor, trained: Iterable[Tensor]
) -> str:
    """Say what else a criterion trains the model on, or which network it asks; empty for nothing.

    The model runs as in training and its outputs are held fixed: no gradient of the loss may reach
    the weights then but for a penalty on their size, and no network may run.

    Parameters
    ----------
    model
        Is switched to training mode.
    criterion
        Callable of (outputs, targets).
    images, targets
        A batch as the run will have it, on the model's device.
    trained
        The parameters that the optimizer holds: a network with such ones is trained along.
    """
    if criterion is None or is_plain(criterion):
        return ""
    model.train()
    trainable = [p for p in model.parameters() if p.requires_grad]
    with torch.enable_grad(), eagerly():
        outputs = model(images)
        classes = find_scores(outputs).shape[-1]
        teachers = networks_in(criterion, "criterion", but=model, trained=trained, classes=classes)
        for _ in range(CALLS):
            with running([*model.modules(), *teachers]) as ran:
                loss = criterion(_fixed(outputs), targets)
            if ran:
                asked = next((m for m in ran if any(m is one for one in teachers)), None)
                if asked is not None:
                    return f"the criterion asks another network, {type(asked).__name__}"
                return "the criterion runs the model itself, beside the pass that it is given"
            if not isinstance(loss, Tensor) or not loss.requires_grad or not trainable:
                continue
            pulls = torch.autograd.grad(loss.sum(), trainable, retain_graph=True, allow_unused=True)
            pulled = sum(
                pull is not None and not _by_size(pull, p)
                for pull, p in zip(pulls, trainable, strict=True)
            )
            if pulled:
                return (
                    "the criterion trains the model on something beside its outputs: "
                    f"{pulled} of {len(trainable)} tensors get gradients while those are fixed"
                )
    return ""


def _by_size(pull: Tensor, weights: Tensor) -> bool:
    """Return whether a gradient is nothing but a penalty on the size of weights, L1, L2 or both."""
    pull, w = (t.detach().flatten().double().cpu() for t in (pull, weights))
    size = float(pull.norm())
    if size == 0:
        return True
    basis = torch.stack([w, w.sign()], 1)
    fit = torch.linalg.lstsq(basis, pull[:, None], driver="gelsd").solution
    return float((basis @ fit - pull[:, None]).norm()) < LEFT * size


def is_plain(criterion: Any) -> bool:
    """Return whether a criterion is one of torch's own, as torch has it."""
    kind = type(criterion)
    if not isinstance(criterion, nn.Module):
        return kind.__name__ in ("function", "builtin_function_or_method") and not _written(
            criterion
        )
    hooks = any(getattr(criterion, name, None) for name in ("_forward_hooks", "_forward_pre_hooks"))
    named = kind.__module__ == "torch.nn.modules.loss" and not _written(kind.forward)
    return named and not hooks and "forward" not in vars(criterion) and not _patched()


def _written(function: Any) -> bool:
    """Return whether the user wrote a function, or one that it stands for."""
    code = getattr(function, "__code__", None)
    return code is None or is_users(code.co_filename) or _patched()


def _patched() -> bool:
    """Return whether torch's own losses are not torch's any more."""
    codes = (
        getattr(getattr(functional, name, None), "__code__", None)
        for name in ("cross_entropy", "nll_loss", "mse_loss")
    )
    return any(code is not None and is_users(code.co_filename) for code in codes)


def _fixed(outputs: Any) -> Any:
    """Return outputs that are the same numbers, from no network."""
    if isinstance(outputs, Tensor):
        if not outputs.is_floating_point():
            return outputs
        leaf = outputs.detach().requires_grad_()
        return leaf * 1  # not a leaf, as a criterion may look at that
    if isinstance(outputs, dict):
        return type(outputs)((key, _fixed(value)) for key, value in outputs.items())
    if isinstance(outputs, (list, tuple)):
        made = [_fixed(value) for value in outputs]
        return type(outputs)(*made) if hasattr(outputs, "_fields") else type(outputs)(made)
    return outputs
