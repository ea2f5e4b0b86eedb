"""``--then``: another optimizer from an epoch on."""

import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import Batches, Probe, request, run
from torch import nn
from torch.optim import lr_scheduler

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.state.weights_fingerprint import fingerprint


def adam(net, lr=0.01):
    return torch.optim.Adam(net.parameters(), lr=lr)


def both(net):
    return adam(net), sgd(net, lr=0.1)


def test_the_second_takes_the_steps_from_its_epoch_on():
    net, twin = model(), model()
    first, second = both(net)
    history = run(net, first, epochs=3, then=second, at=3)
    assert history.lr == [0.01, 0.01, 0.1]
    for optimizer, epochs in ((adam(twin), 2), (sgd(twin, lr=0.1), 1)):
        for images, labels in list(loader(shuffle=False)) * epochs:
            optimizer.zero_grad()
            nn.functional.cross_entropy(twin(images), labels).backward()
            optimizer.step()
    assert fingerprint(net) == fingerprint(twin)
    assert {int(state["step"]) for state in first.state.values()} == {12}
    assert history.edits == []


def test_a_second_run_counts_its_own_epochs():
    net, probe = model(), Probe()
    first, second = both(net)
    for _ in range(2):
        run(net, first, epochs=2, then=second, at=2, probes=[probe])
    assert probe.rates == [*[0.01] * 6, *[0.1] * 6] * 2


def test_the_first_ones_schedule_stops_with_it():
    net = model()
    first, second = both(net)
    scheduler = lr_scheduler.StepLR(first, 1, 0.5)
    history = run(net, first, scheduler=scheduler, epochs=4, then=second, at=3)
    assert history.lr == pytest.approx([0.01, 0.005, 0.1, 0.1])
    assert scheduler.last_epoch == 2


def test_the_second_ones_schedule_begins_with_it():
    net = model()
    first, second = both(net)
    scheduler = lr_scheduler.StepLR(second, 1, 0.5)
    history = run(net, first, scheduler=scheduler, epochs=4, then=second, at=3)
    assert history.lr == pytest.approx([0.01, 0.01, 0.1, 0.05])


def test_a_one_cycle_schedule_needs_the_steps_of_its_own_optimizer():
    net = model()
    first, second = both(net)
    short = lr_scheduler.OneCycleLR(second, 0.1, total_steps=12)
    run(net, first, scheduler=short, epochs=4, then=second, at=3)
    assert short.last_epoch == 12
    again = lr_scheduler.OneCycleLR(first, 0.1, total_steps=6)
    run(net, first, scheduler=again, epochs=4, then=second, at=2)
    assert again.last_epoch == 6
    late = lr_scheduler.OneCycleLR(second, 0.1, total_steps=6)
    with pytest.raises(TrainingError, match="has 6 steps left and the run takes 12"):
        run(net, first, scheduler=late, epochs=4, then=second, at=3)


def test_a_warm_up_warms_whichever_takes_the_step():
    net, probe = model(), Probe()
    first, second = both(net)
    run(net, first, epochs=3, then=second, at=2, warmup=2, probes=[probe])
    expected = [0.01 * (step + 1) / 12 for step in range(6)]
    expected += [0.1 * (step + 1) / 12 for step in range(6, 12)]
    assert probe.rates == pytest.approx([*expected, *[0.1] * 6])
    assert first.param_groups[0]["lr"] == 0.01


def test_gradients_of_the_second_are_clipped_and_its_edits_are_told():
    net = model()
    first, second = both(net)

    def edit():
        second.param_groups[0]["lr"] = 0.5

    probe = Probe(lambda run: float(torch.stack([p.grad.norm() for p in net.parameters()]).norm()))
    history = run(
        net, first, train_loader=Batches(9, edit), epochs=2, then=second, at=2, clip=0.01,
        probes=[probe],
    )  # fmt: skip
    assert max(probe.seen) <= 0.01 * (1 + 1e-4)
    assert [text for _, text in history.edits] == ["lr 0.1 → 0.5"]
    assert history.lr == [0.01, 0.5]


def test_both_go_back_after_a_loss_that_is_not_finite():
    net = model()
    first, second = both(net)

    def spoil():
        second.param_groups[0]["lr"] = 1e30

    history = run(net, first, train_loader=Batches(14, spoil), epochs=3, then=second, at=2)
    assert history.stopped_by == "nan"
    twin = model()
    one, other = both(twin)
    run(twin, one, epochs=2, then=other, at=2)
    assert fingerprint(net) == fingerprint(twin)
    buffers = [(second, net), (other, twin)]
    mine, theirs = ([o.state[p]["momentum_buffer"] for p in n.parameters()] for o, n in buffers)
    torch.testing.assert_close(mine, theirs)


def then(build, at=2, epochs=3):
    net = model()
    first = sgd(net)
    second = build(net, first)
    return request(net, first, epochs=epochs, then=second, at=at)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda net, first: first, "^--then: this is the run's first optimizer"),
        (lambda net, first: adam(model()), "^--then: this Adam holds none of the model's param"),
        (
            lambda net, first: torch.optim.Adam(net.conv.parameters()),
            "^--then: this Adam lacks 2 of the model's parameters, such as fc.weight",
        ),
        (lambda net, first: torch.optim.Adam, "^--then: Adam is a class"),
        (lambda net, first: 5, "^--then: a int has no step"),
        (lambda net, first: torch.optim.LBFGS(net.parameters()), "^--then: LBFGS steps by a"),
    ],
)
def test_a_second_that_cannot_take_over_is_refused(build, message):
    with pytest.raises(TrainingError, match=message):
        then(build)


def test_an_epoch_that_never_comes_is_refused():
    with pytest.raises(TrainingError, match=r"^--at 9: the run has 3 epochs"):
        then(lambda net, first: adam(net), at=9)


def test_frozen_parameters_may_be_left_out():
    net = model()
    net.conv.requires_grad_(requires_grad=False)
    rest = torch.optim.Adam(net.fc.parameters())
    assert request(net, sgd(net), then=rest, at=2).optimizers[1] is rest
