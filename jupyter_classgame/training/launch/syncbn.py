"""Batch norm over the whole batch, though each process has a share of it."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm


class BatchNormOfAll(_BatchNorm):
    """Batch norm by the mean and variance over all processes (Ioffe and Szegedy 2015).

    It is for CPUs, which torch's own ``SyncBatchNorm`` does not take.
    """

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 - torch's name
        del input

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """Normalise (N, C, ...)."""
        if not self.training and self.running_mean is not None:
            return super().forward(input)
        over = [0, *range(2, input.ndim)]
        count = input.numel() / input.shape[1]
        sums = torch.cat([input.sum(over), (input * input).sum(over), input.new_tensor([count])])
        total: Any = all_reduce(sums)  # type: ignore[no-untyped-call]
        mean, square = total[:-1].div(total[-1]).chunk(2)
        variance = (square - mean * mean).clamp_min(0)
        self._follow(mean.detach(), variance.detach(), float(total[-1].detach()))
        shape = [1, -1, *[1] * (input.ndim - 2)]
        scaled = (input - mean.view(shape)) * torch.rsqrt(variance + self.eps).view(shape)
        if self.weight is None:
            return scaled
        result: Tensor = scaled * self.weight.view(shape) + self.bias.view(shape)
        return result

    def _follow(self, mean: Tensor, variance: Tensor, count: float) -> None:
        """Move the running statistics, with the variance's unbiased estimate, as torch does."""
        if self.running_mean is None or self.running_var is None:
            return
        if self.num_batches_tracked is not None:
            self.num_batches_tracked += 1
        momentum = self.momentum
        step = 1.0 / float(self.num_batches_tracked or 1) if momentum is None else momentum
        with torch.no_grad():
            self.running_mean.lerp_(mean.to(self.running_mean.dtype), step)
            unbiased = variance * (count / max(count - 1, 1))
            self.running_var.lerp_(unbiased.to(self.running_var.dtype), step)


def synchronised(model: nn.Module, *, cpu: bool) -> nn.Module:
    """Let a model's batch norms, in place, normalise over all processes.

    Parameters, buffers and their names stay; only a model that is itself a batch norm is another
    object afterwards.
    """
    if not cpu:
        made: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(model)  # type: ignore[no-untyped-call]
        return made
    for name, child in model.named_children():
        setattr(model, name, synchronised(child, cpu=cpu))
    return _of_all(model) if isinstance(model, _BatchNorm) else model


def _of_all(norm: Any) -> nn.Module:
    made = BatchNormOfAll(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    made._parameters, made._buffers = norm._parameters, norm._buffers  # noqa: SLF001
    made.training = norm.training
    return made
