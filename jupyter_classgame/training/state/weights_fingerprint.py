"""The fingerprint of a model's weights: how the ledger knows them again."""

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from jupyter_classgame.training.module_names import COMPILED, by_plain_names, is_compiled


def unwrapped(model: Any) -> Any:
    """Give the module inside ``torch.compile`` and data-parallel wrappers."""
    while True:
        if is_compiled(model):
            model = getattr(model, COMPILED)
        elif isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            model = model.module
        else:
            return model


def fingerprint(model: nn.Module) -> str:
    """Digest a model's parameters and buffers: names, shapes, types and values.

    Returns
    -------
    str
        64 hexadecimal digits; the same on every device, compiled or data-parallel or not.
    """
    inside = unwrapped(model)
    return fingerprint_of(by_plain_names(inside, inside.state_dict()))


def fingerprint_of(state: Mapping[str, Any]) -> str:
    """Digest a model's ``state_dict`` by plain names; see :func:`fingerprint`."""
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        digest.update(name.encode())
        if isinstance(tensor, torch.Tensor):
            # a copy: memory that NumPy has seen cannot be resized, as observers do with buffers
            values = tensor.detach().to("cpu", copy=True)
            if values.layout is not torch.strided:
                values = values.to_dense()
            if values.is_quantized:
                values = values.int_repr()
            digest.update(f"{values.dtype}{tuple(values.shape)}".encode())
            digest.update(values.contiguous().flatten().view(torch.uint8).numpy().data)
        else:
            digest.update(repr(tensor).encode())
    return digest.hexdigest()
