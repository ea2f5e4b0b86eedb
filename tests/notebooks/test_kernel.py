"""What takes a real kernel: interrupts, sudden death, two kernels at once."""

import pytest
from notebooks.kernels import allow_many_epochs

START = "%load_ext jupyter_classgame\n%classgame new insects --team {team} --image-size 16 --seed 0"

BASELINE = """
import time
import torch
from torch import nn

def slowly(image):  # so that there is time to interrupt
    time.sleep(0.01)
    return image

train_loader = game.loader("train", batch_size=4, transform=slowly)
model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
"""

TELL = """
from jupyter_classgame.events import EpochEnded

game.events.subscribe(lambda e: isinstance(e, EpochEnded) and print("end of epoch", e.epoch))
"""

TOGETHER = """
import pathlib, time

def together(info):
    _, marked, round_ = info.raw_cell.rpartition("# round ")
    if marked:
        pathlib.Path(f"{round_}-{ME}").touch()
        end = time.monotonic() + 120
        while len(list(pathlib.Path().glob(f"{round_}-*"))) < 2 and time.monotonic() < end:
            pass

get_ipython().events.register("pre_run_cell", together)
"""


@pytest.fixture
def folder(folder):
    """There, runs last until they are stopped."""
    allow_many_epochs(folder)
    return folder


@pytest.fixture(scope="module")
def shared_folder(shared_folder):
    """There, too."""
    allow_many_epochs(shared_folder)
    return shared_folder


@pytest.fixture
def start(team):
    """A cell that starts the team's game."""
    return START.format(team=team)


@pytest.fixture
def kernel(shared_kernel, start):
    shared_kernel.run(start)
    return shared_kernel


def test_an_interrupt_keeps_what_was_trained_and_aborts_the_queue(kernel):
    kernel.run("globals().pop('after', None)")
    kernel.run(BASELINE + TELL)
    training = kernel.send("%train --epochs 100000")
    queued = [kernel.send("after = 1"), kernel.send("%train --epochs 1")]
    kernel.wait_for(training, "stream", "end of epoch 2")
    kernel.interrupt()

    ended = kernel.result(training)
    assert ended.status == "error"
    assert len(ended.errors) == 1
    (line,) = ended.errors[0]["traceback"]
    assert line.startswith("Interrupted: stopped in epoch ")
    assert "model and optimizer are as at that step" in line
    assert "\n" not in line
    assert [kernel.result(cell).status for cell in queued] == ["aborted", "aborted"]

    kernel.run("assert history is game.histories[-1]")
    assert kernel.run("print(history.stopped_by)").out == "user"
    assert 2 <= int(kernel.run("print(len(history))").out) < 100000
    assert kernel.run("print('after' in globals())").out == "False"


def test_after_an_interrupt_training_goes_on_where_it_stopped(kernel):
    kernel.run(BASELINE + TELL)
    training = kernel.send("%train --epochs 100000")
    kernel.wait_for(training, "stream", "end of epoch 1")
    kernel.interrupt()
    assert kernel.result(training).status == "error"

    kernel.run("begun = history.epochs_begun")
    kernel.run("%train --epochs 2")
    assert kernel.run("print(history.stopped_by, len(history))").out == "epochs 2"
    refused = kernel.result(kernel.send("%train --epochs 99999"))
    assert refused.status == "error"
    begun = int(kernel.run("print(begun)").out)
    assert f"the model has had {begun + 2}; --epochs {99998 - begun} at most" in refused.err


def test_a_killed_kernel_loses_nothing_of_the_wallet(start_kernel, start):
    kernel = start_kernel()
    kernel.run(start)
    kernel.run("%%shop\nbuy Speed boost, Neural turbo boost x 2")
    kernel.run(BASELINE + TELL)
    training = kernel.send("%train --epochs 100000")
    kernel.wait_for(training, "stream", "end of epoch 1")
    kernel.kill()

    again = start_kernel()
    resumed = again.run(start)
    assert "balance   50 B NN left of 100 B NN" in resumed.data[-1]["text/plain"]
    again.run("assert game.owned == {'speed-boost': 1, 'neural-turbo-boost': 2}")
    runs = again.run("%classgame runs").data[-1]["text/plain"].splitlines()
    assert runs[-1].startswith("1 ")
    assert "  not ended  " in runs[-1]
    assert again.run("%%shop\nbuy Speed boost").data[-1]["text/plain"].startswith("unchanged")
    again.run(BASELINE + "%train --epochs 1")
    assert again.run("print(history.label, history.stopped_by)").out == "run 2: model epochs"


def test_two_kernels_cannot_spend_the_same_money(kernel, start_shared_kernel, start):
    other = start_shared_kernel()
    other.run(start)
    kernel.run(f"ME = 1\n{TOGETHER}")
    other.run(f"ME = 2\n{TOGETHER}")
    orders = {kernel: "Ensemble enchanter", other: "Neural turbo boost x 3"}
    for number in range(6):
        cells = {
            each: each.send(f"%%shop\nbuy {item}  # round {number}")
            for each, item in orders.items()
        }
        results = {each: each.result(cell) for each, cell in cells.items()}
        (winner,) = (each for each, result in results.items() if result.status == "ok")
        (loser,) = (each for each, result in results.items() if result.status == "error")
        assert "balance    40 B NN of 100 B NN" in results[winner].data[-1]["text/plain"]
        assert "20 B NN" in results[loser].err  # what is missing
        for each in orders:
            assert each.run("print(game.balance)").out == "40.0"
        winner.run(f"game.return_({orders[winner].partition(' x')[0]!r})")
        assert loser.run("print(game.balance)").out == "100.0"
    for each in orders:  # others use these kernels, and nobody would come to meet them
        each.run("get_ipython().events.unregister('pre_run_cell', together)")


def test_the_same_notebook_run_again_ends_with_the_same_weights(kernel, start_shared_kernel, start):
    validation = 'val_loader = game.loader("val", transform=slowly)'
    cells = [
        BASELINE + validation,
        "%train --epochs 1 --keep best",
        "score = %evaluate --final\nscore",
    ]
    for cell in cells:
        first = kernel.run(cell)
    again = start_shared_kernel()
    again.run(start)
    for cell in cells:
        second = again.run(cell)
    scores = [result.data[-1]["text/plain"] for result in (first, second)]
    assert scores[0].endswith("(attempt 1 of 3)")
    assert "; the same weights again, recorded before: no attempt was spent)" in scores[1]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%train --epochs 0", "--epochs 0"),
        ("%%shop\nbuy flop trick", "Flip trick"),
        ("%%shop\nbuy Ensemble enchanter, Neural turbo boost x 3", "20 B NN"),
        ("%classgame new nowhere", "nowhere"),
        ("%classgame reset", "%classgame reset --yes"),
    ],
)
def test_a_mistake_is_told_in_one_line(kernel, cell, message):
    result = kernel.result(kernel.send(cell))
    assert result.status == "error"
    assert result.reply["ename"] == "UsageError"
    assert result.reply["traceback"] == []
    assert result.errors == []
    assert result.out == ""
    (line,) = result.err.splitlines()
    assert line.startswith("UsageError: ")
    assert message in line
    assert kernel.run("print(game.balance)").out == "100.0"
