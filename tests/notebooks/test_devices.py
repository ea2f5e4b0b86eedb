"""Training on several processes from a kernel that a front end has started."""

import time
from contextlib import suppress
from pathlib import Path

import pytest
from notebooks.kernels import PATIENCE

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc")

GAME = """
import torch
from torch import nn
%load_ext jupyter_classgame
%classgame new insects --team {team} --image-size 16 --practice
"""

CELL_CLASS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(3, 4, 3), nn.Linear(4, 3)
    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))

def brighter(image):
    return image.clamp(0.1, 1.0)

torch.manual_seed(0)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
train_loader = game.loader("train", batch_size=8, transform=brighter)
val_loader = game.loader("val")
before = [id(model), id(optimizer), *map(id, model.parameters())]
weights = [p.detach().clone() for p in model.parameters()]
"""

TELL = """
from jupyter_classgame.events import EpochEnded

game.events.subscribe(lambda e: isinstance(e, EpochEnded) and print("end of epoch", e.epoch))
"""

PIDS = """
from jupyter_classgame.training.launch.processes.process_pool import _resting
print(*[process.pid for pool in _resting for process in pool.processes])
"""


def gone(pids):
    """Wait until processes have ended; say whether they have."""
    end = time.monotonic() + PATIENCE
    while (left := any(map(_there, pids))) and time.monotonic() < end:
        time.sleep(0.05)
    return not left


def _there(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid):
    found = []
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread has ended meanwhile
            for each in map(int, child.read_text().split()):
                found += [each, *descendants(each)]
    return found


def ours(pid):
    """How many processes a kernel has for training: a tracker, a server, and what it forks."""
    count = 0
    for each in descendants(pid):
        with suppress(OSError):  # it has ended meanwhile
            count += b"multiprocessing" in Path(f"/proc/{each}/cmdline").read_bytes()
    return count


def ready(kernel, team):
    """Give a kernel a game and what a run needs."""
    kernel.run(GAME.format(team=team))
    kernel.run(CELL_CLASS)
    return kernel


@pytest.fixture
def kernel(shared_kernel, team):
    return ready(shared_kernel, team)


@pytest.fixture
def fresh_kernel(start_kernel, team):
    """A kernel that has not trained yet, or is to be killed."""
    return ready(start_kernel(), team)


def test_two_processes_train_the_very_objects_of_the_notebook(kernel):
    kernel.run("%train --epochs 2 --devices cpu:2 --practice")
    kernel.run(
        "assert before == [id(model), id(optimizer), *map(id, model.parameters())]\n"
        "assert not any(map(torch.equal, weights, model.parameters()))\n"
        "assert all('momentum_buffer' in s for s in optimizer.state.values())\n"
        "assert len(history) == 2 and history.device == 'cpu:2', history"
    )
    kernel.run("%train --epochs 1 --practice")  # and on one device again
    kernel.run("h = %train --epochs 2 --devices 2 --practice --background\nassert h.wait(300)")


def test_nothing_is_left_when_the_kernel_is_killed(fresh_kernel, start_kernel):
    kernel = fresh_kernel
    kernel.run("%train --epochs 1 --devices cpu:2 --practice")
    pids = [int(pid) for pid in kernel.run(PIDS).out.split()]
    assert len(pids) == 2
    mine = int(kernel.run("import os; print(os.getpid())").out)
    pids = sorted({*pids, *descendants(mine)})
    folder = kernel.run(
        "from jupyter_classgame.data import temporary_folder\n"
        "print(temporary_folder.scratch_folder())"
    ).out
    kernel.kill()
    assert gone(pids), pids
    again = start_kernel()  # what the killed one left on the disk goes with the next
    again.run(
        "from jupyter_classgame.data.temporary_folder import scratch_folder; scratch_folder()"
    )
    assert not Path(folder).exists()


def test_nothing_is_left_when_the_kernel_is_killed_in_a_run(fresh_kernel):
    kernel = fresh_kernel
    cell = kernel.send("%train --epochs 100000 --devices cpu:2 --practice --background")
    kernel.result(cell)
    kernel.run("import time\nwhile not len(history): time.sleep(0.05)")
    mine = int(kernel.run("import os; print(os.getpid())").out)
    pids = descendants(mine)
    assert len(pids) >= 3  # the server and the two ranks
    kernel.kill()
    assert gone(pids), pids


def test_an_interrupt_ends_the_run_and_keeps_the_state(kernel):
    kernel.run("%train --epochs 1 --devices cpu:2 --practice")
    kernel.run(TELL)
    cell = kernel.send("%train --epochs 100000 --devices cpu:2 --practice")
    kernel.wait_for(cell, "stream", "end of epoch 3")
    kernel.interrupt()
    result = kernel.result(cell)
    assert result.status == "error"
    kernel.run("assert history.stopped_by == 'user', history.message")
    kernel.run("%train --epochs 1 --devices cpu:2 --practice")


@pytest.mark.parametrize("started", [2, 3], ids=["server", "first"])
def test_an_interrupt_while_the_processes_start(fresh_kernel, started):
    """It reaches the server of processes, too, which is about to load torch."""
    kernel = fresh_kernel
    mine = int(kernel.run("import os; print(os.getpid())").out)
    cell = kernel.send("%train --epochs 100000 --devices cpu:2 --practice")
    end = time.monotonic() + PATIENCE
    while ours(mine) < started:
        assert time.monotonic() < end, "the processes do not start"
        time.sleep(0.01)
    kernel.interrupt()
    result = kernel.result(cell)
    assert len(result.errors) == 1
    assert "\n".join(result.errors[0]["traceback"]).startswith("Interrupted: ")
    assert "Traceback" not in result.out
    kernel.run("%train --epochs 1 --devices cpu:2 --practice")
    kernel.run("assert history.stopped_by == 'epochs', history.message")


def test_an_interrupt_that_comes_after_the_run_says_what_was_trained(kernel):
    cell = kernel.send(
        "import os, signal\n"
        "from jupyter_classgame.events import RunEnded\n"
        "def late(event):\n"
        "    if isinstance(event, RunEnded):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "unsubscribe = game.events.subscribe(late)\n"
        "%train --epochs 2 --devices cpu --practice"
    )
    result = kernel.result(cell)
    kernel.run("unsubscribe()")
    assert result.status == "ok", result.errors
    kernel.run("assert history.message == '2 epochs trained', history.message")


def test_an_error_in_a_cells_class_shows_its_line(kernel):
    kernel.run("%train --epochs 1 --devices cpu:2 --practice")
    kernel.run(
        "class Bad(Net):\n"
        "    def forward(self, x):\n"
        "        if self.training and __import__('os').environ['RANK'] == '1':\n"
        "            raise ValueError('a broken layer')\n"
        "        return super().forward(x)\n"
        "bad = Bad(); optimizer3 = torch.optim.SGD(bad.parameters(), lr=0.1)"
    )
    result = kernel.result(kernel.send("%train bad optimizer3 --devices cpu:2 --practice --force"))
    shown = "\n".join(result.errors[0]["traceback"])
    assert "raise ValueError('a broken layer')" in shown
    assert "ValueError: a broken layer (rank 1, cpu)" in shown
    assert "jupyter_classgame" not in shown
    kernel.run("%train --epochs 1 --devices cpu:2 --practice")
