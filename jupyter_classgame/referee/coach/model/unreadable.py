"""A loader, the model or the optimizer raises an exception."""

from collections.abc import Callable
from functools import partial

import torch

from jupyter_classgame.referee.code_fixes import try_batch, try_pass, try_step
from jupyter_classgame.referee.evidence import Finding
from jupyter_classgame.referee.facts import SUBJECTS, Facts

CODE = "unreadable"
TRAIN, VAL, MODEL, STEP = "train_loader", "val_loader", "model", "step"
FATAL = {
    "train": TRAIN,
    "train effects": TRAIN,
    "val": VAL,
    "model": MODEL,
    "optimizer": STEP,
    "steps": STEP,
}
"""The stages that a run cannot do without, and the part of the run that each one tries."""

CELLS: dict[str, Callable[[Facts], str]] = {
    TRAIN: partial(try_batch, part=TRAIN),
    VAL: partial(try_batch, part=VAL),
    MODEL: try_pass,
    STEP: try_step,
}
"""The cell that tries each part alone."""


def check(facts: Facts) -> Finding | None:
    """Return the finding, or None."""
    if facts.train is not None and facts.train.one_shot:
        return None
    if any(data is not None and data.unusable for data in (facts.train, facts.val)):
        return None  # that is why
    for stage, unobserved in facts.unobserved.items():
        if stage in FATAL and unobserved.cause not in ("timeout", "crash"):
            part = FATAL[stage]
            cell = CELLS[part](facts)
            message = f"{SUBJECTS[stage]} cannot be run: {unobserved.reason}"
            return Finding(CODE, "error", message, f"try {cell} in a cell of its own{_settings()}")
    return None


def _settings() -> str:
    """Name settings of the whole process that may have changed after the model was built."""
    said = ""
    if (dtype := torch.get_default_dtype()) is not torch.float32:
        said += f"; torch's default dtype is {dtype} now: build the model again, or set it back"
    if (device := torch.get_default_device()).type != "cpu":
        said += (
            f"; torch's default device is {device}, which a loader that shuffles does not take: "
            "write torch.set_default_device(None), as %train finds the device itself"
        )
    return said
