"""A run in other processes is steered, told of and kept as one in the kernel."""

import multiprocessing
import os
import signal
import threading

import pytest
import torch
from helpers.devices import Gated, Slow, train_on
from helpers.models import loader, model, sgd
from helpers.runs import quiet, request
from helpers.waiting import until

from jupyter_classgame.data.temporary_folder import scratch_folder
from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import (
    EpochEnded,
    HandEdited,
    Progress,
    RunEnded,
    RunPaused,
    RunStarted,
)
from jupyter_classgame.training.launch.launcher import launch_run
from jupyter_classgame.training.launch.processes.process_pool import Pool, _resting, end_all
from jupyter_classgame.training.run_control import RunControl


def slow(seconds=0.02):
    return Slow(model(), seconds)


EPOCH = 6
"""Steps of an epoch."""

LONG = 100_000
"""Epochs of a run that lasts until it is stopped."""


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Gives the path of a file that is there once the processes have been asked for something."""

    def asked(what):
        file, tell = tmp_path / what, Pool.tell

        def note(pool, message, **options):
            tell(pool, message, **options)
            if message.get(what):
                file.touch()

        monkeypatch.setattr(Pool, "tell", note)
        return file

    return asked


def test_events_are_those_of_one_process():
    one, two = [], []
    train_on("cpu", slow(0.05), publish=one.append)
    threads = set()

    def listen(event):
        threads.add(threading.get_ident())
        two.append(event)

    train_on("cpu:2", slow(0.05), publish=listen)
    assert threads == {threading.get_ident()}
    kinds = [[type(e) for e in told if type(e) is not Progress] for told in (one, two)]
    assert kinds[0] == kinds[1] == [RunStarted, EpochEnded, EpochEnded, EpochEnded, RunEnded]
    assert any(type(e) is Progress for e in two)
    assert two[0].device == "cpu:2"
    assert any("divided among 2" in note for note in two[0].notes)


def test_a_stop_keeps_the_step(asked):
    net, control = Gated(slow(0.1), EPOCH, asked("stop")), RunControl()
    optimizer = sgd(net)

    def listen(event):
        if isinstance(event, EpochEnded):
            control.stop()

    history = train_on("cpu:2", net, optimizer, publish=listen, control=control, epochs=LONG)
    assert history.stopped_by == "user"
    assert "as at that step" in history.message
    assert len(history) < 5
    assert not all(map(torch.equal, net.parameters(), slow().parameters()))
    assert len(optimizer.state) == 4


def test_an_interrupt_is_a_stop():
    def listen(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            os.kill(os.getpid(), signal.SIGINT)

    control = RunControl()
    history = train_on("cpu:2", slow(), publish=listen, control=control, epochs=LONG)
    assert history.stopped_by == "user"
    assert control.interrupted
    assert len(_resting) == 1  # the processes are there for the next run


def test_a_pause_and_weights_changed_in_it(asked):
    net, control = Gated(slow(0.05), EPOCH, asked("rest")), RunControl()
    events, seen = [], []

    def change():
        with control.held():
            seen.append([p.detach().clone() for p in net.parameters()])
            until(lambda: isinstance(events[-1], RunPaused))
            count = len(events)
            for images, _ in loader():  # as long as an epoch takes
                slow(0.05)(images)
            assert len(events) == count
            with torch.no_grad():
                net.net.net.fc.bias.fill_(1000.0)

    thread = threading.Thread(target=change, daemon=True)

    def listen(event):
        events.append(event)
        if isinstance(event, EpochEnded) and event.epoch == 1:
            thread.start()

    history = train_on("cpu:2", net, sgd(net, lr=1e-3), publish=listen, control=control, epochs=8)
    thread.join()
    assert [e.paused for e in events if isinstance(e, RunPaused)] == [True, False]
    assert history.stopped_by == "epochs"
    assert len(seen) == 1
    assert float(net.net.net.fc.bias.detach().min()) > 900.0


def test_a_learning_rate_edited_by_hand(asked):
    net = Gated(slow(0.05), 2 * EPOCH, asked("change"))
    optimizer = sgd(net, lr=0.1)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 1.0)
    events = []

    def listen(event):
        events.append(event)
        if isinstance(event, EpochEnded) and event.epoch == 2:
            optimizer.param_groups[0]["lr"] = 0.025

    history = train_on(
        "cpu:2", net, optimizer, scheduler=schedule, publish=listen, epochs=8, val_loader=None
    )
    assert [e.text for e in events if isinstance(e, HandEdited)] == ["lr 0.1 → 0.025"]
    assert len(history.edits) == 1
    before = history.lr.index(0.025)  # the processes may be ahead of what is told of them
    assert before >= 2
    assert history.lr == [0.1] * before + [0.025] * (8 - before)
    assert optimizer.param_groups[0]["lr"] == 0.025


def test_a_schedule_is_no_edit_and_comes_back():
    net = model()
    optimizer = sgd(net, lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    history = train_on("cpu:2", net, optimizer, scheduler=schedule)
    assert history.edits == []
    assert history.lr == pytest.approx([0.1, 0.05, 0.025])
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0.0125)
    assert schedule.last_epoch == 3


def test_rests_one_right_after_the_other():
    """No process looks in between, and yet each rest begins: what is changed in it counts."""
    net, control, seen = slow(), RunControl(), []

    def work():
        seen.append(train_on("cpu:2", net, control=control, epochs=LONG))

    thread = threading.Thread(target=work)
    thread.start()
    for value in range(5):
        with control.held(), torch.no_grad():
            net.net.fc.bias.fill_(float(value))
    control.stop()
    thread.join(300)
    assert not thread.is_alive()
    assert seen[0].stopped_by == "user"


REBUILT = {
    "frozen": lambda net, _: net.net.fc.weight.requires_grad_(requires_grad=False),
    "replaced": lambda net, _: setattr(
        net.net, "fc", torch.nn.Linear(*net.net.fc.weight.shape[::-1])
    ),
    "added": lambda net, optimizer: optimizer.add_param_group(
        {"params": [torch.nn.Parameter(torch.zeros(1))]}
    ),
}


@pytest.mark.parametrize("what", REBUILT)
def test_other_parts_in_a_rest(what):
    net, control, errors = slow(), RunControl(), []
    optimizer = sgd(net)

    def work():
        with pytest.raises(TrainingError) as error:
            train_on("cpu:2", net, optimizer, control=control, epochs=LONG)
        errors.append(str(error.value))

    thread = threading.Thread(target=work)
    thread.start()
    with control.held():
        REBUILT[what](net, optimizer)
    thread.join(300)
    assert not thread.is_alive()
    assert f" was {what}: on several devices a run keeps the layers" in errors[0]
    if what == "frozen":
        assert train_on("cpu:2", net, optimizer, epochs=1).stopped_by == "epochs"


def test_a_run_leaves_no_file():
    train_on("cpu:2", epochs=1)
    assert not list(scratch_folder().glob("run-*"))


def test_how_torch_computes_goes_along():
    class Telling(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = model()
            self.register_buffer("told", torch.zeros(2))

        def forward(self, x):
            self.told[0] = float(torch.are_deterministic_algorithms_enabled())
            self.told[1] = float(torch.get_float32_matmul_precision() == "medium")
            return self.net(x)

    before = torch.get_float32_matmul_precision()
    for wanted in (True, False):
        torch.use_deterministic_algorithms(wanted)
        torch.set_float32_matmul_precision("medium" if wanted else "highest")
        try:
            net = Telling()
            train_on("cpu:2", net, epochs=1)
        finally:
            torch.use_deterministic_algorithms(mode=False)
            torch.set_float32_matmul_precision(before)
        assert net.told.tolist() == [float(wanted)] * 2


def test_processes_are_kept_and_let_go():
    end_all()
    train_on("cpu:2", epochs=1, devices_idle=3600.0)
    (pool,) = _resting
    processes = pool.processes
    train_on("cpu:2", epochs=1, devices_idle=3600.0)
    assert _resting == [pool]
    train_on("cpu:2", epochs=1, devices_idle=0.1)
    until(lambda: not any(p.is_alive() for p in processes))
    assert _resting == []
    assert train_on("cpu:2", epochs=1).stopped_by == "epochs"


def test_processes_that_are_started_anew(monkeypatch):
    """As where there is no server of processes: on Windows."""
    end_all()
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    one, two = model(), model()
    history = train_on("cpu:2", one)
    (pool,) = _resting
    assert {type(process).__name__ for process in pool.processes} == {"SpawnProcess"}
    assert history.train_loss == pytest.approx(train_on("cpu", two).train_loss, abs=1e-5)
    for here, there in zip(one.parameters(), two.parameters(), strict=True):
        assert torch.allclose(here, there, atol=1e-5)
    end_all()


def test_two_runs_at_once():
    histories = []
    requests = [
        request(slow(), devices="cpu:2") for _ in range(2)
    ]  # one seed: made one after the other

    def train(made):
        histories.append(launch_run(made, RunControl()).execute(quiet))

    threads = [threading.Thread(target=train, args=(made,)) for made in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [h.stopped_by for h in histories] == ["epochs", "epochs"]
    assert histories[0].train_loss == histories[1].train_loss
    assert len(_resting) == 1


def test_the_kernels_own_accelerate_is_left_alone():
    from accelerate.state import AcceleratorState, PartialState

    shared = dict(AcceleratorState._shared_state), dict(PartialState._shared_state)
    before = dict(os.environ)
    train_on("cpu:2", epochs=1)
    assert (dict(AcceleratorState._shared_state), dict(PartialState._shared_state)) == shared
    assert dict(os.environ) == before


def test_a_run_that_is_never_begun_leaves_no_file():
    from helpers.runs import request

    run = launch_run(request(devices="cpu:2", train_loader=loader()), RunControl())
    blob = run.executor._blob
    assert blob.exists()
    del run
    import gc

    gc.collect()
    assert not blob.exists()
