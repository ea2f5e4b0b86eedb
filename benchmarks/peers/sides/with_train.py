"""``%train`` in a real kernel, with its chart, over a folder of the same pixels.

Its seconds of training are the history's; the rest of an epoch is the difference to the clock on
the wall from the end of one to the end of the next, so nothing is left out.
"""

import json
import os
import tempfile
from typing import Any

from load import kernel

from peers.clock import Task

CELLS = (
    """\
import json, time
from pathlib import Path
%load_ext jupyter_classgame
%classgame new FOLDER --team bench --practice --image-size SIZE
from torch import nn
from peers.clock import Task, VALIDATION_BATCH, score
from peers.works import augmentation

task = Task.read(Path(TASK), 0)
train_loader = game.loader(
    "train", batch_size=task.work.batch, fraction=1.0, transform=augmentation()
)
val_loader = game.loader("val", batch_size=VALIDATION_BATCH)
model = task.work.model(task.seed)
optimizer = task.work.optimizer_for(model)
criterion = nn.CrossEntropyLoss()
scheduler = None
marks = []

def watch(event):
    if type(event).__name__ in ("RunStarted", "EpochEnded"):
        marks.append(time.time())

game.events.subscribe(watch)""",
    """\
%train --epochs EPOCHS OPTIONS
over = time.time()""",
    """\
print(json.dumps({
    "marks": marks, "over": over, "seconds": history.seconds, "losses": history.train_loss,
    "before": score(task.work.model(task.seed), task), "after": score(model, task),
    "said": history.val_acc[-1], "images": len(train_loader.dataset),
}))""",
)


def measure(task: Task, options: str) -> dict[str, Any]:
    """Train in a kernel, and return times, losses and scores."""
    words = {
        "FOLDER": f'"{task.folder / "images"}"',
        "TASK": repr(str(task.folder)),
        "SIZE": str(task.work.size),
        "EPOCHS": str(task.epochs),
        "OPTIONS": options,
    }
    with tempfile.TemporaryDirectory() as home:
        os.environ["JUPYTER_DATA_DIR"] = home
        with kernel() as client:
            for cell in CELLS:
                said = run(client, _filled(cell, words))
    told = json.loads(said.splitlines()[-1])
    assert told["images"] == len(task.images("train")[1]), told["images"]
    starts, ends = told["marks"][:-1], told["marks"][1:]
    whole = [end - start for start, end in zip(starts, ends, strict=True)]
    return {
        "startup": starts[0] - task.born,
        "train": told["seconds"],
        "rest": [all_ - part for all_, part in zip(whole, told["seconds"], strict=True)],
        "whole": told["over"] - task.born,
        "begun": starts,
        "losses": told["losses"],
        "before": told["before"],
        "after": told["after"],
        "notes": [f"its own last val_acc {told['said']:.4f}"],
    }


def run(client: Any, code: str, limit: float | None = None) -> str:
    """Run a cell and return its output; ``limit`` is the seconds it may take.

    Raises
    ------
    RuntimeError
        The cell failed, or has not ended in time.
    """
    printed: list[str] = []

    def collect(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    try:
        reply = client.execute_interactive(code, output_hook=collect, timeout=limit)
    except TimeoutError as error:
        raise RuntimeError(f"it hung: a cell did not end within {limit:g} s") from error
    said = "".join(printed).strip()
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"{reply['content']}\n{said}")
    return said


def _filled(cell: str, words: dict[str, str]) -> str:
    for name, value in words.items():
        cell = cell.replace(name, value)
    return cell


def train_auto(task: Task) -> dict[str, Any]:
    """Measure ``%train`` with its defaults."""
    return measure(task, "")


def train_no(task: Task) -> dict[str, Any]:
    """Measure ``%train --precision no``."""
    return measure(task, "--precision no")
