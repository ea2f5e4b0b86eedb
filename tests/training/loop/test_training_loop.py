import gc
import os
import random
import signal
import threading
import weakref

import numpy as np
import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import bare_request as request
from helpers.runs import quiet
from torch import nn

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded, Progress, RunEnded, RunStarted
from jupyter_classgame.training.callbacks.early_stopping import EarlyStopping
from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.run.run_start import RunStart
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.weights_fingerprint import fingerprint


class Listener:
    def __init__(self):
        self.events = []

    def __call__(self, event):
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def gc_off():
    """Let objects go with their last reference, or not at all."""
    gc.disable()
    yield
    gc.enable()


def test_a_model_learns_in_place():
    net = model()
    optimizer = sgd(net)
    ids = [id(parameter) for parameter in net.parameters()]
    history = train(request(net, optimizer, epochs=8), quiet)
    assert [id(parameter) for parameter in net.parameters()] == ids
    assert history.val_acc[-1] == 1.0
    assert history.train_loss[-1] < history.train_loss[0]
    assert history.stopped_by == "epochs"
    assert all(optimizer.state[parameter] for parameter in net.parameters())


def test_the_numbers_are_those_of_a_loop_written_by_hand():
    net, twin = model(), model()
    batches = list(loader(50, shuffle=False))
    history = train(
        request(net, sgd(net), train_loader=batches, val_loader=batches, epochs=2), quiet
    )
    optimizer, criterion = sgd(twin), nn.CrossEntropyLoss()
    for epoch in range(2):
        total = correct = 0.0
        for images, labels in batches:
            optimizer.zero_grad()
            scores = twin(images)
            loss = criterion(scores, labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
            correct += (scores.argmax(1) == labels).sum().item()
        assert history.train_loss[epoch] == pytest.approx(total / 50, rel=1e-6)
        assert history.train_acc[epoch] == pytest.approx(correct / 50)
    with torch.no_grad():
        images, labels = (torch.cat(part) for part in zip(*batches, strict=True))
        assert history.val_loss[1] == pytest.approx(
            criterion(twin(images), labels).item(), rel=1e-5
        )
    assert fingerprint(net) == fingerprint(twin)


@pytest.mark.parametrize("norm", [False, True])
def test_five_epochs_twice_are_ten(norm):
    once, twice = model(norm=norm, dropout=0.3), model(norm=norm, dropout=0.3)
    train(request(once, epochs=4, seed=7), quiet)
    optimizer = sgd(twice)
    train(request(twice, optimizer, epochs=2, seed=7), quiet)
    train(request(twice, optimizer, epochs=2, seed=7, first_epoch=2), quiet)
    assert fingerprint(once) == fingerprint(twice)


def test_another_seed_is_another_run():
    one, other = model(), model()
    train(request(one, seed=1, epochs=1), quiet)
    train(request(other, seed=2, epochs=1), quiet)
    assert fingerprint(one) != fingerprint(other)


def test_only_numbers_change():
    net = model(norm=True, dropout=0.5)
    net.eval()
    net.drop.train()
    modes = [module.training for module in net.modules()]
    attributes = set(vars(net))
    states = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    train(request(net), quiet)
    assert [module.training for module in net.modules()] == modes
    assert set(vars(net)) == attributes
    assert not net._forward_hooks
    assert not net._forward_pre_hooks
    assert random.getstate() == states[0]
    assert np.random.get_state()[1].tolist() == states[1]
    assert torch.equal(torch.get_rng_state(), states[2])


def test_nothing_of_a_run_outlives_it(gc_off):
    net = model()
    optimizer = sgd(net)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    history = train(request(net, optimizer, scheduler=scheduler, epochs=1), quiet)
    references = [weakref.ref(scheduler), weakref.ref(optimizer), weakref.ref(net)]
    del net, optimizer, scheduler
    assert [reference() for reference in references] == [None, None, None]
    assert len(history) == 1


def test_one_hot_targets_give_the_same_accuracy():
    net = model()
    batches = loader(one_hot=True)
    history = train(request(net, train_loader=batches, val_loader=batches, epochs=6), quiet)
    assert history.val_acc[-1] == 1.0


def test_any_criterion_will_do():
    net = model()
    data = loader(one_hot=True)
    criterion = nn.BCEWithLogitsLoss()
    history = train(request(net, train_loader=data, val_loader=data, criterion=criterion), quiet)
    assert len(history.train_loss) == 3
    net = model()

    def focal(scores, targets):
        return (nn.functional.cross_entropy(scores, targets, reduction="none") ** 2).mean()

    assert len(train(request(net, criterion=focal), quiet)) == 3


def test_a_summed_loss_is_told_by_the_image():
    mean = train(request(epochs=1, optimizer=None), quiet)
    net = model()
    criterion = nn.CrossEntropyLoss(reduction="sum")
    summed = train(request(net, sgd(net, lr=0.3 / 16), criterion=criterion, epochs=1), quiet)
    assert summed.val_loss[0] == pytest.approx(mean.val_loss[0], rel=1e-4)


def test_without_validation_the_training_accuracy_decides():
    history = train(request(val_loader=None), quiet)
    assert (history.val_loss, history.val_acc) == ([], [])
    assert history.monitor == "train_acc"
    assert history.best_epoch == 1 + int(np.argmax(history.train_acc))
    assert list(history.frame().columns) == ["train_loss", "train_acc", "lr", "seconds"]


def test_events_tell_the_run():
    listener = Listener()
    history = train(request(), listener, start=RunStart(number=4, label="run 4: model"))
    assert isinstance(listener.events[0], RunStarted)
    assert isinstance(listener.events[-1], RunEnded)
    ended = listener.of(EpochEnded)
    assert [event.epoch for event in ended] == [1, 2, 3]
    assert [event.val_acc for event in ended] == history.val_acc
    assert listener.events[-1].epochs == tuple(history.event(epoch) for epoch in (1, 2, 3))
    assert listener.events[-1].stopped_by == history.stopped_by == "epochs"


def test_progress_is_told_now_and_then(monkeypatch):
    monkeypatch.setattr("jupyter_classgame.training.loop.training_loop.PROGRESS_SECONDS", 0.0)
    listener = Listener()
    train(request(epochs=1), listener)
    told = listener.of(Progress)
    assert [event.batch for event in told] == [1, 2, 3, 4, 5, 6]
    assert all(event.batches == 6 and event.eta is not None for event in told)


class Stopping:
    """Batches that stop the run while they are handed out."""

    def __init__(self, control, after, signal_=None):
        self.batches, self.control, self.after, self.signal = (
            list(loader()),
            control,
            after,
            signal_,
        )
        self.given = 0

    def __iter__(self):
        for batch in self.batches:
            self.given += 1
            if self.given == self.after:
                if self.signal:
                    os.kill(os.getpid(), self.signal)
                else:
                    self.control.stop()
            yield batch


@pytest.mark.parametrize("how", [None, signal.SIGINT])
def test_a_stopped_run_keeps_every_whole_step(how):
    control = RunControl()
    net, twin = model(), model()
    history = train(request(net, train_loader=Stopping(control, 8, how), seed=3), quiet, control)
    assert history.stopped_by == "user"
    assert len(history) == 1
    assert history.epochs_begun == 2
    assert "epoch 2, after batch 2" in history.message
    assert control.interrupted == (how is not None)
    optimizer = sgd(twin)
    for images, labels in [*loader_batches(), *loader_batches()[:2]]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(twin(images), labels).backward()
        optimizer.step()
    assert history.train_loss
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def loader_batches():
    return list(loader(shuffle=False))


def test_a_second_interrupt_goes_back_to_the_last_good_epoch():
    class Stubborn(Stopping):
        def __iter__(self):
            for batch in self.batches:
                self.given += 1
                if self.given == 8:
                    os.kill(os.getpid(), signal.SIGINT)
                    os.kill(os.getpid(), signal.SIGINT)
                yield batch

    net, twin = model(), model()
    control = RunControl()
    batches = Stubborn(control, 0)
    history = train(request(net, train_loader=batches, seed=3), quiet, control)
    assert history.stopped_by == "user"
    assert "as they were after epoch 1" in history.message
    train(request(twin, train_loader=batches.batches, seed=3, epochs=1), quiet)
    assert fingerprint(net) == fingerprint(twin)


def test_a_run_in_another_thread_can_be_stopped():
    control = RunControl()
    histories = []
    thread = threading.Thread(
        target=lambda: histories.append(
            train(request(train_loader=Stopping(control, 3)), quiet, control)
        )
    )
    thread.start()
    thread.join(60)
    assert histories[0].stopped_by == "user"


def test_a_loss_that_is_not_finite_goes_back_and_names_the_batch():
    net = model()
    optimizer = sgd(net)
    train(request(net, optimizer, epochs=1), quiet)
    before = fingerprint(net)
    state = {p: s["momentum_buffer"].clone() for p, s in optimizer.state.items()}
    optimizer.param_groups[0]["lr"] = 1e30
    history = train(request(net, optimizer), quiet)
    assert history.stopped_by == "nan"
    assert "batch 2 of epoch 1 (learning rate 1e+30)" in history.message
    assert "as they were before the run" in history.message
    assert fingerprint(net) == before
    assert all(torch.equal(optimizer.state[p]["momentum_buffer"], s) for p, s in state.items())


def test_a_buffer_of_infinities_is_none_of_the_runs_business():
    net = model()
    net.register_buffer("mask", torch.full((3, 3), float("-inf")).triu(1))
    history = train(request(net, epochs=2), quiet)
    assert (history.stopped_by, len(history)) == ("epochs", 2)
    net.register_buffer("seen", torch.zeros(1))

    def spoil(module, *_):
        module.seen.fill_(float("nan"))

    net.register_forward_hook(spoil)
    assert train(request(net, epochs=2), quiet).stopped_by == "nan"


def test_a_listener_that_fails_leaves_what_the_message_says():
    net = model()
    ended = []

    def fail(event):
        if isinstance(event, EpochEnded):
            ended.append(fingerprint(net))
            if event.epoch == 2:
                raise RuntimeError("a listener's mistake")

    with pytest.raises(RuntimeError, match="a listener's mistake"):
        train(request(net), fail)
    assert fingerprint(net) == ended[1]  # all of epoch 2, as its numbers say


class Failing(nn.Module):
    def __init__(self, after):
        super().__init__()
        self.net, self.calls, self.after = model(norm=True), 0, after

    def forward(self, x):
        self.calls += self.training
        if self.calls == self.after:
            raise ValueError("my own mistake")
        return self.net(x)


def test_an_error_of_the_user_goes_back_to_the_last_good_epoch_and_is_raised():
    net, twin = Failing(9), Failing(1000)
    listener = Listener()
    with pytest.raises(ValueError, match="my own mistake"):
        train(request(net, sgd(net), seed=5), listener)
    ended = listener.events[-1]
    assert ended.stopped_by == "error"
    assert (
        "epoch 2, batch 3 (model); model and optimizer are as they were after epoch 1"
        in ended.message
    )
    train(request(twin, sgd(twin), seed=5, epochs=1), quiet)
    assert fingerprint(net) == fingerprint(twin)


@pytest.mark.parametrize("keep", ["last", "best"])
def test_keeping_the_best_epoch(keep):
    net = model()
    optimizer = sgd(net, lr=0.05)
    weights = []

    def watch(event):
        if isinstance(event, EpochEnded):
            weights.append(fingerprint(net))
            optimizer.param_groups[0]["lr"] = -1.0 if event.epoch >= 2 else 0.3

    history = train(request(net, optimizer, epochs=4, keep=keep, monitor="val_loss"), watch)
    assert history.best_epoch == 2
    assert fingerprint(net) == weights[1 if keep == "best" else 3]


def test_patience_ends_a_run_that_gets_no_better():
    net = model()
    history = train(request(net, sgd(net, lr=0.0), epochs=9, callbacks=[EarlyStopping(2)]), quiet)
    assert history.stopped_by == "patience"
    assert len(history) == 3
    assert history.best_epoch == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train_loader": []}, "train_loader gives no batch"),
        ({"val_loader": iter([])}, "iterated once only"),
        ({"train_loader": loader().dataset}, "is a dataset"),
        ({"train_loader": 5}, "gives no batches"),
        ({"criterion": 5}, "cannot be called"),
        ({"monitor": "speed"}, "--monitor speed"),
        ({"monitor": "val_acc", "val_loader": None}, "no val_loader"),
        ({"optimizer": "sgd"}, "optimizer: a str has no step"),
        ({"net": "net", "optimizer": sgd(model())}, "model: a torch.nn.Module is needed"),
    ],
)
def test_a_wrong_plan_is_refused_in_one_line(options, message):
    with pytest.raises(TrainingError, match=message) as refused:
        request(**options)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": 7}, "gives 3 scores an image and there are 7 classes"),
        ({"train_loader": [torch.zeros(4, 3, 8, 8)]}, "gives a Tensor a batch"),
        ({"train_loader": [(1, 2, 3)]}, "gives a tuple of 3 a batch"),
        ({"criterion": lambda s, t: s}, r"criterion gives \(16, 3\)"),
        ({"net": nn.Conv2d(3, 3, 3)}, "class scores of shape"),
        ({"devices": "cuda:77"}, "no such device"),
        ({"devices": "abacus"}, "no such device"),
    ],
)
def test_what_shows_at_the_first_step_leaves_everything_as_it_was(options, message):
    net = options.pop("net", None) or model()
    before = fingerprint(net)
    with pytest.raises(TrainingError, match=message):
        train(request(net, **options), quiet)
    assert fingerprint(net) == before


def test_an_optimizer_without_a_closure_only():
    net = model()
    with pytest.raises(TrainingError, match="LBFGS"):
        request(net, torch.optim.LBFGS(net.parameters()))
