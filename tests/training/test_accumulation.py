"""``--accumulate``: several batches make one step, as one large batch would."""

import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import Batches, Probe, run
from torch import nn
from torch.optim import lr_scheduler

from jupyter_classgame.training.run_control import RunControl


def close(net, other):
    for mine, theirs in zip(net.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("accumulate", [2, 3, 6, 9])
def test_it_equals_one_large_batch(accumulate):
    net, twin = model(), model()
    history = run(net, epochs=2, accumulate=accumulate)
    large = loader(96, min(96, 16 * accumulate), shuffle=False)
    reference = run(twin, train_loader=large, epochs=2)
    close(net, twin)
    assert history.train_loss == pytest.approx(reference.train_loss, rel=1e-5)


def test_the_last_group_counts_as_the_batches_that_are_in_it():
    net, twin = model(), model()
    run(net, epochs=2, accumulate=4)
    batches = list(loader(96, 64, shuffle=False))  # 64 images, then 32
    assert [len(labels) for _, labels in batches] == [64, 32]
    run(twin, train_loader=batches, epochs=2)
    close(net, twin)


def one_batch_and_its_parts(sizes):
    images, labels = next(iter(loader(96, sum(sizes), shuffle=False)))
    parts = zip(images.split(sizes), labels.split(sizes), strict=True)
    return [(images, labels)], list(parts)


class Unsized:
    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


@pytest.mark.parametrize("sized", [list, Unsized])
@pytest.mark.parametrize(
    "criterion",
    [
        nn.CrossEntropyLoss(),
        nn.CrossEntropyLoss(reduction="sum"),
        nn.CrossEntropyLoss(weight=torch.tensor([0.1, 1.0, 5.0])),
        nn.CrossEntropyLoss(ignore_index=1),
    ],
)
def test_each_image_counts_the_same_in_batches_of_any_size(criterion, sized):
    whole, parts = one_batch_and_its_parts([60, 4, 2])
    net, twin = model(), model()
    options = {"epochs": 1, "criterion": criterion}
    run(net, sgd(net, lr=0.01), train_loader=sized(parts), accumulate=4, **options)
    run(twin, sgd(twin, lr=0.01), train_loader=whole, **options)
    close(net, twin)


def test_so_it_does_where_the_loader_knows_no_length():
    net, twin = model(), model()
    run(net, train_loader=Unsized(list(loader(shuffle=False))), epochs=2, accumulate=4)
    run(twin, epochs=2, accumulate=4)
    close(net, twin)


def test_a_stop_within_a_group_drops_what_makes_no_whole_step():
    net, twin, control = model(norm=True), model(norm=True), RunControl()
    history = run(net, train_loader=Batches(5, control.stop), control=control, accumulate=2)
    assert "stopped in epoch 1, after batch 4" in history.message
    optimizer = sgd(twin)
    twin.train()
    batches = list(loader(shuffle=False))
    for start in (0, 2):
        optimizer.zero_grad()
        for images, labels in batches[start : start + 2]:
            (nn.functional.cross_entropy(twin(images), labels) / 2).backward()
        optimizer.step()
    close(net, twin)
    assert all(p.grad is None for p in net.parameters())
    torch.testing.assert_close(net.norm.running_mean, twin.norm.running_mean)
    assert int(net.norm.num_batches_tracked) == 4


def test_a_stop_within_the_first_group_trains_nothing():
    net, twin, control = model(norm=True), model(norm=True), RunControl()
    history = run(net, train_loader=Batches(2, control.stop), control=control, accumulate=4)
    assert history.epochs_begun == 0
    close(net, twin)
    assert int(net.norm.num_batches_tracked) == 0


def test_schedules_that_count_batches_count_steps():
    net = model()
    optimizer = sgd(net)
    scheduler = lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=6)  # 2 steps an epoch
    run(net, optimizer, scheduler=scheduler, epochs=3, accumulate=4)
    assert scheduler.last_epoch == 6


def test_schedules_that_count_epochs_do_not_mind():
    net, probe = model(), Probe()
    optimizer = sgd(net)
    scheduler = lr_scheduler.ExponentialLR(optimizer, 0.5)
    run(net, optimizer, scheduler=scheduler, epochs=3, accumulate=4, probes=[probe])
    assert probe.rates == pytest.approx([0.3, 0.3, 0.15, 0.15, 0.075, 0.075])
