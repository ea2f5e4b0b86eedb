"""An Accelerate configuration file, read for what a run can use of it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from jupyter_classgame.config import PRECISIONS
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.run.run_request import RunRequest

NAMED = tuple(name for name in PRECISIONS if name != "auto")

DDP = {
    "find_unused_parameters": bool,
    "broadcast_buffers": bool,
    "bucket_cap_mb": int,
    "gradient_as_bucket_view": bool,
    "static_graph": bool,
}
"""DistributedDataParallel's settings that may be set, below ``ddp_config`` or ``ddp``."""

OTHERS_TYPES = ("FSDP", "DEEPSPEED", "MEGATRON_LM", "XLA", "TPU")
OTHERS_WAYS = ("fsdp_config", "deepspeed_config", "megatron_lm_config", "tpu_config")


@dataclass(frozen=True)
class AccelerateConfig:
    """What a run takes of a file that ``accelerate config`` writes.

    Attributes
    ----------
    mixed_precision
        "no", "bf16" or "fp16"; None where the file does not say.
    accumulate
        Batches whose gradients make one step; None where the file does not say.
    ddp
        Settings of DistributedDataParallel.
    """

    mixed_precision: str | None = None
    accumulate: int | None = None
    ddp: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str | None) -> "AccelerateConfig":
        """Read a file; None gives what says nothing.

        Raises
        ------
        TrainingError
            It is not there, is no such file, or asks for what a run cannot do.
        """
        if path is None:
            return cls()
        option = f"--accelerate-config {path}"
        try:
            content = yaml.safe_load(Path(path).expanduser().read_text(encoding="utf-8"))
        except OSError as error:
            raise TrainingError(f"{option}: it cannot be read ({error.strerror})") from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            line = " ".join(str(error).split())
            raise TrainingError(f"{option}: it is no YAML: {line}") from error
        if not isinstance(content, dict):
            raise TrainingError(
                f"{option}: settings by name are needed, as accelerate config writes"
            )
        if (kind := str(content.get("distributed_type"))) in OTHERS_TYPES:
            raise TrainingError(
                f"{option}: distributed_type {kind} is not supported; a run uses "
                "DistributedDataParallel"
            )
        for way in OTHERS_WAYS:
            if content.get(way):
                raise TrainingError(
                    f"{option}: {way} is not supported; a run uses DistributedDataParallel"
                )
        precision = content.get("mixed_precision")
        precision = "no" if precision is False else precision  # YAML reads a bare no as False
        if precision is not None and precision not in NAMED:
            raise TrainingError(
                f"{option}: mixed_precision {precision}: write one of {', '.join(NAMED)}"
            )
        accumulate = content.get("gradient_accumulation_steps")
        if accumulate is not None and (type(accumulate) is not int or accumulate < 1):
            raise TrainingError(
                f"{option}: gradient_accumulation_steps {accumulate}: a whole number, at least 1, "
                "is needed"
            )
        return cls(precision, accumulate, _ddp(content, option))

    def applied_to(self, request: RunRequest) -> RunRequest:
        """Give a request that follows the file where its own options leave it open."""
        changes: dict[str, Any] = {}
        if self.mixed_precision is not None and request.precision == "auto":
            changes["precision"] = self.mixed_precision
        if self.accumulate is not None and request.accumulate == 1:
            changes["accumulate"] = self.accumulate
        return replace(request, **changes) if changes else request


def _ddp(content: dict[str, Any], option: str) -> dict[str, Any]:
    given = content.get("ddp_config") or content.get("ddp") or {}
    if not isinstance(given, dict):
        raise TrainingError(f"{option}: ddp_config: settings by name are needed")
    for name, value in given.items():
        if name not in DDP:
            raise TrainingError(f"{option}: ddp_config has {name}; write one of {', '.join(DDP)}")
        if type(value) is not DDP[name]:
            kind = "true or false" if DDP[name] is bool else "a whole number"
            raise TrainingError(f"{option}: {name} {value}: {kind} is needed")
    return dict(given)
