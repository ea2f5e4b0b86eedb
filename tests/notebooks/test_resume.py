"""Kernels that are killed while they train, and kernels that go on with the run."""

import sqlite3

import pytest

START = "%load_ext jupyter_classgame\n%classgame new insects --team {team} --image-size 16 --seed 0"

CELLS = """
import time
import torch
from torch import nn

def slowly(image):  # so that a run tells of its progress in the middle of an epoch
    time.sleep(PAUSE)
    return image

torch.manual_seed(0)
train_loader = game.loader("train", batch_size=4, transform=slowly)
val_loader = game.loader("val")
model = nn.Sequential(
    nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Flatten(), nn.Dropout(),
    nn.Linear(8 * 12 * 12, 3),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(
    optimizer, 0.05, epochs=9, steps_per_epoch=len(train_loader)
)

from jupyter_classgame.events import EpochEnded, Progress

ended, runs = 0, game.config.runs_folder()

def told(event):
    global ended
    if isinstance(event, EpochEnded):
        print("end of epoch", event.epoch, flush=True)
        ended += 1
    if isinstance(event, Progress) and ended >= EPOCHS and event.batch > 2:
        while not any(runs.rglob(f"epoch-{event.epoch - 1:06}.safetensors")):
            time.sleep(0.01)
        print("in epoch", event.epoch, flush=True)
        time.sleep(3600)  # until the kernel is killed

game.events.subscribe(told)
"""

SHOP = "%%shop\nbuy Drop shield, Speed boost, Rate rollercoaster"

TELL = """
from jupyter_classgame.training.state.weights_fingerprint import fingerprint
print(fingerprint(model), len(history), history.stopped_by, history.ranked, history.label)
"""


def prepare(kernel, team, pause=0.0, epochs=9):
    """Bring a kernel up to the cell of the training; it is held in the epoch after so many."""
    kernel.run(START.format(team=team))
    kernel.run(SHOP)
    kernel.run(f"PAUSE, EPOCHS = {pause}, {epochs}\n{CELLS}")
    return kernel


@pytest.fixture
def play(start_kernel):
    """Starts a kernel up to the cell of the training."""
    return lambda *given, **options: prepare(start_kernel(), *given, **options)


@pytest.fixture(scope="module")
def told(shared_kernel):
    """What is told of a run that nothing has interrupted."""
    prepare(shared_kernel, "blue").run("%train --epochs 9")
    return shared_kernel.run(TELL).out


def check_ledger(folder):
    with sqlite3.connect(folder / "jupyter" / "classgame" / "ledger.sqlite") as ledger:
        assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []
    ledger.close()


def test_a_killed_run_goes_on_to_the_weights_of_an_uninterrupted_one(play, folder, told):
    kernel = play("red", pause=0.02, epochs=2)
    training = kernel.send("%train --epochs 9")
    kernel.wait_for(training, "stream", "in epoch 3")
    kernel.kill()
    check_ledger(folder)

    again = play("red")
    resumed = again.run("%train --resume")
    assert "end of epoch 2" not in resumed.out
    assert "end of epoch 3" in resumed.out
    assert again.run(TELL).out == told
    assert told.endswith(" 9 epochs True run 1: model")
    assert again.run("print(game.balance)").out == "70.0"
    refused = again.result(again.send("%train --resume"))
    assert refused.err.startswith("UsageError: --resume: no run of yours was cut off; the last one")
    again.run("score = %evaluate --final\nscore")  # the weights are a ranked run's
    check_ledger(folder)


def test_kills_lose_one_epoch_at_most(play, folder, told):
    """Four kernels in turn work on one run, three of them killed.

    What the first and the third are doing then varies: they may be writing the epoch down.
    """
    for number, instant in enumerate(("end of epoch 2", "in epoch", "end of epoch")):
        kernel = play("red", pause=0.02, epochs=1 if number else 2)
        training = kernel.send("%train --resume" if number else "%train --epochs 9")
        kernel.wait_for(training, "stream", instant)
        kernel.kill()
        check_ledger(folder)
    last = play("red")
    resumed = last.run("%train --resume").out
    assert 5 <= resumed.count("end of epoch") <= 8
    assert last.run(TELL).out.split()[:4] == told.split()[:4]
