"""``--warmup``: the rate rises step by step, then the schedule takes its course."""

import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import Batches, Probe, after, request, run
from torch.optim import lr_scheduler

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.events import EpochEnded, HandEdited
from jupyter_classgame.training.callbacks.warmup import WarmUp
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.weights_fingerprint import fingerprint

STEPS = 6


def risen(epochs, rate=0.3):
    """The rates of the steps of a warm-up."""
    return [rate * (step + 1) / (epochs * STEPS) for step in range(epochs * STEPS)]


def test_a_warm_up_that_is_over_is_told():
    assert run(warmup=2, epochs=1).notes == ()
    assert run(warmup=2, epochs=1, first_epoch=1).notes == ()
    (note,) = run(warmup=2, epochs=1, first_epoch=2).notes
    assert note.startswith("--warmup 2: the rate does not rise")
    assert "trained for 2 epochs before" in note


def rate_of(optimizer):
    return optimizer.param_groups[0]["lr"]


def test_the_rate_rises_in_equal_steps_and_the_schedule_follows():
    net, probe = model(), Probe()
    optimizer = sgd(net)
    scheduler = lr_scheduler.StepLR(optimizer, 1, 0.1)
    history = run(net, optimizer, scheduler=scheduler, epochs=4, warmup=2, probes=[probe])
    assert probe.rates == pytest.approx([*risen(2), *[0.3] * 6, *[0.03] * 6])
    assert history.lr == pytest.approx([0.15, 0.3, 0.3, 0.03])
    assert scheduler.last_epoch == 2
    assert history.edits == []


@pytest.mark.parametrize(
    "build",
    [
        lambda o: lr_scheduler.CosineAnnealingLR(o, 3),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.5 ** (epoch + 1)),
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.ConstantLR(o, 0.5), lr_scheduler.ExponentialLR(o, 0.5)], [2]
        ),
    ],
)
def test_a_schedule_is_the_same_after_a_warm_up(build):
    alone, warmed = model(), model()
    first, second = sgd(alone), sgd(warmed)
    plain = run(alone, first, scheduler=build(first), epochs=3)
    history = run(warmed, second, scheduler=build(second), epochs=5, warmup=2)
    assert history.lr[2:] == pytest.approx(plain.lr)


def test_a_plateau_schedule_does_not_look_while_the_rate_rises():
    net = model()
    optimizer = sgd(net)
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0, threshold=10.0)
    history = run(net, optimizer, scheduler=scheduler, epochs=4, warmup=2)
    assert scheduler.last_epoch == 2
    assert history.lr == pytest.approx([0.15, 0.3, 0.3, 0.03])


@pytest.mark.parametrize("schedule", [False, True])
def test_two_epochs_twice_are_four(schedule):
    once, twice = model(dropout=0.3), model(dropout=0.3)
    first, second = sgd(once), sgd(twice)

    def build(optimizer):
        return lr_scheduler.ExponentialLR(optimizer, 0.5) if schedule else None

    scheduler = build(second)
    run(once, first, scheduler=build(first), epochs=4, warmup=3, seed=2)
    run(twice, second, scheduler=scheduler, epochs=2, warmup=3, seed=2)
    assert rate_of(second) == 0.3
    run(twice, second, scheduler=scheduler, epochs=2, warmup=3, seed=2, first_epoch=2)
    assert fingerprint(once) == fingerprint(twice)
    assert rate_of(first) == rate_of(second)


@pytest.mark.parametrize("number", [2, 9])
def test_a_run_stopped_within_the_warm_up_leaves_the_users_rate(number):
    net, control = model(), RunControl()
    optimizer = sgd(net)
    batches = Batches(number, control.stop)
    history = run(net, optimizer, train_loader=batches, control=control, epochs=9, warmup=3)
    assert history.stopped_by == "user"
    assert rate_of(optimizer) == 0.3


@pytest.mark.parametrize("number", [3, 9])
def test_so_does_one_whose_loss_is_not_finite(number):
    net = model()
    optimizer = sgd(net)

    def spoil():
        with torch.no_grad():
            net.fc.weight.fill_(float("nan"))

    history = run(net, optimizer, train_loader=Batches(number, spoil), epochs=9, warmup=3)
    assert history.stopped_by == "nan"
    assert rate_of(optimizer) == 0.3


def test_a_model_past_the_warm_up_has_none():
    probe = Probe()
    run(epochs=1, warmup=2, first_epoch=2, probes=[probe])
    assert probe.rates == [0.3] * 6


def test_a_rate_set_by_hand_holds_and_is_told_as_such():
    net, probe, told = model(), Probe(), []
    optimizer = sgd(net)

    def edit():
        optimizer.param_groups[0]["lr"] = 0.05

    history = run(
        net, optimizer, train_loader=Batches(3, edit), epochs=3, warmup=2, probes=[probe],
        publish=told.append,
    )  # fmt: skip
    assert probe.rates == pytest.approx([*risen(2)[:2], *[0.05] * 16])
    assert rate_of(optimizer) == 0.05
    assert [event.text for event in told if isinstance(event, HandEdited)] == ["lr 0.075 → 0.05"]
    assert len(history.edits) == 1


def test_a_rate_set_between_epochs_holds_too():
    net, probe = model(), Probe()
    optimizer = sgd(net)

    def edit(event):
        if isinstance(event, EpochEnded) and event.epoch == 1:
            optimizer.param_groups[0]["lr"] = 0.05

    history = run(net, optimizer, epochs=3, warmup=2, probes=[probe], publish=edit)
    assert probe.rates == pytest.approx([*risen(2)[:6], *[0.05] * 12])
    assert len(history.edits) == 1


def test_the_other_group_goes_on_after_an_edit():
    net = model()
    groups = [{"params": net.conv.parameters(), "lr": 0.2}, {"params": net.fc.parameters()}]
    optimizer = torch.optim.SGD(groups, lr=0.3)
    probe = Probe(lambda run: run.optimizer.param_groups[1]["lr"])

    def edit():
        optimizer.param_groups[0]["lr"] = 0.04

    run(net, optimizer, train_loader=Batches(3, edit), epochs=2, warmup=2, probes=[probe])
    assert probe.rates == pytest.approx([*risen(2, 0.2)[:2], *[0.04] * 10])
    assert probe.seen == pytest.approx(risen(2))
    assert [group["lr"] for group in optimizer.param_groups] == [0.04, 0.3]


def test_steps_are_counted_and_not_batches():
    probe = Probe()
    run(epochs=2, warmup=1, accumulate=4, probes=[probe])  # 4 and 2 batches
    assert probe.rates == pytest.approx([0.15, 0.3, 0.3, 0.3])


def test_without_a_length_the_rate_rises_by_the_epoch():
    class Unsized:
        def __iter__(self):
            return iter(list(loader(shuffle=False)))

    probe = Probe()
    run(train_loader=Unsized(), epochs=3, warmup=2, probes=[probe])
    assert probe.rates == pytest.approx([*[0.15] * 6, *[0.3] * 12])


def test_a_rate_that_is_a_tensor_stays_the_same_tensor():
    net, probe = model(), Probe()
    rate = torch.tensor(0.3)
    optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    run(net, optimizer, epochs=2, warmup=1, probes=[probe])
    assert rate_of(optimizer) is rate
    assert probe.rates == pytest.approx([*risen(1), *[0.3] * 6])


def test_a_warm_up_goes_on_from_its_state():
    whole, first, rest = Probe(), Probe(), Probe()
    run(epochs=3, warmup=2, probes=[whole])
    net, states = model(), []
    optimizer = sgd(net)
    warmup = WarmUp(2)

    class Keeper(Probe):
        def on_epoch_end(self, run, _numbers):
            states.append((warmup.state_dict(), rate_of(run.optimizer)))

    run(net, optimizer, epochs=1, callbacks=[warmup, first, Keeper()])
    state, rate = states[0]
    optimizer.param_groups[0]["lr"] = rate  # as at the end of the epoch, in the kernel that died
    again = WarmUp(2)
    again.load_state_dict(state)
    run(net, optimizer, epochs=3, start=after(1), callbacks=(again, rest))
    assert first.rates + rest.rates == pytest.approx(whole.rates)


@pytest.mark.parametrize(
    "build",
    [
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=99),
        lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1),
    ],
)
def test_schedules_that_rise_by_themselves_are_refused(build):
    net = model()
    optimizer = sgd(net)
    with pytest.raises(TrainingError, match=r"^--warmup 2: (OneCycle|Cyclic)LR rises by itself"):
        request(net, optimizer, scheduler=build(optimizer), warmup=2)
