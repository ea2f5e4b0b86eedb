"""What ``--devices`` asks for: one device of this machine, or several."""

import re
from dataclasses import dataclass
from typing import Any

import torch

from jupyter_classgame import processors
from jupyter_classgame.errors import OptionError
from jupyter_classgame.training.device.placement import choose_device

WRITE = "write auto, a number, cpu, cpu:2, cuda:0 or cuda:0,2"


@dataclass(frozen=True)
class Devices:
    """The devices of a run.

    Attributes
    ----------
    kind
        "cpu", "cuda" or another accelerator's.
    numbers
        Of each: the devices' own, or those of the processes on a CPU.
    note
        Why they were chosen, in one line; empty where they were named.
    """

    kind: str
    numbers: tuple[int, ...]
    note: str = ""

    @property
    def count(self) -> int:
        """How many processes the run has."""
        return len(self.numbers)

    @property
    def first(self) -> torch.device:
        """The device of the first process."""
        return torch.device("cpu" if self.kind == "cpu" else f"{self.kind}:{self.numbers[0]}")

    @property
    def names(self) -> list[str]:
        """How each is called in a message."""
        if self.kind == "cpu":
            return ["cpu"] * self.count
        return [f"{self.kind}:{number}" for number in self.numbers]

    @property
    def threads(self) -> int:
        """Threads of each process."""
        return max(1, processors.usable() // self.count)

    def __str__(self) -> str:
        if self.count == 1:
            return str(self.first)
        if self.kind == "cpu":
            return f"cpu:{self.count}"
        return f"{self.kind}:{','.join(map(str, self.numbers))}"


def choose_devices(asked: Any = None) -> Devices:
    """Choose the devices of a run.

    Parameters
    ----------
    asked
        "auto" takes all CUDA devices where there are several, and else the one accelerator, or
        the CPU; None the same, without a word where it is one. A number takes as many
        accelerators, or as many processes on the CPU where there is none. "cpu:N" takes N
        processes, "cuda:0,2" those devices, and "cpu", "cuda:1", "mps" one.

    Raises
    ------
    TrainingError
        There are no such devices here.
    """
    text = "" if asked is None else str(asked).strip().replace(" ", "")
    if text in ("", "auto"):
        return _chosen(told=text == "auto")
    if re.fullmatch(r"\d+", text):
        return _so_many(int(text))
    if match := re.fullmatch(r"cpu:(\d+)", text):
        return _processes(int(match[1]), text)
    if match := re.fullmatch(r"cuda:(\d+(?:,\d+)+)", text):
        return _listed([int(number) for number in match[1].split(",")], text)
    return _one(choose_device(text))


def _one(device: torch.device, note: str = "") -> Devices:
    return Devices(device.type, (device.index or 0,), note)


def _chosen(*, told: bool) -> Devices:
    count = _accelerators("cuda")
    if count > 1:
        note = f"--devices auto: all {count} CUDA devices are used; --devices cuda:0 takes one"
        return Devices("cuda", tuple(range(count)), note)
    device = choose_device("auto")
    if not told:
        return _one(device)
    why = "this machine has no accelerator" if device.type == "cpu" else "the one accelerator here"
    also = "; --devices cpu:2 takes two processes" if device.type == "cpu" else ""
    return _one(device, f"--devices auto: {device} is used, {why}{also}")


def _so_many(count: int) -> Devices:
    if not torch.accelerator.is_available():
        return _processes(count, str(count))
    kind = str(torch.accelerator.current_accelerator())
    there = _accelerators(kind)
    if count == 1:
        return _one(choose_device("auto"))
    if count < 1 or count > there or kind != "cuda":
        what = f"{there} {kind} device{'s' if there > 1 else ''}"
        raise OptionError(
            "devices",
            f"--devices {count}: this machine has {what}; write a number from 1 to {there}, or "
            f"cpu:{max(count, 1)}",
        )
    return Devices(kind, tuple(range(count)))


def _processes(count: int, text: str) -> Devices:
    if count < 1:
        raise OptionError("devices", f"--devices {text}: at least 1 process is needed; {WRITE}")
    most = max(64, processors.usable())
    if count > most:
        raise OptionError(
            "devices", f"--devices {text}: at most {most} processes run here; {WRITE}"
        )
    cores = processors.usable()
    note = f"{count} processes share {cores} cores" if count > cores else ""
    return Devices("cpu", tuple(range(count)), note)


def _listed(numbers: list[int], text: str) -> Devices:
    there = _accelerators("cuda")
    if len(set(numbers)) < len(numbers):
        raise OptionError("devices", f"--devices {text}: a device is named twice; name each once")
    if absent := [number for number in numbers if number >= there]:
        has = f"its CUDA devices are 0 to {there - 1}" if there else "it has no CUDA device"
        raise OptionError(
            "devices", f"--devices {text}: there is no cuda:{absent[0]} in this machine, {has}"
        )
    return Devices("cuda", tuple(numbers))


def _accelerators(kind: str) -> int:
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    return torch.accelerator.device_count()
