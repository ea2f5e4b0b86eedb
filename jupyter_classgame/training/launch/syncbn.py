"""Batch norm over the whole batch, though each process has a share of it."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.modules.batchnorm import _BatchNorm


class BatchNormOfAll(nn.SyncBatchNorm):
    """Batch norm by the mean and variance over all processes (Ioffe and Szegedy 2015).

    On a GPU it is torch's own ``SyncBatchNorm``, which no CPU has.
    """

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """Normalise (N, C, ...)."""
        use = self.training or self.running_mean is None
        if input.device.type != "cpu" or not use or not dist.is_initialized():
            if input.device.type == "cpu":
                return nn.functional.batch_norm(
                    input, self.running_mean, self.running_var, self.weight, self.bias,
                    training=use, eps=self.eps,
                )  # fmt: skip
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
        return scaled * self.weight.view(shape) + self.bias.view(shape)

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


def synchronised(model: nn.Module) -> nn.Module:
    """Let a model's batch norms, in place, normalise over all processes.

    Parameters, buffers and their names stay; only a model that is itself a batch norm is another
    object afterwards.
    """
    for name, child in model.named_children():
        setattr(model, name, synchronised(child))
    return _of_all(model) if isinstance(model, _BatchNorm) else model


def _of_all(norm: Any) -> nn.Module:
    if isinstance(norm, nn.SyncBatchNorm):
        return norm
    made = BatchNormOfAll(
        norm.num_features, norm.eps, norm.momentum, norm.affine, norm.track_running_stats
    )
    made._parameters, made._buffers = norm._parameters, norm._buffers  # noqa: SLF001
    made.training = norm.training
    return made
