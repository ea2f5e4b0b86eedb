"""Data-parallel training in two processes of one machine, launched from a notebook kernel.

Every side has a fresh kernel: ``%train`` in one process with all threads, ``%train`` in two with
half of them each, Accelerate's ``notebook_launcher`` and Lightning's notebook strategy in two. All
train Model 3 from the same weights on the same images with the same global batch. Prints the
seconds from the call to the first step for the first and the second launch, steps/s, the memory of
a worker, whether the weights in the notebook changed, and the error message of a side that fails.

    python benchmarks/devices.py [--images 1000] [--epochs 2] [--rounds 3] [--processes 2]

The peers come with the extra ``bench``.
"""

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from load import kernel
from peers.images import command_line, prepare
from peers.machine import in_words, machine
from peers.side import installed
from peers.sides.with_train import run
from peers.works import WORKS

WORK = WORKS["model3"]

LIMIT = 120.0
"""Timeout of a cell in seconds; a launch takes about ten."""

SET_UP = """\
import json, os, statistics, time
from pathlib import Path
import psutil, torch
from torch import nn
from peers.clock import Task
from peers.works import augmentation

task = Task.read(Path(TASK), 0)
model = task.work.model(task.seed)
optimizer = task.work.optimizer_for(model)
criterion = nn.CrossEntropyLoss()
weights = [parameter.detach().clone() for parameter in model.parameters()]

def changed():
    pairs = zip(model.parameters(), weights)
    return bool(any(not torch.equal(a.detach(), b) for a, b in pairs))

def workers():
    '''Proportional set size in MiB of every process that has torch, below this kernel.'''
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            maps = child.memory_maps()
            if any("libtorch" in each.path for each in maps):
                found.append(child.memory_full_info().pss / 2**20)
        except psutil.Error:
            continue  # it has ended in the meantime
    return found"""

OURS = """\
%load_ext jupyter_classgame
%classgame new FOLDER --team bench --practice --image-size SIZE
train_loader = game.loader(
    "train", batch_size=task.work.batch, fraction=1.0, transform=augmentation()
)
scheduler, marks, memory = None, [], []

def watch(event):
    if type(event).__name__ == "EpochEnded":
        marks.append(time.time())
        memory[:] = workers()

game.events.subscribe(watch)
same = id(model), id(optimizer), [id(p) for p in model.parameters()]"""

OURS_LAUNCH = """\
marks.clear()
asked = time.time()
%train --epochs EPOCHS --val none --seed 0 --precision no --devices DEVICES
launch = marks[0] - history.seconds[0] - asked
print(json.dumps({
    "launch": launch, "seconds": history.seconds, "batches": len(train_loader), "memory": memory,
    "weights": "trained in place" if changed()
        and same == (id(model), id(optimizer), [id(p) for p in model.parameters()])
        and bool(optimizer.state) else "not trained",
}))"""

ACCELERATE = """\
from accelerate import Accelerator, notebook_launcher
from torch.utils.data import DataLoader
from peers.images import InMemory

def loop(told):
    accelerator = Accelerator(split_batches=True)
    images = InMemory(*task.images("train"), augmentation())
    loader = DataLoader(images, batch_size=task.work.batch, shuffle=True)
    net, opt, loader = accelerator.prepare(model, optimizer, loader)
    times, first = [], None
    for epoch in range(EPOCHS):
        net.train()
        start = time.time()
        first = first or start
        for pictures, labels in loader:
            opt.zero_grad()
            loss = criterion(net(pictures), labels)
            accelerator.backward(loss)
            opt.step()
        times.append(time.time() - start)
    if accelerator.is_main_process:
        Path(told).write_text(json.dumps({
            "first": first, "seconds": times, "batches": len(loader),
            "memory": [psutil.Process().memory_full_info().pss / 2**20],
            "ranks": accelerator.num_processes,
        }))"""

ACCELERATE_LAUNCH = """\
import tempfile
told = tempfile.mktemp()
asked = time.time()
notebook_launcher(loop, (told,), num_processes=PROCESSES, use_port="0")
said = json.loads(Path(told).read_text())
said["launch"] = said.pop("first") - asked
said["weights"] = (
    f"ranks in a group: {said.pop('ranks')}; in the notebook "
    + ("trained" if changed() else "as before")
)
print(json.dumps(said))"""

LIGHTNING = """\
import logging, warnings
import lightning
from torch.utils.data import DataLoader
from peers.images import InMemory
from peers.sides.with_lightning import Classifier
logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
warnings.filterwarnings("ignore")

class Timed(lightning.Callback):
    def __init__(self, told):
        self.told, self.begun, self.seconds = told, [], []

    def on_train_epoch_start(self, *_):
        self.begun.append(time.time())

    def on_train_epoch_end(self, trainer, _module):
        self.seconds.append(time.time() - self.begun[-1])
        if trainer.is_global_zero:
            Path(self.told).write_text(json.dumps({
                "first": self.begun[0], "seconds": self.seconds,
                "batches": trainer.num_training_batches,
                "memory": [psutil.Process().memory_full_info().pss / 2**20],
            }))

classifier = Classifier(task)
classifier.model = model"""

LIGHTNING_LAUNCH = """\
import tempfile
told = tempfile.mktemp()
asked = time.time()
trainer = lightning.Trainer(
    max_epochs=EPOCHS, accelerator="cpu", devices=PROCESSES, strategy="ddp_notebook", logger=False,
    enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    callbacks=[Timed(told)],
)
loader = DataLoader(
    InMemory(*task.images("train"), augmentation()), batch_size=task.work.batch // PROCESSES,
    shuffle=True,
)
trainer.fit(classifier, loader)
said = json.loads(Path(told).read_text())
said["launch"] = said.pop("first") - asked
said["weights"] = "in the notebook " + ("trained" if changed() else "as before") + (
    ", the optimizer's state not" if not optimizer.state else "")
print(json.dumps(said))"""

SIDES = {
    "%train, 1 process": ((SET_UP, OURS), OURS_LAUNCH, "cpu", "jupyter-classgame"),
    "%train, N processes": ((SET_UP, OURS), OURS_LAUNCH, "cpu:PROCESSES", "jupyter-classgame"),
    "notebook_launcher": ((SET_UP, ACCELERATE), ACCELERATE_LAUNCH, "", "accelerate"),
    "Lightning ddp_notebook": ((SET_UP, LIGHTNING), LIGHTNING_LAUNCH, "", "lightning"),
}


def measure(side: str, words: dict[str, str]) -> list[dict[str, Any]]:
    """Launch twice in one kernel, and return the results of both.

    Raises
    ------
    RuntimeError
        A cell failed, or took longer than :data:`LIMIT`.
    """
    cells, launch, devices, _ = SIDES[side]
    words = words | {"DEVICES": devices.replace("PROCESSES", words["PROCESSES"])}
    with tempfile.TemporaryDirectory() as home:
        os.environ["JUPYTER_DATA_DIR"] = home
        with kernel() as client, nothing_left():
            for cell in cells:
                run(client, filled(cell, words), LIMIT)
            launches = [run(client, filled(launch, words), LIMIT) for _ in range(2)]
    return [json.loads(said.splitlines()[-1]) for said in launches]


@contextmanager
def nothing_left() -> Iterator[None]:
    """End the kernel's child processes on exit."""
    here = psutil.Process()
    try:
        yield
    finally:
        for process in here.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def filled(cell: str, words: dict[str, str]) -> str:
    """Fill the values into the template of a cell."""
    for name, value in words.items():
        cell = cell.replace(name, value)
    return cell


def row(side: str, rounds: list[list[dict[str, Any]]]) -> str:
    """Return a row of the table."""
    first, second = (
        statistics.median(launches[n]["launch"] for launches in rounds) for n in (0, 1)
    )
    memory = [size for launches in rounds for size in launches[1]["memory"]]
    shown = f"{statistics.median(memory):,.0f}" if memory else "-"
    return (
        f"{side:24} {first:9.2f} {second:9.2f} {steps(rounds):9.2f} {shown:>12}  "
        f"{rounds[0][1]['weights']}"
    )


def steps(rounds: list[list[dict[str, Any]]]) -> float:
    """Return steps/s, the median over the epochs of the second launches."""
    return statistics.median(
        launches[1]["batches"] / seconds
        for launches in rounds
        for seconds in launches[1]["seconds"]
    )


def main() -> int:
    """Run the benchmark and print the results."""
    parser = command_line(__doc__)
    parser.add_argument("--images", type=int, default=1000, help="training images (1000)")
    parser.add_argument("--epochs", type=int, default=2, help="of a launch (2)")
    parser.add_argument("--rounds", type=int, default=3, help="kernels for each side (3)")
    parser.add_argument("--processes", type=int, default=2, help="how many (2)")
    given = parser.parse_args()
    print(in_words(machine()), flush=True)
    rounds: dict[str, list[list[dict[str, Any]]]] = {}
    failed: dict[str, str] = {}
    here = Path(__file__).parent
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [str(here), *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    with tempfile.TemporaryDirectory(prefix="devices-") as place:
        folder = Path(place)
        said = prepare(folder, WORK.size, given.images, given.data)
        task = {"work": "model3", "epochs": given.epochs, "seed": 0, "workers": 0}
        (folder / "task.json").write_text(json.dumps(task))
        words = {
            "FOLDER": f'"{folder / "images"}"',
            "TASK": repr(str(folder)),
            "SIZE": str(WORK.size),
            "EPOCHS": str(given.epochs),
            "PROCESSES": str(given.processes),
        }
        print(f"{WORK.title}, {said}, global batch {WORK.batch}", flush=True)
        for number in range(given.rounds):
            order = list(SIDES) if number % 2 == 0 else list(reversed(SIDES))
            for side in order:
                if side in failed:
                    continue
                if not installed(SIDES[side][3]):
                    failed[side] = f"{SIDES[side][3]} is missing; pip install '.[bench]'"
                    continue
                try:
                    rounds.setdefault(side, []).append(measure(side, words))
                except RuntimeError as error:
                    failed[side] = str(error)
    print(
        f"{'side':24} {'launch 1':>9} {'launch 2':>9} {'steps/s':>9} {'MiB a worker':>12}  weights"
    )
    for side in SIDES:
        if side in rounds and side not in failed:
            print(row(side, rounds[side]))
        else:
            print(f"{side:24} did not run: {failed.get(side, '')[-600:]}")
    one, many = list(SIDES)[:2]
    if one in rounds and many in rounds:
        ratio = steps(rounds[many]) / steps(rounds[one])
        print(
            f"steps/s of {given.processes} processes to 1: {ratio:.2f}, launches in seconds, "
            f"n = {given.rounds} kernels, medians"
        )
    return 1 if any(side in failed for side in (one, many)) else 0


if __name__ == "__main__":
    sys.exit(main())
