"""How much a batch counts beside others: what its criterion divides the sum of losses by."""

from typing import Any

import torch
from torch import Tensor, nn


def denominator(criterion: Any, targets: Any) -> Tensor | None:
    """Give what a criterion divides its sum over a batch by; None where it counts the images."""
    known = isinstance(criterion, (nn.CrossEntropyLoss, nn.NLLLoss))
    if not known or targets.is_floating_point():
        return None
    ignored = criterion.ignore_index
    if criterion.weight is None and ignored < 0:
        return None
    counted = targets[targets != ignored]
    if criterion.weight is None:
        return torch.tensor(float(len(counted)), device=targets.device)
    total: Tensor = criterion.weight[counted].sum()
    return total


def batch_weight(criterion: Any, targets: Any) -> float:
    """Give what a batch counts for in a mean over several: its images, or their weights."""
    divisor = denominator(criterion, targets)
    return float(len(targets)) if divisor is None else float(divisor)
