"""``--ema``: an average beside the weights, with torch's own numbers."""

import copy
import os
import signal
import threading

import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import Batches, after, quiet, request, run
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from jupyter_classgame.events import EpochEnded
from jupyter_classgame.training.callbacks.ema import WeightAverage
from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.loop.validation import validate as measure
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.weights_fingerprint import fingerprint

DECAY = 0.8


def by_hand(epochs, steps=None, norm=True):
    """Train as a notebook would, with torch's own average; give the model and the average."""
    net = model(norm=norm)
    optimizer = sgd(net)
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(DECAY), use_buffers=True)
    batches = list(loader(shuffle=False)) * epochs
    net.train()
    for images, labels in batches[:steps]:
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()
        average.update_parameters(net)
    return net, average.module


def equal(net, other):
    mine, theirs = net.state_dict(), other.state_dict()
    assert mine.keys() == theirs.keys()
    for name, value in mine.items():
        if value.is_floating_point():  # torch rounds counters on their way, we copy them
            torch.testing.assert_close(value, theirs[name], rtol=1e-4, atol=1e-6)


def test_the_average_is_torchs_and_is_left_in_the_model_where_asked_for():
    net = model(norm=True)
    history = run(net, epochs=3, ema=DECAY, keep="ema")
    _, average = by_hand(3)
    equal(net, average)
    assert int(net.norm.num_batches_tracked) == 18
    assert history.message.endswith("the average of its weights was left in the model")


def test_it_is_measured_every_epoch_beside_the_weights():
    told = []
    history = run(model(norm=True), epochs=2, ema=DECAY, publish=told.append)
    net, average = by_hand(2)
    batches = loader(48, shuffle=False, seed=1)
    for module, loss, accuracy in (
        (net, history.val_loss, history.val_acc),
        (average, history.ema_val_loss, history.ema_val_acc),
    ):
        measured = measure(module, batches, nn.CrossEntropyLoss())
        assert loss[1] == pytest.approx(measured.loss(), rel=1e-5)
        assert accuracy[1] == measured.accuracy()
    assert history.ema_val_loss != history.val_loss
    ended = [event for event in told if isinstance(event, EpochEnded)]
    assert [event.ema_val_loss for event in ended] == history.ema_val_loss
    assert list(history.frame().ema_val_acc) == history.ema_val_acc


def test_training_is_the_same_with_and_without_it():
    plain, averaged = model(norm=True, dropout=0.3), model(norm=True, dropout=0.3)
    one = run(plain, epochs=3, seed=4)
    other = run(averaged, epochs=3, seed=4, ema=DECAY)
    assert fingerprint(plain) == fingerprint(averaged)
    assert one.val_loss == other.val_loss


def test_without_validation_it_is_not_measured_but_kept():
    net = model(norm=True)
    history = run(net, epochs=2, val_loader=None, ema=DECAY, keep="ema")
    assert history.ema_val_loss == []
    equal(net, by_hand(2)[1])


def test_a_stopped_run_leaves_the_average_of_its_whole_steps():
    net, control = model(norm=True), RunControl()
    batches = Batches(8, control.stop)
    history = run(net, train_loader=batches, control=control, ema=DECAY, keep="ema")
    assert history.stopped_by == "user"
    equal(net, by_hand(2, steps=8)[1])


def test_so_does_one_that_ends_by_patience():
    net = model()
    history = run(net, sgd(net, lr=0.0), epochs=9, patience=1, ema=DECAY, keep="ema")
    assert history.stopped_by == "patience"
    assert "average" in history.message


def test_after_a_loss_that_is_not_finite_the_weights_are_kept():
    net = model(norm=True)

    def spoil():
        with torch.no_grad():
            net.fc.weight.fill_(float("nan"))

    history = run(net, train_loader=Batches(9, spoil), ema=DECAY, keep="ema")
    assert history.stopped_by == "nan"
    equal(net, by_hand(1)[0])


def test_after_an_error_too():
    net = model(norm=True)

    def fail():
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        run(net, train_loader=Batches(9, fail), ema=DECAY, keep="ema")
    equal(net, by_hand(1)[0])


def test_a_second_interrupt_goes_back_to_the_average_of_the_last_good_epoch():
    net = model(norm=True)

    def interrupt():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    history = run(net, train_loader=Batches(9, interrupt), ema=DECAY, keep="ema")
    assert "as they were after epoch 1" in history.message
    equal(net, by_hand(1)[1])


def test_a_stop_while_the_average_is_measured_ends_the_run_without_that_epoch():
    net, control = model(norm=True), RunControl()
    batches = Batches(3, control.stop, 48)  # 3 batches for the average, then 3 for the weights
    history = run(net, val_loader=batches, control=control, ema=DECAY)
    assert (history.stopped_by, len(history), history.ema_val_loss) == ("user", 0, [])
    equal(net, by_hand(1)[0])


def test_an_error_while_it_is_measured_leaves_the_model_its_own_weights():
    net = model(norm=True)

    def fail():
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        run(net, val_loader=Batches(7, fail, 48), epochs=2, ema=DECAY)
    equal(net, by_hand(1)[0])


class Locked(nn.Module):
    """Cannot be copied, and keeps a hook of its own."""

    def __init__(self):
        super().__init__()
        self.net, self.lock = model(norm=True), threading.Lock()

    def forward(self, x):
        with self.lock:
            return self.net(x)


def test_the_module_keeps_no_trace_and_need_not_be_copied():
    net = Locked()
    with pytest.raises(TypeError):
        copy.deepcopy(net)
    before = {name: id(tensor) for name, tensor in net.state_dict(keep_vars=True).items()}
    attributes = [set(vars(module)) for module in net.modules()]
    run(net, epochs=2, ema=DECAY, keep="ema", channels_last=None)
    after = {name: id(tensor) for name, tensor in net.state_dict(keep_vars=True).items()}
    assert after == before
    assert [set(vars(module)) for module in net.modules()] == attributes
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())
    equal(net.net, by_hand(2)[1])


def test_an_average_goes_on_from_its_state():
    net = model(norm=True)
    optimizer, average = sgd(net), WeightAverage(DECAY)
    run(net, optimizer, epochs=1, callbacks=[average])
    state = copy.deepcopy(average.state_dict())
    assert all(isinstance(tensor, torch.Tensor) for tensor in state["average"].values())
    again = WeightAverage(DECAY, keep=True)
    again.load_state_dict(state)
    train(request(net, optimizer, epochs=2, callbacks=(again,)), quiet, start=after(1))
    equal(net, by_hand(2)[1])


def test_a_buffer_that_is_put_in_anothers_place_is_followed():
    class Counting(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = model()
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, x):
            if self.training:
                self.seen = self.seen + len(x)
            return self.net(x)

    net = Counting()
    run(net, epochs=1, ema=0.5, keep="ema", val_loader=None)
    average = 16.0
    for step in range(2, 7):
        average = 0.5 * average + 0.5 * 16 * step
    assert float(net.seen) == pytest.approx(average)
