"""The fingerprint of a model's weights: how the ledger knows them again."""

import hashlib

import torch
from torch import nn


def fingerprint(model: nn.Module) -> str:
    """Digest a model's parameters and buffers: names, shapes, types and values.

    Returns
    -------
    str
        64 hexadecimal digits; the same on every device.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        if isinstance(tensor, torch.Tensor):
            values = tensor.detach().cpu().contiguous()
            digest.update(f"{values.dtype}{tuple(values.shape)}".encode())
            digest.update(values.flatten().view(torch.uint8).numpy().tobytes())
        else:
            digest.update(repr(tensor).encode())
    return digest.hexdigest()
