"""One side's process: ``python -m peers.side WHO FOLDER BORN`` prints its results as JSON."""

import importlib
import json
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from peers.clock import Clock, Task, device, score

MARK = "MEASURED "


@dataclass(frozen=True)
class Side:
    """A side: its title, module, function, kind and distribution."""

    title: str
    module: str
    function: str = "train"
    kind: str = "peer"
    distribution: str = "torch"


SIDES = {
    "train": Side("%train", "with_train", "train_auto", "ours", "jupyter-classgame"),
    "train-no": Side(
        "%train --precision no", "with_train", "train_no", "ours", "jupyter-classgame"
    ),
    "hand": Side("hand-written loop", "by_hand"),
    "lightning": Side("Lightning", "with_lightning", distribution="lightning"),
    "lightning-bf16": Side(
        "Lightning, bf16-mixed", "with_lightning", "train_bf16", "switched", "lightning"
    ),
    "fastai": Side("fastai", "with_fastai", distribution="fastai"),
    "skorch": Side("skorch", "with_skorch", distribution="skorch"),
    "keras": Side("Keras on torch", "with_keras", distribution="keras"),
    "limit-bf16": Side("limit, bf16", "limit", "train_bf16", "limit"),
    "limit-fp32": Side("limit, fp32", "limit", "train_fp32", "limit"),
}
"""All sides; "switched" is a peer with an option that is not its default."""


def installed(name: str) -> str | None:
    """Return a distribution's version, or None if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def measure(side: Side, task: Task) -> dict[str, Any]:
    """Train, and return times, losses and scores."""
    function = getattr(importlib.import_module(f"peers.sides.{side.module}"), side.function)
    if side.kind == "ours":
        return function(task)
    clock = Clock(task.born)
    model, losses = function(task, clock)
    return clock.times() | {
        "losses": losses,
        "before": score(task.work.model(task.seed).to(device()), task),
        "after": score(model, task),
        "notes": [model.layout] if hasattr(model, "layout") else [],
    }


def main() -> None:
    """Measure one side."""
    who, folder, born = sys.argv[1:]
    task = Task.read(Path(folder), float(born))
    result = measure(SIDES[who], task)
    result |= {"who": who, "threads": torch.get_num_threads(), "device": device()}
    print(MARK + json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
