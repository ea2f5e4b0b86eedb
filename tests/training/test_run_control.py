"""A run in hand: paused, held, edited and stopped by others while it goes on."""

import threading
from contextlib import contextmanager

import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import bare_request as request
from helpers.waiting import until
from torch import nn

from jupyter_classgame.errors import ClassGameError
from jupyter_classgame.events import EpochEnded, HandEdited, Progress, RunEnded, RunPaused
from jupyter_classgame.training.callback import Callback
from jupyter_classgame.training.history import WaitInterrupted
from jupyter_classgame.training.launch.launcher import launch_run, train
from jupyter_classgame.training.run.hand_edits import learning_rate, set_learning_rate
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.weights_fingerprint import fingerprint

PATIENCE = 60


class Gate(nn.Module):
    """A model whose forward pass waits to be let through, so that a step can be looked into."""

    def __init__(self):
        super().__init__()
        self.net = model()
        self.inside, self.open = threading.Event(), threading.Event()
        self.open.set()

    def forward(self, x):
        if self.training:
            self.inside.set()
            assert self.open.wait(PATIENCE)
        return self.net(x)

    def catch(self):
        """Wait until a step is under way, and keep it there."""
        self.open.clear()
        self.inside.clear()
        assert self.inside.wait(PATIENCE)


@contextmanager
def threaded(asked, events=None):
    """Train in a thread; give the run, and see that the thread ends."""
    events = [] if events is None else events
    run = launch_run(asked, RunControl())
    thread = threading.Thread(target=run.execute, args=(events.append,))
    thread.start()
    try:
        yield run
        run.control.stop()
    finally:
        run.control.resume()
        if isinstance(asked.model, Gate):
            asked.model.open.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_paused_run_rests_after_a_whole_step_and_goes_on():
    net, events = model(), []
    with threaded(request(net, epochs=100_000), events) as run:
        history = run.history
        until(lambda: len(history) >= 1)
        history.pause()
        until(lambda: RunPaused(0, True) in events)
        weights, batch = fingerprint(net), (run.epoch, run.batch)
        assert not history.wait(0.2)
        assert (fingerprint(net), (run.epoch, run.batch)) == (weights, batch)
        history.resume()
        until(lambda: RunPaused(0, False) in events)
        until(lambda: (run.epoch, run.batch) != batch)
        assert history.running
        history.stop()
        assert history.wait(PATIENCE)
    assert history.stopped_by == "user"
    assert not history.running


def test_a_paused_run_can_be_stopped():
    with threaded(request(epochs=100_000)) as run:
        run.history.pause()
        until(run.control._resting.is_set)
        run.history.stop()
        assert run.history.wait(PATIENCE)


def test_weights_changed_in_a_paused_block_are_those_the_run_goes_on_with():
    net = Gate()
    with threaded(request(net, sgd(net, lr=0.0, momentum=0.0), epochs=100_000)) as run:
        net.catch()

        def end_the_step():
            until(lambda: run.control.pausing)
            net.open.set()

        ends_its_step = threading.Thread(target=end_the_step)
        ends_its_step.start()
        with run.history.paused():
            with torch.no_grad():
                net.net.fc.weight.fill_(7.0)
            before = run.epoch, run.batch
            assert not run.control.wait(0.2)
            assert (run.epoch, run.batch) == before
        ends_its_step.join()
        until(lambda: (run.epoch, run.batch) != before)
        assert bool((net.net.fc.weight == 7.0).all())


def test_neither_resume_nor_stop_ends_the_rest_of_a_paused_block():
    with threaded(request(epochs=100_000)) as run, run.history.paused():
        before = run.epoch, run.batch
        run.history.resume()
        run.history.stop()
        assert not run.control.wait(0.2)
        assert (run.epoch, run.batch) == before
    assert run.history.stopped_by == "user"


def test_a_paused_block_leaves_a_paused_run_paused():
    with threaded(request(epochs=100_000)) as run:
        run.history.pause()
        with run.history.paused():
            assert run.control._resting.is_set()
        assert run.control.paused
        assert not run.control.wait(0.1)


def test_two_blocks_at_once_both_hold_the_run():
    with threaded(request(epochs=100_000)) as run:
        leave, entered = threading.Event(), threading.Event()

        def hold():
            with run.history.paused():
                entered.set()
                leave.wait(PATIENCE)

        other = threading.Thread(target=hold)
        with run.history.paused():
            other.start()
            assert entered.wait(PATIENCE)
        before = run.epoch, run.batch
        assert not run.control.wait(0.2)
        assert (run.epoch, run.batch) == before
        leave.set()
        other.join(PATIENCE)
        until(lambda: (run.epoch, run.batch) != before)


def test_waiting_for_what_waits_for_oneself_is_refused():
    refused = []

    class Waits(Callback):
        def on_epoch_begin(self, run):
            with run.history.paused():  # its own thread: there is nothing to wait for
                pass
            with pytest.raises(ClassGameError, match="would wait for this wait") as error:
                run.history.wait()
            refused.append(error.value)

    train(request(epochs=1, callbacks=[Waits()]), lambda _: None)
    assert len(refused) == 1
    after = pytest.raises(ClassGameError, match="after the with block")
    with threaded(request(epochs=100_000)) as run, run.history.paused(), after:
        run.history.wait()


def test_a_finished_run_waits_for_nobody():
    history = train(request(epochs=1), lambda _: None)
    with history.paused():
        assert history.wait()
    history.pause()
    assert history.wait()


def test_an_interrupt_ends_the_waiting_and_not_the_run(monkeypatch):
    with threaded(request(epochs=100_000)) as run:

        def interrupted(_timeout):
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(run.control, "wait", interrupted)
            with pytest.raises(WaitInterrupted) as error:
                run.history.wait()
        assert error.value._render_traceback_() == [
            "Interrupted: run goes on; history.stop() ends it"
        ]
        assert run.history.running


class MineError(Exception):
    pass


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = model()

    def forward(self, _images):
        raise MineError("my own mistake")


def test_waiting_raises_the_error_of_a_background_run_each_time():
    net = Broken()
    run = launch_run(request(net, sgd(net), background=True), RunControl())
    with pytest.raises(MineError):
        run.execute(lambda _: None)
    lengths = []
    for _ in range(2):
        with pytest.raises(MineError, match="my own mistake") as error:
            run.history.wait()
        files = [str(entry.path) for entry in error.traceback]
        lengths.append(len(files))
        assert files[-1] == __file__  # Broken.forward
    assert lengths[0] == lengths[1]
    assert run.history.stopped_by == "error"


# -- hand edits ---------------------------------------------------------------------------------


def test_an_edit_in_the_middle_of_a_step_is_noted_with_its_place():
    net, events = Gate(), []
    optimizer = sgd(net, lr=0.1)
    with threaded(request(net, optimizer, epochs=100_000), events) as run:
        net.catch()
        epoch, batch = run.epoch, run.batch
        optimizer.param_groups[0]["lr"] = 0.01
        net.open.set()
        until(lambda: run.history.edits)
        assert run.history.edits == [(pytest.approx(epoch - 1 + batch / 6), "lr 0.1 → 0.01")]
        until(lambda: len(run.history) > epoch)
        assert len(run.history.edits) == 1
        told = [event for event in events if isinstance(event, HandEdited)]
        assert [(event.epoch, event.text) for event in told] == run.history.edits
        assert run.history.lr[-1] == 0.01


@pytest.mark.parametrize("with_callback", [False, True])
def test_what_a_schedule_or_a_callback_does_is_no_edit(with_callback):
    class Halves(Callback):
        def on_step_end(self, run):
            with run.own_changes():
                run.optimizer.param_groups[0]["momentum"] *= 0.9

        on_epoch_begin = on_gradients = on_step_end

        def on_batch_begin(self, run, images, targets):
            self.on_step_end(run)
            return images, targets

    net = model()
    optimizer = sgd(net, lr=0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=18)
    callbacks = [Halves()] if with_callback else []
    history = train(
        request(net, optimizer, scheduler=scheduler, callbacks=callbacks), lambda _: None
    )
    assert history.edits == []
    net = model()
    optimizer = sgd(net, lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5)
    history = train(
        request(net, optimizer, scheduler=scheduler, callbacks=callbacks), lambda _: None
    )
    assert history.edits == []


@pytest.mark.parametrize("pace", ["batch", "epoch", "callback"])
def test_an_edit_is_noted_beside_what_the_run_itself_changes(pace):
    net = Gate()
    optimizer = sgd(net, lr=0.1)
    options = {}
    if pace == "batch":
        options["scheduler"] = torch.optim.lr_scheduler.CyclicLR(
            optimizer, 0.05, 0.1, step_size_up=50, cycle_momentum=False
        )
    elif pace == "epoch":
        options["scheduler"] = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.99)
    else:
        options["callbacks"] = [Callback()]
    with threaded(request(net, optimizer, epochs=100_000, **options)) as run:
        net.catch()
        optimizer.param_groups[0]["momentum"] = 0.5
        net.open.set()
        until(lambda: run.history.edits)
        (edit,) = run.history.edits
        assert edit[1] == "momentum 0.9 → 0.5"


HOOKS = {
    "on_epoch_begin": 1.0,
    "on_batch_begin": 1 + 1 / 6,
    "on_gradients": 1 + 1 / 6,
    "on_step_end": 1 + 1 / 6,
    "on_validation_begin": 2.0,
    "on_epoch_end": 2.0,
}


@pytest.mark.parametrize("hook", HOOKS)
def test_an_edit_at_any_moment_of_an_epoch_is_noted(hook):
    """The run's own thread stands in for another one that edits just then."""
    net = model()
    optimizer = sgd(net, lr=0.1)

    class Edits(Callback):
        pass

    def edit(_callback, run, *batch):
        if run.epoch == 2:
            optimizer.param_groups[0]["lr"] = 0.05
        return batch

    setattr(Edits, hook, edit)
    history = train(request(net, optimizer, callbacks=[Edits()], epochs=3), lambda _: None)
    assert history.edits == [(pytest.approx(HOOKS[hook]), "lr 0.1 → 0.05")]


def test_an_edit_during_validation_or_between_epochs_is_noted():
    net = model()
    optimizer = sgd(net, lr=0.1)
    validation = loader(48, shuffle=False, seed=1)

    class Edits:
        """Validation batches in the middle of which somebody edits."""

        def __iter__(self):
            optimizer.param_groups[0]["lr"] = 0.05
            return iter(validation)

    def watch(event):
        if isinstance(event, EpochEnded):
            optimizer.param_groups[0]["lr"] = 0.1

    history = train(request(net, optimizer, val_loader=Edits(), epochs=2), watch)
    there, back = "lr 0.1 → 0.05", "lr 0.05 → 0.1"
    assert history.edits == [(1.0, there), (1.0, back), (2.0, there)]
    assert history.lr == [0.1, 0.1]  # at the end of the epoch's training


@pytest.mark.parametrize(
    ("rates", "rate", "after"),
    [
        ([0.1], 0.01, [0.01]),
        ([0.1, 0.1], 0.01, [0.01, 0.01]),
        ([0.1, 0.01], 0.05, [0.05, 0.005]),
        ([0.0, 0.01], 0.05, [0.05, 0.05]),
        ([0.1, 0.01], 0.0, [0.0, 0.0]),
    ],
)
@pytest.mark.parametrize("tensor", [False, True])
def test_groups_keep_their_ratio(rates, rate, after, tensor):
    make = torch.tensor if tensor else float
    groups = [{"params": [nn.Parameter(torch.zeros(1))], "lr": make(each)} for each in rates]
    optimizer = torch.optim.Adam(groups, capturable=False, foreach=False)
    held = [group["lr"] for group in optimizer.param_groups]
    set_learning_rate(optimizer, rate)
    assert [float(group["lr"]) for group in optimizer.param_groups] == pytest.approx(after)
    assert learning_rate(optimizer) == pytest.approx(rate)
    if tensor:
        assert all(a is b["lr"] for a, b in zip(held, optimizer.param_groups, strict=True))


# -- time ---------------------------------------------------------------------------------------


def test_time_and_what_is_left_of_it_leave_pauses_out(monkeypatch):
    """A clock that a step moves by one second, and a rest by a thousand."""
    clock = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: clock[0])
    control, events = RunControl(), []

    class Ticks(Callback):
        def on_step_end(self, run):
            clock[0] += 1.0
            if run.batch == 3:
                control.pause()

    def watch(event):
        events.append(event)
        if event == RunPaused(0, True):
            clock[0] += 1000.0
            control.resume()

    train(request(epochs=2, val_loader=None, callbacks=[Ticks()]), watch, control)
    told = [e for e in events if isinstance(e, Progress)]
    assert [e.seconds for e in told if e.epoch == 1] == [1, 2, 3, 4, 5, 6]
    assert [e.eta for e in told] == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    assert [e.seconds for e in events if isinstance(e, EpochEnded)] == [6, 6]


# -- out of memory ------------------------------------------------------------------------------

HUGE = 1 << 50


class Hungry(nn.Module):
    """Asks for a petabyte in one of its batches."""

    def __init__(self, at, how="real"):
        super().__init__()
        self.net, self.calls, self.at, self.how = model(norm=True), 0, at, how

    def forward(self, x):
        self.calls += self.training
        y = self.net(x)
        if self.training and self.calls == self.at:
            if self.how == "real":
                torch.empty(HUGE, dtype=torch.uint8)
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return y


@pytest.mark.parametrize("how", ["real", "cuda"])
def test_out_of_memory_names_the_batch_and_leaves_the_last_whole_step(how):
    net, twin = Hungry(9, how), Hungry(0)
    events = []
    with pytest.raises(ClassGameError) as error:
        train(request(net, sgd(net), seed=5), events.append)
    assert str(error.value) == (
        "out of memory on cpu in batch 3 of epoch 2 (16 images of 3x8x8); "
        "give the loader batch_size=8 and %train --accumulate 2"
    )
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    assert ended.message == f"{error.value}; model and optimizer are as at the last whole step"
    assert (ended.stopped_by, ended.epochs_begun) == ("error", 2)

    class Stops(Callback):
        def on_step_end(self, run):
            if (run.epoch, run.batch) == (2, 2):
                run.control.stop()

    train(request(twin, sgd(twin), seed=5, callbacks=[Stops()]), lambda _: None)
    assert fingerprint(net) == fingerprint(twin)  # batch norm's buffers are part of it
    assert all(p.grad is None for p in net.parameters())


def test_out_of_memory_in_the_first_batch_trains_nothing():
    net = Hungry(1)
    before = fingerprint(net)
    with pytest.raises(ClassGameError, match="in batch 1 of epoch 1"):
        train(request(net, sgd(net)), lambda _: None)
    assert fingerprint(net) == before


def test_out_of_memory_halfway_through_accumulating_drops_the_gradients():
    net, twin = Hungry(4), Hungry(0)
    with pytest.raises(ClassGameError, match=r"batch_size=8 and %train --accumulate 4"):
        train(request(net, sgd(net), seed=5, accumulate=2), lambda _: None)

    class Stops(Callback):
        def on_step_end(self, run):
            run.control.stop()

    train(request(twin, sgd(twin), seed=5, accumulate=2, callbacks=[Stops()]), lambda _: None)
    assert fingerprint(net) == fingerprint(twin)


def test_out_of_memory_in_the_optimizer_goes_back_to_the_last_good_epoch():
    class Fat(torch.optim.SGD):
        steps = 0

        def step(self, closure=None):
            self.steps += 1
            with torch.no_grad():
                next(iter(self.param_groups[0]["params"])).add_(1.0)  # half a step
            if self.steps == 9:
                torch.empty(HUGE, dtype=torch.uint8)
            return super().step(closure)

    net, twin = model(), model()
    events = []
    with pytest.raises(ClassGameError, match="in batch 3 of epoch 2"):
        train(request(net, Fat(net.parameters(), lr=0.1), seed=5), events.append)
    assert "as they were after epoch 1" in events[-1].message
    train(request(twin, Fat(twin.parameters(), lr=0.1), seed=5, epochs=1), lambda _: None)
    assert fingerprint(net) == fingerprint(twin)


def test_what_filled_the_memory_is_let_go():
    kept = []

    class Fat(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(192, 3)

        def forward(self, x):
            import weakref

            large = x * 2
            kept.append(weakref.ref(large))
            torch.empty(HUGE, dtype=torch.uint8)
            return self.fc(large.flatten(1))

    net = Fat()
    with pytest.raises(ClassGameError) as error:
        train(request(net, sgd(net), val_loader=None), lambda _: None)
    assert error.value.__cause__ is not None
    assert [reference() for reference in kept] == [None]
