"""All that a run goes back to: criteria, optimizers inside others, buffers that change."""

import copy

import pytest
import torch
from helpers.models import Growing, loader, model, sgd
from helpers.runs import Batches, run
from helpers.wrappers import WRAPPERS
from pytorch_optimizer import SAM, ScheduleFreeWrapper
from torch import nn
from torch.nn.functional import cross_entropy

from jupyter_classgame.training.run.optimizer_parts import optimizers_in, put_in_mode
from jupyter_classgame.training.run.snapshot import Buffers, Snapshot


class Centres(nn.Module):
    """A criterion with weights and a buffer of its own."""

    def __init__(self, at=0):
        super().__init__()
        self.centres = nn.Parameter(torch.zeros(3, 3))
        self.register_buffer("seen", torch.zeros(3))
        self.calls, self.at = 0, at

    def forward(self, scores, labels):
        self.calls += self.training
        self.seen += torch.bincount(labels, minlength=3)
        loss = cross_entropy(scores, labels) + (scores - self.centres[labels]).pow(2).mean()
        return loss * float("nan") if self.calls == self.at else loss


def trained(net, optimizer, count):
    batches = list(loader(shuffle=False))
    for images, labels in (batches * 3)[:count]:
        optimizer.zero_grad()
        cross_entropy(net(images), labels).backward()
        optimizer.step()
    return [p.detach().clone() for p in net.parameters()]


@pytest.mark.parametrize("kind", WRAPPERS)
def test_a_snapshot_holds_the_optimizers_inside(kind):
    net = model()
    optimizer = WRAPPERS[kind](net)
    put_in_mode(optimizer, training=True)
    trained(net, optimizer, 3)
    inside = optimizers_in(optimizer)
    snapshot = Snapshot(net, [optimizer], None)
    once = trained(net, optimizer, 8)
    snapshot.restore()
    assert optimizers_in(optimizer) == inside  # no object is another one
    torch.testing.assert_close(trained(net, optimizer, 8), once, rtol=0, atol=0)


def test_a_state_that_two_optimizers_share_stays_shared():
    net = model()
    optimizer = SAM(net.parameters(), torch.optim.SGD, lr=0.1, momentum=0.9)
    images, labels = next(iter(loader(shuffle=False)))

    def closure():
        loss = cross_entropy(net(images), labels)
        loss.backward()
        return loss

    closure()
    optimizer.step(closure)
    snapshot = Snapshot(net, [optimizer], None)
    kept = {p: s["momentum_buffer"].clone() for p, s in optimizer.state.items()}
    closure()
    optimizer.step(closure)
    snapshot.restore()
    assert optimizer.state is optimizer.base_optimizer.state
    assert all(torch.equal(optimizer.state[p]["momentum_buffer"], m) for p, m in kept.items())


def test_an_attribute_of_a_wrapper_goes_back():
    net = model()
    optimizer = ScheduleFreeWrapper(sgd(net, momentum=0.0))
    optimizer.train()
    trained(net, optimizer, 2)
    snapshot = Snapshot(net, [optimizer], None)
    optimizer.eval()
    snapshot.restore()
    assert optimizer.train_mode


@pytest.mark.parametrize("keep", ["last", "best"])
def test_a_run_that_ends_by_nan_leaves_the_criterion_as_after_the_last_good_epoch(keep):
    net, criterion, twin, other = model(), Centres(at=15), model(), Centres()
    both = [*net.parameters(), *criterion.parameters()]
    history = run(
        net, torch.optim.SGD(both, lr=0.1), criterion=criterion, val_loader=None, keep=keep
    )
    assert (history.stopped_by, len(history)) == ("nan", 2)
    both = [*twin.parameters(), *other.parameters()]
    run(twin, torch.optim.SGD(both, lr=0.1), criterion=other, val_loader=None, epochs=2)
    torch.testing.assert_close(criterion.state_dict(), other.state_dict(), rtol=0, atol=0)
    again = run(net, torch.optim.SGD(net.parameters(), lr=0.1), criterion=criterion, epochs=1)
    assert again.stopped_by == "epochs"


def test_the_best_epochs_criterion_goes_with_its_weights():
    net, criterion, seen = model(), Centres(), []
    both = torch.optim.SGD([*net.parameters(), *criterion.parameters()], lr=0.1)

    def spoil():
        seen.append(copy.deepcopy(criterion.state_dict()))
        both.param_groups[0]["lr"] = -1.0  # from here on it gets worse

    run(
        net, both, criterion=criterion, val_loader=None, keep="best", monitor="train_loss",
        train_loader=Batches(7, spoil),
    )  # fmt: skip
    torch.testing.assert_close(criterion.state_dict(), seen[0], rtol=0, atol=0)


@pytest.mark.parametrize("options", [{}, {"ema": 0.5, "keep": "ema"}, {"keep": "best"}])
def test_buffers_may_become_others(options):
    net, twin = Growing(), model()
    history = run(net, sgd(net), **options)
    assert history.train_loss == run(twin, sgd(twin), **options).train_loss
    assert net.queue.shape == (40, 3)
    assert len(history.ema_val_acc) == (3 if "ema" in options else 0)


def test_after_an_error_they_are_as_before():
    net = Growing()
    before = copy.deepcopy(net.state_dict())

    def fail():
        raise ValueError("a picture is missing")

    with pytest.raises(ValueError, match="a picture"):
        run(net, sgd(net), train_loader=Batches(3, fail))
    torch.testing.assert_close(net.state_dict(), before, rtol=0, atol=0)
    assert not hasattr(net, "appeared")
    assert net.late is None


def test_a_failed_step_leaves_the_buffers_before_it():
    net = Growing().train()
    buffers = Buffers(net, nn.CrossEntropyLoss())
    images = torch.rand(4, 3, 8, 8)
    for _ in range(3):  # from none to some, and on
        buffers.keep()
        before = copy.deepcopy(dict(net.named_buffers()))
        net(images)
        buffers.restore()
        torch.testing.assert_close(dict(net.named_buffers()), before, rtol=0, atol=0)
        net(images)
