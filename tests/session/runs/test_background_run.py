"""Runs in the background: they begin in the cell, go on in a thread, and nobody disturbs them."""

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback

import pytest
import torch
from helpers.isolation.folders import many_epochs
from helpers.models import model, plain
from helpers.waiting import until
from torch import nn
from torch.utils.data import DataLoader

from jupyter_classgame import start_game
from jupyter_classgame.config import ClassGame
from jupyter_classgame.errors import ClassGameError, TrainingError
from jupyter_classgame.events import EpochEnded, RunEnded, RunStarted
from jupyter_classgame.session import run_registry
from jupyter_classgame.training.history import WaitInterrupted
from jupyter_classgame.training.run_control import RunControl

PATIENCE = 600
HOME = os.getpid()


@pytest.fixture
def game(image_folder, namespace, tmp_path):
    """A game whose rules let a run last."""
    config = ClassGame(rules=many_epochs(tmp_path))
    return start_game(image_folder, team="red", image_size=16, namespace=namespace, config=config)


@pytest.fixture
def slow(ready, namespace):
    """A game whose runs last until they are stopped; what is under way ends with the test."""
    begun = []
    namespace["train_loader"] = ready.loader("train", batch_size=8, transform=_slowly)

    def train(**options):
        begun.append(ready.train(epochs=100_000, background=True, **options))
        return begun[-1]

    yield train
    for history in begun:
        history.resume()
        history.stop()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(history._control, "_error", None)
            assert history.wait(PATIENCE)
    for thread in threading.enumerate():
        if thread.name.startswith("classgame-run"):
            thread.join(PATIENCE)


def _slowly(image):
    """Take a while in a run and in its loader's workers, but not where the referee looks."""
    if os.getpid() == HOME or multiprocessing.parent_process() is not None:
        time.sleep(0.03)
    return image


def test_it_gives_its_history_at_once_and_ends_like_any_other(ready):
    events = []
    ready.events.subscribe(events.append)
    history = ready.train(epochs=2, background=True)
    assert history.label == "run 1: model"
    assert history.wait(PATIENCE)
    assert (history.stopped_by, len(history), history.running) == ("epochs", 2, False)
    assert ready.histories == [history]
    assert ready.runs().runs[0].epochs == 2
    assert isinstance(events[-1], RunEnded)


def test_its_numbers_are_those_of_a_run_in_the_foreground(ready, namespace, every_step):
    def edit(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            namespace["optimizer"].param_groups[0]["lr"] *= 0.5

    ready.events.subscribe(edit)
    losses = []
    for background in (False, True):
        namespace["model"] = model()
        namespace["optimizer"] = plain(namespace["model"])
        history = ready.train(epochs=2, seed=5, background=background)
        assert history.wait(PATIENCE)
        losses.append(history.train_loss)
        assert (len(history.edits), history.ranked) == (1, True), history.notes
        assert (history.audits > 1, history.failed_audits) == (True, 0)
    assert losses[0] == losses[1]


def test_while_it_runs_it_says_so(slow):
    history = slow()
    assert history.running
    assert history.stopped_by is None
    assert repr(history).startswith("History(run 1: model: under way, ")
    assert not history.wait(0.05)


def test_it_is_a_daemon_with_a_name(slow):
    slow()
    (thread,) = (t for t in threading.enumerate() if t.name.startswith("classgame-run"))
    assert thread.daemon
    assert thread.name == "classgame-run-1"


def test_what_is_to_be_refused_is_refused_in_the_cell(ready, namespace):
    with pytest.raises(TrainingError, match="--epochs 100001"):
        ready.train(epochs=100_001, background=True)
    assert ready.runs().runs == ()
    assert len(ready.train(epochs=1)) == 1  # nothing is under way


def test_a_second_run_on_the_same_model_is_refused_naming_the_first(slow, ready, namespace):
    namespace["history"] = slow()
    before = len(ready.runs().runs)
    with pytest.raises(TrainingError) as error:
        ready.train(epochs=1, optimizer=plain(namespace["model"]))
    assert str(error.value) == (
        "model: in use, run 1: model is under way; history.wait() or history.stop() first"
    )
    with pytest.raises(TrainingError, match=r"^optimizer: in use, run 1: model is"):
        ready.lr_find()
    assert len(ready.runs().runs) == before
    namespace["history"].stop()
    namespace["history"].wait()
    assert len(ready.train(epochs=1)) == 1


def test_the_same_optimizer_or_shared_weights_are_refused(slow, ready, namespace):
    namespace["h"] = slow()
    with pytest.raises(TrainingError, match=r"^optimizer: in use, run 1: .*; h.wait\(\) or h.stop"):
        ready.train(model(), namespace["optimizer"])
    shares = nn.Sequential(namespace["model"].conv, nn.Flatten(), nn.Linear(6 * 16 * 16, 3))
    with pytest.raises(TrainingError, match=r"^model: in use, run 1"):
        ready.train(shares, plain(shares))


def test_another_team_of_the_kernel_cannot_take_the_model_either(slow, image_folder, namespace):
    slow()
    other = start_game(image_folder, team="blue", image_size=16, namespace=namespace)
    namespace["train_loader"] = other.loader("train", batch_size=8)
    namespace["val_loader"] = other.loader("val")
    with pytest.raises(TrainingError, match="in use, run 1"):
        other.train(epochs=1)


def test_another_model_may_train_at_the_same_time(slow, ready, namespace):
    first = slow()
    net = model(1)
    second = ready.train(net, plain(net), epochs=2, data=ready.loader("train", batch_size=8))
    assert second.stopped_by == "epochs"
    assert first.running
    third = slow(model=net, optimizer=plain(net), practice=True)
    assert third.running
    assert first.running


def test_one_set_of_workers_cannot_feed_two_runs(slow, ready, namespace):
    data = ready.dataset("train", transform=_slowly)
    feed = DataLoader(data, 8, shuffle=True, num_workers=1, persistent_workers=True)
    slow(data=feed)
    net = model(1)
    with pytest.raises(TrainingError, match=r"^train_loader with persistent_workers: in use"):
        ready.train(net, plain(net), data=feed)


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 3)
        self.calls = 0

    def forward(self, _images):
        self.calls += 1
        raise ValueError("my own mistake")


def test_an_error_is_written_with_the_users_frames_and_raised_by_wait(ready, capsys):
    net = Broken()
    history = ready.train(net, plain(net), background=True, practice=True, force=True)
    for _ in range(2):
        with pytest.raises(ValueError, match="my own mistake"):
            history.wait()
    assert history.stopped_by == "error"
    assert "ValueError in epoch 1, batch 1 (model)" in history.message
    for thread in threading.enumerate():
        if thread.name.startswith("classgame-run"):
            thread.join(PATIENCE)
    told = capsys.readouterr().err
    assert told.startswith("run 1: Broken was ended by an error, which history.wait() raises too")
    assert 'raise ValueError("my own mistake")' in told
    assert "jupyter_classgame/" not in told
    assert "_call_impl" not in told
    assert run_registry._runs == []


def test_a_mistake_found_at_a_later_batch_is_written_in_one_line(ready, namespace, capsys):
    class Shrinks(nn.Module):
        def __init__(self):
            super().__init__()
            self.net, self.calls = model(), 0

        def forward(self, x):
            self.calls += self.training
            y = self.net(x)
            return y if self.calls < 3 else y.detach()

    net = Shrinks()
    history = ready.train(net, plain(net), background=True, practice=True, epochs=2)
    with pytest.raises(TrainingError, match="no gradient"):
        history.wait()
    for thread in threading.enumerate():
        if thread.name.startswith("classgame-run"):
            thread.join(PATIENCE)
    first, second = capsys.readouterr().err.splitlines()
    assert "ended by an error" in first
    assert second.startswith("TrainingError: the loss has no gradient")


def test_the_random_state_of_the_cells_is_not_set_back(ready):
    history = ready.train(epochs=1, background=True, seed=3)
    history.wait()
    state = torch.get_rng_state()
    ready.train(epochs=1, seed=3)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("workers", [0, 1])
def test_an_interrupt_leaves_it_alone_with_its_workers(slow, ready, workers):
    options = {"num_workers": workers, "persistent_workers": bool(workers)}
    if workers:  # with one's own beginning they are the loader's own, and last
        options["worker_init_fn"] = _begin
    data = ready.loader("train", batch_size=8, transform=_slowly, **options)
    others = _children()  # of earlier tests
    history = slow(data=data)
    until(lambda: len(history) >= 1)
    children = _children() - others
    assert len(children) == workers
    with pytest.raises(KeyboardInterrupt):
        _interrupt(*children, os.getpid())  # as to a whole group of processes
    epochs = len(history)
    until(lambda: len(history) > epochs + 1 or not history.running)
    assert history.running
    assert _children() >= children


def _begin(number):
    torch.manual_seed(number)


def _interrupt(*processes):
    for process in processes:
        os.kill(process, signal.SIGINT)
    time.sleep(PATIENCE)  # the interrupt of this process ends it


def _interrupt_the_waiting():
    """Interrupt the main thread once it waits for a run."""
    main = threading.main_thread().ident

    def waits():
        stack = traceback.walk_stack(sys._current_frames()[main])
        return any(frame.f_code is RunControl.wait.__code__ for frame, _ in stack)

    until(waits)
    os.kill(os.getpid(), signal.SIGINT)


def _children():
    return {child.pid for child in multiprocessing.active_children()}


def test_an_interrupt_ends_the_waiting_alone(slow):
    history = slow()
    threading.Thread(target=_interrupt_the_waiting, daemon=True).start()
    with pytest.raises(WaitInterrupted):
        history.wait()
    assert history.running


def test_scoring_lets_the_run_rest_between_two_steps(slow, ready, namespace):
    resting, history = [], None  # there is none yet as a batch is tried before the run

    class Watching(type(namespace["model"])):
        def forward(self, x):
            here = threading.current_thread() is threading.main_thread()
            if history is not None and not self.training and here:
                resting.append(history._control._resting.is_set())
            return super().forward(x)

    namespace["model"].__class__ = Watching
    history = slow(practice=True)
    until(lambda: len(history) >= 1)
    resting.clear()
    report = ready.evaluate()
    assert 0 <= report.accuracy <= 1
    verdict = ready.check()
    assert verdict is not None
    assert resting
    assert all(resting)
    epochs = len(history)
    until(lambda: len(history) > epochs)
    assert history.running
    until(lambda: namespace["model"].training)


def test_a_reset_under_a_ranked_run_is_refused(slow, ready, namespace):
    namespace["history"] = slow()
    with pytest.raises(ClassGameError, match=r"^reset: run 1: model is under way; history.wait"):
        ready.reset(yes=True)
    namespace["history"].stop()
    namespace["history"].wait()
    ready.reset(yes=True)


def test_a_reset_beside_practice_is_fine(slow, ready):
    slow(practice=True)
    ready.reset(yes=True)


def test_its_number_is_known_before_it_is_heard_of(ready):
    """So that a chart can tell this run's events from another's."""
    from jupyter_classgame.training.run_control import RunControl

    control, seen = RunControl(), []
    ready.events.subscribe(
        lambda event: seen.append(control.number) if isinstance(event, RunStarted) else None
    )
    ready.train(epochs=1, background=True, control=control).wait()
    assert seen == [1]
