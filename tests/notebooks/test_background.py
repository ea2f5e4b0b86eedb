"""Runs in the background of a real kernel, while other cells are executed."""

import re
import time

import pytest
from helpers.ipython.cells import BROKEN_MODEL
from notebooks.kernels import allow_many_epochs

START = "%load_ext jupyter_classgame\n%classgame new insects --team {team} --image-size 16 --seed 0"

BASELINE = """
import time
import torch
from torch import nn

def slowly(image):  # so that there is time for other cells
    time.sleep(0.003)
    return image

train_loader = game.loader("train", batch_size=4, transform=slowly)
val_loader = game.loader("val", batch_size=32)
model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
"""

UNTIL = """
def until(condition):
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)

def take_as_long_as_an_epoch():
    for _ in game.loader("train", batch_size=4, transform=slowly):
        pass
"""

PATIENCE = 300
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def shared_folder(shared_folder):
    """There, runs last until they are stopped."""
    allow_many_epochs(shared_folder)
    return shared_folder


@pytest.fixture
def kernel(shared_kernel, team):
    shared_kernel.run(START.format(team=team))
    shared_kernel.run(BASELINE + UNTIL)
    yield shared_kernel
    # a test that failed has left its run going, which is not to disturb the next one
    shared_kernel.run(
        "for each in game.histories:\n    each.stop()\n    until(lambda: not each.running)"
    )


def told(kernel, cell, kind, text):
    """Wait for a message of a cell that has ended: what its run says in the background."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for message in kernel._messages[cell]:
            if message["msg_type"] == kind and text in str(message["content"]):
                return message["content"]
        kernel._take()
    raise AssertionError(f"cell {cell} was never told {text}")


def test_cells_are_executed_while_it_trains(kernel):
    cell = kernel.send("h = %train --epochs 100000 --background\nh")
    result = kernel.result(cell)
    assert result.status == "ok"
    assert any(WIDGET_VIEW in data for data in result.data)
    assert "run 1: model: under way" in result.data[-1]["text/plain"] + str(result.data[-1])
    kernel.run("until(lambda: len(history) >= 2)")
    assert kernel.run("print(history is h, history.running)").out == "True True"
    kernel.run("history.stop(); assert history.wait(120)")
    assert kernel.run("print(history.stopped_by, game.histories == [h])").out == "user True"
    assert kernel.run("print(history.running)").out == "False"


def test_an_edit_from_another_cell_lands_in_the_history(kernel):
    kernel.run("%train --epochs 100000 --background")
    kernel.run("until(lambda: len(history) >= 1)")
    kernel.run('optimizer.param_groups[0]["lr"] = 0.002')
    kernel.run("until(lambda: history.edits)")
    kernel.run("epoch, what = history.edits[0]; assert what == 'lr 0.01 → 0.002', what")
    kernel.run("until(lambda: len(history) > epoch + 1)")
    assert kernel.run("print(history.lr[0], history.lr[-1])").out == "0.01 0.002"
    kernel.run("history.stop(); history.wait()")


def test_pause_resume_and_weights_changed_by_hand(kernel):
    kernel.run("%train --epochs 100000 --background --practice")
    kernel.run("until(lambda: len(history) >= 1)")
    kernel.run(
        "with history.paused():\n"
        "    before = [p.clone() for p in model.parameters()]\n"
        "    take_as_long_as_an_epoch()\n"
        "    assert all(map(torch.equal, before, model.parameters()))\n"
        "    model[1].weight.data.zero_()\n"
    )
    kernel.run("history.pause(); until(lambda: history._control._resting.is_set())")
    kernel.run("done = len(history); take_as_long_as_an_epoch(); assert len(history) == done")
    kernel.run("history.resume(); until(lambda: len(history) > done)")
    kernel.run("history.stop(); history.wait()")


def test_a_second_run_on_the_model_is_refused_in_one_line(kernel):
    kernel.run("%train --epochs 100000 --background")
    for line in ("%train --epochs 1", "%train --epochs 1 --background"):
        refused = kernel.result(kernel.send(line))
        assert refused.status == "error"
        assert refused.errors == []
        assert refused.err == (
            "UsageError: optimizer: in use, run 1: model is under way; "
            "history.wait() or history.stop() first"
        )
    refused = kernel.result(kernel.send("%classgame reset --yes"))
    assert "reset: run 1: model is under way" in refused.err
    assert kernel.run("print(history.run, history.running)").out == "1 True"
    kernel.run("history.stop(); history.wait()")
    kernel.run("%train --epochs 1")
    assert kernel.run("print(history.run, history.stopped_by)").out == "2 epochs"


def test_an_error_is_told_below_its_own_cell_and_raised_by_wait(kernel):
    kernel.run(BROKEN_MODEL.format(60))
    cell = kernel.send("%train net opt --epochs 100000 --background")
    assert kernel.result(cell).status == "ok"
    other = kernel.send(
        "import threading\n"
        "until(lambda: 'classgame-run-1' not in {t.name for t in threading.enumerate()})"
    )
    said = told(kernel, cell, "stream", "my own mistake")
    assert said["name"] == "stderr"
    written = kernel.result(cell).err
    assert "run 1: net was ended by an error, which history.wait() raises too" in written
    assert 'raise ValueError("my own mistake")' in written
    assert "in forward" in written
    assert "jupyter_classgame" not in written
    assert kernel.result(other).err == ""

    waited = kernel.result(kernel.send("history.wait()"))
    assert waited.status == "error"
    assert waited.reply["ename"] == "ValueError"
    shown = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(waited.errors[0]["traceback"]))
    assert 'raise ValueError("my own mistake")' in shown
    assert "engine.py" not in shown
    assert "history.py" not in shown
    assert kernel.run("print(history.stopped_by)").out == "error"
    assert "ValueError in epoch" in kernel.run("print(history.message)").out


WAITING = """
import sys
import threading

def waits():
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame is not None:
        code, frame = frame.f_code, frame.f_back
        if code.co_name == "wait" and code.co_filename.endswith("run_control.py"):
            return True
    return False

def tell():
    until(waits)
    print("begun", flush=True)

threading.Thread(target=tell).start()
history.wait()
"""
"""Says from another thread that the cell is inside of ``history.wait()``."""


def test_an_interrupt_ends_a_cell_or_the_waiting_and_leaves_the_run_alone(kernel):
    kernel.run("%train --epochs 100000 --background")
    busy = kernel.send("print('begun', flush=True)\ntime.sleep(300)")
    kernel.wait_for(busy, "stream", "begun")
    kernel.interrupt()
    assert kernel.result(busy).reply["ename"] == "KeyboardInterrupt"
    assert kernel.run("print(history.running)").out == "True"

    waiting = kernel.send(WAITING)
    kernel.wait_for(waiting, "stream", "begun")
    kernel.interrupt()
    ended = kernel.result(waiting)
    assert ended.errors[0]["traceback"] == [
        "Interrupted: run 1: model goes on; history.stop() ends it"
    ]
    kernel.run("done = len(history); until(lambda: len(history) > done)")
    kernel.run("history.stop(); history.wait()")
    assert kernel.run("print(history.stopped_by)").out == "user"


def test_two_runs_at_once_have_a_chart_each(kernel):
    first = kernel.send("%train --epochs 100000 --background")
    assert kernel.result(first).status == "ok"
    kernel.run("first = history")
    kernel.run(
        "other = nn.Sequential(nn.Flatten(), nn.Linear(768, 3))\n"
        "opt2 = torch.optim.SGD(other.parameters(), lr=0.01)"
    )
    second = kernel.run("%train other opt2 --epochs 2")
    assert second.data[1]["text/plain"].startswith("run 2: other: 2 epochs")
    assert kernel.run("print(first.running, history.run)").out == "True 2"
    kernel.run("first.stop(); first.wait()")


def test_the_chart_becomes_a_picture_while_another_cell_waits(kernel):
    """As a notebook is played from end to end: only the cell being played is listened to."""
    cell = kernel.send("%train --epochs 2 --background")
    assert kernel.result(cell).status == "ok"
    waiting = kernel.run("history.wait()")
    own = kernel.result(cell)
    pictures = [data for data in (*own.data, *waiting.data) if "image/png" in data]
    assert len(pictures) == 1
    assert pictures[0]["text/plain"].startswith("run 1: model: 2 epochs")


def test_a_run_of_one_epoch_opens_few_comms_and_closes_all_of_them(kernel):
    cell = kernel.send("%train --epochs 1")
    assert kernel.result(cell).status == "ok"
    opened, closed = (
        [each["content"]["comm_id"] for each in kernel._messages[cell] if each["msg_type"] == kind]
        for kind in ("comm_open", "comm_close")
    )
    assert 20 < len(opened) <= 34
    assert sorted(opened) == sorted(closed)
