"""Tell from batch statistics that a trained model was trained on normalised images, and has others.

The running statistics of the first batch normalisation say how the first layer answered to the
images that it was trained with (Ioffe & Szegedy 2015). Where it answers otherwise to these, and as
it should once they are normalised, the normalisation is what is missing.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from jupyter_classgame.referee.model.replay import eagerly

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FAINT = 0.25
NEARER = 0.5


class _Reached(Exception):  # noqa: N818 - not an error: it ends a pass early
    pass


def missing_normalisation(
    network: nn.Module, images: Tensor
) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return the mean and the spread that images should have been normalised with.

    Parameters
    ----------
    network
        Is put into evaluation mode and left there.
    images
        As the loader hands them out, (n, 3, height, width).

    Returns
    -------
    tuple or None
        None where nothing is missing, or nothing can be told.
    """
    if images.ndim != 4 or images.shape[1] != 3:
        return None
    if not images.is_floating_point() or float(images.min()) < 0 or float(images.max()) > 1:
        return None
    network.eval()
    mean, std = _configured(network) or IMAGENET
    normal = (images - _column(mean).to(images)) / _column(std).to(images)
    now, then = _off(network, images), _off(network, normal)
    if now is None or then is None or now > math.log(FAINT) or abs(then) > NEARER * abs(now):
        return None
    return mean, std


def _configured(network: Any) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return what a model says of itself, as timm's do."""
    config = getattr(network, "pretrained_cfg", None)
    if not isinstance(config, dict) or len(config.get("mean", ())) != 3:
        return None
    return tuple(config["mean"]), tuple(config["std"])


def _column(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values).reshape(1, -1, 1, 1)


def _off(network: nn.Module, images: Tensor) -> float | None:
    """Return the logarithm of how much the first layer's answers vary, relative to training."""
    found: list[float] = []

    def look(norm: Any, inputs: Any) -> None:
        x = inputs[0].detach().double()
        over = [d for d in range(x.ndim) if d != 1]
        known = norm.running_var.double()
        usable = known > 1e-8
        if norm.num_batches_tracked and bool(usable.any()):
            ratio = x.var(over, correction=0)[usable] / known[usable]
            found.append(float(ratio.clamp_min(1e-12).log().median()))
        raise _Reached

    hooks = [
        m.register_forward_pre_hook(look)
        for m in network.modules()
        if isinstance(m, _BatchNorm) and m.running_var is not None
    ]
    try:
        with torch.no_grad(), eagerly():
            network(images)
    except _Reached:
        return found[0] if found else None
    finally:
        for hook in hooks:
            hook.remove()
    return None
