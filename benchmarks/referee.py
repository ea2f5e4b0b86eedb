"""The referee on its corpus: hits, misses and false alarms by technique, and its time.

Run it with ``python benchmarks/referee.py [NAME ...]``.
"""

import importlib.util
import resource
import sys
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from torchvision.transforms import v2

from jupyter_classgame.referee import findings, observe, techniques_in_use

CORPUS = Path(__file__).parent.parent / "tests" / "referee" / "corpus"
BASELINE_LIMIT = 1.0
RESNET_LIMIT = 3.0


def corpus() -> Any:
    """Return the corpus package of the tests."""
    spec = importlib.util.spec_from_file_location("corpus_of_tests", CORPUS / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["corpus_of_tests"] = module
    spec.loader.exec_module(module)
    return module


def outcome(case: Any) -> tuple[list[str], list[str], float]:
    """Return the misses and false alarms of a case, and the seconds of its observation."""
    torch.manual_seed(0)
    parts = case.build()
    start = time.perf_counter()
    facts = observe(**parts)
    seconds = time.perf_counter() - start
    base = {"convolution": 2}
    found = {
        name: evidence.count - base.get(name, 0)
        for name, evidence in techniques_in_use(facts).items()
        if evidence.count > base.get(name, 0)
    }
    codes = {finding.code for finding in findings(facts)}
    missed = [n for n, count in case.expected.items() if found.get(n, 0) != count]
    missed += sorted(case.findings - codes)
    alarms = [n for n in found if n not in case.expected and n not in case.also]
    alarms += sorted(codes - case.findings - case.may_find)
    if case.unknown and not facts.unobserved:
        missed.append("unknown")
    if facts.model is not None and facts.model.unseen and not case.unknown:
        alarms.append(f"unseen: {facts.model.unseen}")
    if facts.unobserved and not case.unknown:
        reasons = {stage: why.reason for stage, why in facts.unobserved.items()}
        alarms.append(f"unobserved: {reasons}")
    return missed, alarms, seconds


def main(wanted: list[str]) -> None:
    """Run the benchmark and print the table."""
    warnings.simplefilter("ignore")
    package = corpus()
    caught, lost, false = Counter(), Counter(), Counter()
    total = clean = 0
    slowest = []
    for name in package.names():
        if wanted and name not in wanted:
            continue
        case = package.load(name)
        try:
            missed, alarms, seconds = outcome(case)
        except Exception as error:  # noqa: BLE001 - a case that cannot be built is a finding too
            missed, alarms, seconds = [f"does not build: {error}"], [], 0.0
        total += 1
        clean += case.clean
        slowest.append((seconds, name))
        for what in [*case.expected, *case.findings]:
            caught[what] += what not in missed
        lost.update(missed)
        false.update(str(alarm).split(":")[0] for alarm in alarms)
        if missed or alarms:
            print(
                f"  {name}: missed {missed or 'nothing'}, false alarms {alarms or 'none'}",
                flush=True,
            )
    print(f"{total} cases, {clean} of them clean")
    print(f"{'technique or finding':28} caught missed false alarms")
    for what in sorted(caught | lost | false):
        print(f"{what:28} {caught[what]:6} {lost[what]:6} {false[what]:12}")
    print(f"{'all':28} {caught.total():6} {lost.total():6} {false.total():12}")
    print(
        "slowest:", ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(slowest)[-5:])
    )
    if not wanted:
        timing()


def timing() -> None:
    """Print the time of a whole observation against its limit."""
    package = corpus()
    package.load("clean_baseline")
    net = sys.modules["referee_corpus.base"].Net
    flip = v2.Compose([v2.RandomHorizontalFlip(), v2.RandomRotation(15)])
    for label, model, size, limit, transform in (
        ("baseline, 64x64, clean", net(64), 64, BASELINE_LIMIT, None),
        ("baseline, 64x64, flip and rotation", net(64), 64, BASELINE_LIMIT, flip),
        (
            "ResNet-18, 96x96, clean",
            torchvision.models.resnet18(num_classes=10),
            96,
            RESNET_LIMIT,
            None,
        ),
        (
            "ResNet-18, 96x96, flip and rotation",
            torchvision.models.resnet18(num_classes=10),
            96,
            RESNET_LIMIT,
            flip,
        ),
    ):
        train = net_data(size, transform)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        seconds, work = [], []
        for _ in range(3):
            start, before = time.perf_counter(), cpu_seconds()
            observe(
                model, optimizer, criterion=nn.CrossEntropyLoss(), train_loader=train,
                val_loader=net_data(size, None), allowance=2000,
            )  # fmt: skip
            seconds.append(time.perf_counter() - start)
            work.append(cpu_seconds() - before)
        best = min(seconds)
        print(
            f"{label}: {best:.2f} s, {best / limit:.2f} of the limit of {limit:g} s; "
            f"{min(work):.2f} s of work, {min(work) / 2:.2f} s on two free cores"
        )


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and its children."""
    spent = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def net_data(size: int, transform: Any) -> DataLoader:
    """Return a loader of 1,000 random images."""
    base = sys.modules["referee_corpus.base"]
    images, labels = base.pictures(1000, size)
    if transform is None:
        return DataLoader(TensorDataset(images.float() / 255, labels), 64, shuffle=True)
    return DataLoader(base.Pictures(images, labels, transform), 64, shuffle=True)


if __name__ == "__main__":
    main(sys.argv[1:])
