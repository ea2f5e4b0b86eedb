"""Optimizers of pytorch_optimizer: they keep counters and phases in their parameter groups."""

import pytest
import torch
from helpers.models import loader, model
from helpers.runs import Batches, Probe, run
from pytorch_optimizer import SWATS, ScheduleFreeSGD, ScheduleFreeWrapper, Yogi
from torch import nn

from jupyter_classgame.training.run.snapshot import Snapshot
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.training.state.weights_fingerprint import fingerprint


def yogi(net, **given):
    return Yogi(net.parameters(), **{"lr": 0.01, **given})


def swats(net, **given):
    return SWATS(net.parameters(), **{"lr": 0.01, **given})


@pytest.mark.parametrize("build", [yogi, swats])
def test_the_weights_are_those_of_a_loop_written_by_hand(build):
    net, twin = model(norm=True), model(norm=True)
    history = run(net, build(net), epochs=2)
    optimizer = build(twin)
    twin.train()
    for images, labels in list(loader(shuffle=False)) * 2:
        optimizer.zero_grad()
        nn.functional.cross_entropy(twin(images), labels).backward()
        optimizer.step()
    assert fingerprint(net) == fingerprint(twin)
    assert history.edits == []  # a counter that goes up is no edit by hand


def test_a_rate_set_by_hand_is_still_noticed():
    net = model()
    optimizer = yogi(net)

    def edit():
        optimizer.param_groups[0]["lr"] = 0.001

    history = run(net, optimizer, train_loader=Batches(9, edit), epochs=2)
    assert history.edits == [(pytest.approx(1 + 2 / 6), "lr 0.01 → 0.001")]


@pytest.mark.parametrize("build", [yogi, swats])
@pytest.mark.parametrize("steps", [0, 6])
def test_a_snapshot_brings_the_groups_back_as_they_were(build, steps):
    net, images, labels = model(), *next(iter(loader(shuffle=False)))
    optimizer = build(net)

    def step(count):
        for _ in range(count):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images), labels).backward()
            optimizer.step()

    step(steps)
    groups = [dict(group) for group in optimizer.param_groups]
    snapshot = Snapshot(net, [optimizer], None)
    step(3)
    once = fingerprint(net)
    assert optimizer.param_groups[0]["step"] == steps + 3
    snapshot.restore()
    assert [dict(group) for group in optimizer.param_groups] == groups
    step(3)
    assert fingerprint(net) == once


def test_every_trick_goes_with_it():
    net, probe = model(norm=True), Probe()
    optimizer = yogi(net)
    second = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    history = run(
        net, optimizer, epochs=4, warmup=2, clip=1.0, ema=0.8, keep="ema", smooth="0.1:0.0",
        accumulate=2, then=second, at=4, channels_last=None, probes=[probe],
    )  # fmt: skip
    expected = [0.01 * (step + 1) / 6 for step in range(6)]
    assert probe.rates == pytest.approx([*expected, *[0.01] * 3, *[0.1] * 3])
    assert optimizer.param_groups[0]["step"] == 9
    assert len(history.ema_val_acc) == 4


def test_swats_by_its_own_and_by_hand():
    net, other = model(), model()
    one = run(net, swats(net), epochs=12)
    first = torch.optim.Adam(other.parameters(), lr=0.01)
    second = torch.optim.SGD(other.parameters(), lr=0.1, momentum=0.9)
    two = run(other, first, epochs=12, then=second, at=7)
    assert one.val_loss[-1] < one.val_loss[0]
    assert two.val_loss[-1] < two.val_loss[5] < two.val_loss[0]


def test_weights_keep_their_layout_with_an_optimizer_that_may_not_know_another():
    def look(run):
        return run.request.model.conv.weight.is_contiguous(memory_format=torch.channels_last)

    for build, moved in ((swats, False), (lambda net: torch.optim.Adam(net.parameters()), True)):
        net, probe = model(), Probe(look)
        run(net, build(net), epochs=1, channels_last=None, probes=[probe])
        assert set(probe.seen) == {moved}


FREE = [
    lambda net: ScheduleFreeSGD(net.parameters(), lr=0.3),
    lambda net: ScheduleFreeWrapper(torch.optim.SGD(net.parameters(), lr=0.1)),
]


def by_hand(net, optimizer, epochs):
    """Train as the authors say; give the validation losses at the average, where it ends."""
    losses, val = [], list(loader(48, shuffle=False, seed=1))
    for _ in range(epochs):
        optimizer.train()
        for images, labels in loader(shuffle=False):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(images), labels).backward()
            optimizer.step()
        optimizer.eval()
        with torch.no_grad():
            each = [float(nn.functional.cross_entropy(net(x), y)) for x, y in val]
        losses.append(sum(each) / len(each))
    return losses


@pytest.mark.parametrize("build", FREE)
def test_a_schedule_free_optimizer_is_measured_and_left_at_its_average(build):
    net, twin = model(), model()
    history = run(net, build(net), epochs=3)
    assert history.val_loss == pytest.approx(by_hand(twin, build(twin), 3), rel=1e-5)
    assert fingerprint(net) == fingerprint(twin)
    assert history.edits == []  # sums and counters that a step moves are no edits by hand


@pytest.mark.parametrize("build", FREE)
@pytest.mark.parametrize("keep", ["last", "best"])
def test_so_it_is_after_a_stop_in_the_middle_of_an_epoch(build, keep):
    net, control = model(), RunControl()
    optimizer = build(net)
    options = {"control": control, "keep": keep, "epochs": 3}
    history = run(net, optimizer, train_loader=Batches(9, control.stop), **options)
    assert history.stopped_by == "user"
    left = fingerprint(net)
    optimizer.eval()
    assert fingerprint(net) == left
    if keep == "best":
        twin = model()
        by_hand(twin, build(twin), 1)
        assert left == fingerprint(twin)
    assert run(net, optimizer, epochs=1).stopped_by == "epochs"
