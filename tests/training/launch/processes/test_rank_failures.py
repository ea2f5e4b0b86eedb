"""What goes wrong in a process is told once, by name; the state is whole, the next run works."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import torch
from helpers.devices import Acting, acting, fail, hang, train_on
from helpers.models import loader, model, sgd
from helpers.waiting import until
from torch.utils.data import DataLoader

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded
from jupyter_classgame.training.launch.processes import process_executor
from jupyter_classgame.training.launch.processes.process_pool import _resting, end_all
from jupyter_classgame.training.launch.processes.rank_failures import DeviceError, Patience
from jupyter_classgame.training.run_control import RunControl

SECOND_EPOCH = 110
"""Images after which the second epoch of six batches is under way, where each gives 96."""


def kill_oneself():
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def as_after_epoch_one():
    """Give a model, its optimizer and a listener; check that they are as after the first epoch."""
    net = model()
    optimizer = sgd(net)
    kept = []

    def listen(event):
        if isinstance(event, EpochEnded):
            kept.append([p.detach().clone() for p in net.parameters()])
            kept.append([s["momentum_buffer"].clone() for s in optimizer.state.values()])

    ids = [id(p) for p in net.parameters()]
    yield net, optimizer, listen
    assert len(kept) == 2
    assert ids == [id(p) for p in net.parameters()]
    assert all(map(torch.equal, net.parameters(), kept[0]))
    momenta = [optimizer.state[p]["momentum_buffer"] for p in net.parameters()]
    assert all(map(torch.equal, momenta, kept[1]))
    history = train_on("cpu:2", net, optimizer, epochs=1)  # and the next run works
    assert history.stopped_by == "epochs"


def test_an_exception_in_one_process():
    with as_after_epoch_one() as (net, optimizer, listen):
        with pytest.raises(DeviceError) as caught:  # at once: nobody has the patience of an hour
            train_on(
                "cpu:2", net, optimizer, publish=listen, devices_patience=3600.0,
                train_loader=acting(fail, at=SECOND_EPOCH), val_loader=None,
            )  # fmt: skip
        assert str(caught.value) == "ValueError: the fifth image is broken (rank 1, cpu)"
        shown = caught.value._render_traceback_()
        assert shown[-1] == str(caught.value)
        assert 'raise ValueError("the fifth image is broken")' in "\n".join(shown)
        assert "jupyter_classgame" not in "".join(shown)
        assert not _resting


def test_the_same_exception_everywhere_is_told_once():
    net = model(classes=3)
    with pytest.raises(TrainingError) as caught:
        train_on("cpu:2", net, sgd(net), classes=5)
    assert str(caught.value).count("last layer") == 1
    assert "(rank 0, cpu)" in str(caught.value)


def test_a_killed_process():
    with as_after_epoch_one() as (net, optimizer, listen), pytest.raises(TrainingError) as caught:
        train_on(
            "cpu:2", net, optimizer, publish=listen,
            train_loader=acting(kill_oneself, at=SECOND_EPOCH), val_loader=None,
        )  # fmt: skip
    assert "process 2 of 2 (rank 1, cpu) was ended: killed by SIGKILL" in str(caught.value)


def test_a_process_that_hangs(monkeypatch, tmp_path):
    """An hour passes once it hangs and the other one has come to where it waits."""
    seen = tmp_path / "seen"

    class Hour(Patience):
        def check(self):
            first, second = self.pool.beats
            if seen.exists() and first > second:
                self._since -= 3600.0
            super().check()

    monkeypatch.setattr(process_executor, "Patience", Hour)
    with as_after_epoch_one() as (net, optimizer, listen), pytest.raises(TrainingError) as caught:
        train_on(
            "cpu:2", net, optimizer, publish=listen, devices_patience=3600.0,
            train_loader=acting(partial(hang, seen), at=SECOND_EPOCH), val_loader=None,
        )  # fmt: skip
    text = str(caught.value)
    assert "process 2 of 2 (rank 1, cpu) hangs: no step for 3600 s" in text
    assert "in hang" in text
    assert "devices_patience" in text


def test_what_cannot_be_pickled_is_named_before_anything_starts(tmp_path):
    end_all()
    data = DataLoader(Acting(fail), 16)
    data.dataset.handle = (tmp_path / "log.txt").open("w")
    net = model()
    with pytest.raises(TrainingError) as caught, data.dataset.handle:
        train_on("cpu:2", net, sgd(net), train_loader=data)
    assert str(caught.value).startswith(
        "train_loader.dataset.handle: a TextIOWrapper cannot be sent to another process"
    )
    assert not _resting


def test_a_lambda_and_a_scheduler_of_lambdas():
    net = model()
    optimizer = sgd(net)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    history = train_on(
        "cpu:2", net, optimizer, scheduler=schedule,
        criterion=lambda scores, labels: torch.nn.functional.cross_entropy(scores, labels) * 1.0,
    )  # fmt: skip
    assert history.lr == pytest.approx([0.3, 0.15, 0.075])
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.0375)
    assert schedule.last_epoch == 3
    assert history.edits == []


def test_a_class_from_a_module_beside_the_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for classes in (4, 5):  # the module is read anew by processes that were kept
        Path("beside.py").write_text(
            "from torch import nn\n"
            "class Beside(nn.Sequential):\n"
            "    def __init__(self):\n"
            f"        super().__init__(nn.Flatten(), nn.Linear(192, {classes}))\n"
            "    def forward(self, x):\n"
            f"        assert self[1].out_features == {classes}\n"
            "        return super().forward(x)\n"
            f"    kind = {classes}\n"
        )
        sys.modules.pop("beside", None)
        import importlib

        importlib.invalidate_caches()
        os.utime("beside.py", (classes, classes))
        net = importlib.import_module("beside").Beside()
        history = train_on("cpu:2", net, sgd(net, lr=0.01), epochs=1)
        assert history.stopped_by == "epochs"


def test_nothing_of_ours_is_in_shared_memory():
    train_on("cpu:2", epochs=1)
    (pool,) = _resting
    for process in pool.processes:
        assert "/dev/" + "shm" not in Path(f"/proc/{process.pid}/maps").read_text()


FULL = """
set -e
mount -t tmpfs -o size=64k tmpfs /dev/shm
head -c 1M /dev/zero > /dev/shm/full 2>/dev/null || true
exec "$0" -c "$1"
"""


def test_shared_memory_that_is_full():
    """In a namespace of its own, where /dev/shm is another."""
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("this system lets nobody mount in a namespace of their own")
    code = (
        "import os; from helpers.devices import train_on\n"
        "free = os.statvfs('/dev/shm').f_bfree\n"
        "print(free, train_on('cpu:2', epochs=1).stopped_by)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [*apart, "sh", "-c", FULL, sys.executable, code],
        env=environment, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.stdout == "0 epochs\n", done.stderr


def test_a_port_that_is_taken(monkeypatch):
    end_all()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
        monkeypatch.setenv("MASTER_PORT", str(taken.getsockname()[1]))
        assert train_on("cpu:2", epochs=1).stopped_by == "epochs"


def test_two_kernels_that_launch_at_once():
    code = "from helpers.devices import train_on; print(train_on('cpu:2', epochs=2).train_loss)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    kernels = [
        subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    told = [kernel.communicate(timeout=200)[0] for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0, 0]
    assert told[0] == told[1] != b""


def test_interrupted_twice(tmp_path):
    control, seen = RunControl(), tmp_path / "seen"

    def interrupt_twice():
        until(seen.exists)  # the process hangs
        os.kill(os.getpid(), signal.SIGINT)
        until(lambda: control.interrupted)  # signals of one kind that wait are one
        os.kill(os.getpid(), signal.SIGINT)

    with as_after_epoch_one() as (net, optimizer, listen):
        thread = threading.Thread(target=interrupt_twice, daemon=True)
        thread.start()
        history = train_on(
            "cpu:2", net, optimizer, publish=listen, control=control,
            train_loader=acting(partial(hang, seen), at=SECOND_EPOCH), val_loader=None,
        )  # fmt: skip
        thread.join()
        assert history.stopped_by == "user"
        assert history.message.startswith("interrupted twice in epoch")
        assert "after epoch 1" in history.message


def test_a_loss_that_is_not_finite_goes_back():
    net = model()
    history = train_on("cpu:2", net, sgd(net, lr=1e30), train_loader=loader(), epochs=2)
    assert history.stopped_by == "nan"
    assert "not finite" in history.message
    assert all(map(torch.equal, net.parameters(), model().parameters()))
