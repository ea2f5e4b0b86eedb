"""Description of the machine of a measurement."""

import os
import platform
from pathlib import Path
from typing import Any

import torch

from peers.side import SIDES, installed

FLAGS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16")


def machine() -> dict[str, Any]:
    """Describe processor, cores, device and load."""
    described: dict[str, str] = {}
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        described = {
            name.strip(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
    flags = described.get("flags", described.get("Features", "")).split()
    name = described.get("model name", "")
    return {
        "processor": name if name not in ("", "unknown") else platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in flags],
        "gpu": torch.cuda.get_device_name(0) if torch.cuda.is_available() else None,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def versions() -> dict[str, str]:
    """Return the versions of all packages involved."""
    names = {side.distribution for side in SIDES.values()} | {"torch", "torchvision", "accelerate"}
    return {name: found for name in sorted(names) if (found := installed(name))}


def in_words(facts: dict[str, Any]) -> str:
    """Describe a machine in one line."""
    flags = f" with {', '.join(facts['flags'])}" if facts["flags"] else ""
    gpu = f", {facts['gpu']}" if facts["gpu"] else ""
    load = "" if facts["load"] is None else f"; load average at the start {facts['load']:.2f}"
    return (
        f"{facts['processor']}, {facts['cores']} cores{flags}{gpu}, {facts['system']}, "
        f"Python {facts['python']}{load}"
    )
