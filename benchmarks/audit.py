"""What the audits of a ranked run cost: the same run with audits and without, by turns.

Trains on random pictures: the baseline at 64x64, ResNet-18 at 96x96 and a network of eight
convolutions with batch norm and dropout at 64x64. Prints the ratio of the seconds of training and
validation, which should be at most 1.02, and how many steps were audited. With ``--each`` it prints
instead what the audit of one step takes, in steps without one: every step of one side is audited.
``--cpu`` counts the seconds of the processor, for a machine on which other things run.

    python benchmarks/audit.py [--n 3] [--images 960] [--device cpu] [--each] [--cpu]
"""

import argparse
import statistics
import time

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from jupyter_classgame.referee import Facts
from jupyter_classgame.referee.audit.expectations import Expectations
from jupyter_classgame.referee.audit.run_audit import RunAudit
from jupyter_classgame.referee.facts import DataFacts, ImageFacts, ModelFacts
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl

CLASSES = 10


def baseline() -> nn.Module:
    """Make the first game's baseline."""
    return nn.Sequential(
        nn.Conv2d(3, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 16 * 16, 64), nn.ReLU(), nn.Linear(64, CLASSES),
    )  # fmt: skip


def resnet() -> nn.Module:
    """Make ResNet-18 (He et al. 2016, arXiv:1512.03385)."""
    model: nn.Module = torchvision.models.resnet18(num_classes=CLASSES)
    return model


def deep() -> nn.Module:
    """Make a network of eight convolutions."""
    layers: list[nn.Module] = []
    width = 3
    for out in (32, 64, 128, 256):
        for first in (width, out):
            layers += [nn.Conv2d(first, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
        width = out
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(256, CLASSES)
    return nn.Sequential(*layers, *head)


MODELS = {"baseline": (baseline, 64), "ResNet-18": (resnet, 96), "eight layers": (deep, 64)}


def data(size: int, count: int, seed: int) -> DataLoader:
    """Make a loader of random pictures."""
    generator = torch.Generator().manual_seed(seed)
    pictures = torch.rand(count, 3, size, size, generator=generator)
    return DataLoader(TensorDataset(pictures, torch.arange(count) % CLASSES), batch_size=32)


def seconds(
    name: str, count: int, device: str, *, audited: bool, every: bool = False, cpu: bool = False
) -> tuple[float, int]:
    """Train two epochs; give the seconds, and how many steps were audited."""
    clock = time.process_time if cpu else time.perf_counter
    make, size = MODELS[name]
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    loaders = data(size, count, 0), data(size, count // 5, 1)
    request = RunRequest(
        model, optimizer, loaders[0], nn.CrossEntropyLoss(), loaders[1], epochs=2, devices=device
    )
    run = launch_run(request, RunControl())
    told: list[object] = []
    if audited:
        facts = Facts(model=ModelFacts(), train=DataFacts(), images=ImageFacts(distinct=count))
        run.auditor = RunAudit(Expectations.of(facts), lambda _: [], told.append, every=every)
    start = clock()
    history = run.execute(lambda _: None)
    if told:
        raise RuntimeError(told)
    return clock() - start, history.audits


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=3)
    parser.add_argument("--images", type=int, default=960)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--cpu", action="store_true")
    given = parser.parse_args()
    for name in MODELS:
        seconds(name, 96, given.device, audited=True)
        ratios, audits = [], 0
        for _ in range(given.n):
            plain, _ = seconds(name, given.images, given.device, audited=False, cpu=given.cpu)
            with_audits, audits = seconds(
                name, given.images, given.device, audited=True, every=given.each, cpu=given.cpu
            )
            ratios.append(with_audits / plain - given.each)
        found = f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
        print(f"{name}: {found}, {audits} audits, {plain:.1f} s", flush=True)


if __name__ == "__main__":
    main()
