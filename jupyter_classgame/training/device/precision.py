"""The number format of a run's forward pass: chosen, or told; weights stay as they are."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import torch
from torch import nn

from jupyter_classgame.config import PRECISIONS
from jupyter_classgame.errors import OptionError


@dataclass(frozen=True)
class Precision:
    """How a forward pass computes.

    Attributes
    ----------
    name
        "no" (float32, or whatever the model is), "bf16" or "fp16".
    chosen
        It was chosen for the hardware, not asked for: a model that cannot be run so falls back.
    """

    device: str
    name: Literal["no", "bf16", "fp16"] = "no"
    chosen: bool = False

    def full(self) -> "Precision":
        """Give the precision that leaves everything as the model is."""
        return replace(self, name="no")

    def autocast(self) -> AbstractContextManager[Any]:
        """Give the context of a forward pass and its loss.

        Mixed precision as in Micikevicius et al. 2018, arXiv:1710.03740.
        """
        if self.name == "no":
            return nullcontext()
        dtype = torch.bfloat16 if self.name == "bf16" else torch.float16
        return torch.autocast(self.device, dtype)

    def scaler(self) -> torch.amp.GradScaler | None:
        """Give what scales the loss, so that small gradients survive in fp16."""
        return torch.amp.GradScaler(self.device) if self.name == "fp16" else None


def choose_precision(name: str, device: torch.device, model: nn.Module) -> Precision:
    """Choose how a run computes.

    Parameters
    ----------
    name
        "auto" takes bf16 where the hardware gains by it (CUDA with bf16; a CPU with AMX or
        AVX512-BF16), fp16 on older GPUs, and else leaves everything as it is.

    Raises
    ------
    TrainingError
        There is no such precision on this device.
    """
    if name not in PRECISIONS:
        raise OptionError("precision", f"--precision {name}: write one of {', '.join(PRECISIONS)}")
    kind = device.type
    if name == "auto":
        full = all(p.dtype == torch.float32 for p in model.parameters() if p.is_floating_point())
        return Precision(kind, _best(kind) if full else "no", chosen=True)
    if name == "fp16" and kind == "cpu":
        raise OptionError(
            "precision", "--precision fp16: a CPU gains nothing by it; write bf16 or no"
        )
    if name != "no" and kind == "mps" and name == "bf16" and not _metal_has_bf16():
        raise OptionError("precision", "--precision bf16: this device cannot; write fp16 or no")
    return Precision(kind, cast("Any", name))


def _best(kind: str) -> Literal["no", "bf16", "fp16"]:
    if kind == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    if kind == "cpu":
        # read off the processor rather than timed: one seed gives one run, on every day
        able = torch.cpu.get_capabilities()
        return "bf16" if able.get("amx_bf16") or able.get("avx512_bf16") else "no"
    return "no"


def _metal_has_bf16() -> bool:
    try:
        torch.zeros(1, dtype=torch.bfloat16, device="mps")
    except (RuntimeError, TypeError):
        return False
    return True
