"""Batch norm over the whole batch, though each process has a share of it."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class _Sum(torch.autograd.Function):
    """The sum of a tensor over all processes; its gradient is the sum of theirs."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        """Add up."""
        del ctx
        return _added(values)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Tensor:
        """Add up the gradients."""
        del ctx
        return _added(gradients[0])


class BatchNormOfAll(_BatchNorm):
    """Batch norm by the mean and variance over all processes (Ioffe and Szegedy 2015).

    It is for CPUs, which torch's own ``SyncBatchNorm`` does not take. Sums are taken in float32 at
    least, the variance from what is left when the mean is gone, so that no digits are lost.
    """

    def _check_input_dim(self, input: Tensor) -> None:  # noqa: A002 - torch's name
        del input

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """Normalise (N, C, ...)."""
        if not self.training and self.running_mean is not None:
            return super().forward(input)
        over, shape = [0, *range(2, input.ndim)], [1, -1, *[1] * (input.ndim - 2)]
        values = input.to(torch.promote_types(input.dtype, torch.float32))
        own = values.new_tensor([input.numel() / input.shape[1]])
        sums = _sum(torch.cat([values.sum(over), own]))
        count = sums[-1].detach()
        mean = sums[:-1] / count
        centred = values - mean.view(shape)
        variance = _sum(centred.square().sum(over)) / count
        self._follow(mean.detach(), variance.detach(), float(count))
        scaled = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.weight is not None:
            scaled = scaled * self.weight.view(shape) + self.bias.view(shape)
        return scaled.to(input.dtype)

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


def _sum(values: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(values)
    return total


def _added(values: Tensor) -> Tensor:
    total = values.contiguous().clone()
    dist.all_reduce(total)
    return total


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
