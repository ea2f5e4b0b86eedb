"""Detection of missing input normalisation, from batch-norm statistics.

The running variance of the first batch normalisation (Ioffe & Szegedy 2015) was measured on the
images that the model was trained on. If the variance on the images of a run differs much, and
agrees after the usual normalisation of images, that normalisation is missing.
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
    """Return the mean and the standard deviation with which images should be normalised.

    Parameters
    ----------
    network
        Is switched to evaluation mode.
    images
        Images as the loader yields them, (n, 3, height, width).

    Returns
    -------
    tuple or None
        By channel, for images in [0, 1]; None where nothing is known to be missing.
    """
    if images.ndim != 4 or images.shape[1] != 3:
        return None
    if not any(int(norm.num_batches_tracked or 0) for norm in _with_statistics(network)):
        return None
    if not images.is_floating_point() or float(images.min()) < 0 or float(images.max()) > 1:
        return None
    network.eval()
    mean, std = _configured(network) or IMAGENET
    normal = (images - _column(mean).to(images)) / _column(std).to(images)
    now, then = _log_variance_ratio(network, images), _log_variance_ratio(network, normal)
    if now is None or then is None or now > math.log(FAINT) or abs(then) > NEARER * abs(now):
        return None
    return mean, std


def _with_statistics(network: nn.Module) -> list[_BatchNorm]:
    return [m for m in network.modules() if isinstance(m, _BatchNorm) and m.running_var is not None]


def _configured(network: Any) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return mean and standard deviation from a model's configuration, as timm stores them."""
    config = getattr(network, "pretrained_cfg", None)
    if not isinstance(config, dict) or len(config.get("mean", ())) != 3:
        return None
    return tuple(config["mean"]), tuple(config["std"])


def _column(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values).reshape(1, -1, 1, 1)


def _log_variance_ratio(network: nn.Module, images: Tensor) -> float | None:
    """Return log(variance / running variance) at the first batch normalisation, the median.

    None where there is none with statistics.
    """
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

    hooks = [norm.register_forward_pre_hook(look) for norm in _with_statistics(network)]
    try:
        with torch.no_grad(), eagerly():
            network(images)
    except _Reached:
        return found[0] if found else None
    finally:
        for hook in hooks:
            hook.remove()
    return None
