"""All that a run goes back to: criteria, optimizers inside others, buffers that change."""

import copy
import functools

import pytest
import torch
from helpers.models import Growing, loader, model, sgd
from helpers.runs import Batches, bare_request, run
from helpers.wrappers import WRAPPERS
from pytorch_optimizer import SAM, ScheduleFreeWrapper
from torch import nn
from torch.nn.functional import cross_entropy

from jupyter_classgame.training.run.optimizer_parts import optimizers_in, put_in_mode
from jupyter_classgame.training.run.snapshot import Buffers, Snapshot
from jupyter_classgame.training.run.unregistered_state import learning_part
from jupyter_classgame.training.state.capture import capture_objects
from jupyter_classgame.training.state.restore import Restoration, load_objects


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


class Plain:
    """A criterion of a class of one's own, with tensors that nothing registers."""

    def __init__(self):
        self.module, self.centres, self.mean = Centres(), nn.Parameter(torch.zeros(3)), None

    def __call__(self, scores, labels):
        now = scores.detach().mean(0)
        self.mean = now if self.mean is None else 0.9 * self.mean + 0.1 * now
        return self.module(scores - self.mean + self.centres, labels)


class Running(nn.Module):
    """A module that holds its running mean in a plain attribute."""

    def __init__(self):
        super().__init__()
        self.inner, self.mean = Plain(), torch.zeros(3)
        self.layer = self.inner.module

    def forward(self, scores, labels):
        self.mean.mul_(0.9).add_(scores.detach().mean(0))
        self.seen = labels[:2]
        return self.layer(scores - self.mean, labels)


def closed():
    inner, sums = Centres(), torch.zeros(3)

    def criterion(scores, labels):
        sums.add_(scores.detach().mean(0))
        return inner(scores - sums, labels)

    return criterion


def calling(inner):
    def criterion(scores, labels):
        return inner(scores, labels)

    return criterion


CRITERIA = {
    "an object": Plain,
    "a function": lambda: calling(Plain()),
    "a closure": closed,
    "a bound method": lambda: Centres().forward,
    "a partial": lambda: functools.partial(lambda scores, labels, inner: inner(scores, labels),
                                           inner=Centres()),
    "a plain attribute": Running,
}  # fmt: skip


def values(criterion, net):
    state = Snapshot(net, [], None, criterion=criterion).criterion
    return {name: tensor.clone() for name, tensor in state.tensors.items()}


@pytest.mark.parametrize("kind", CRITERIA)
def test_what_a_criterion_learns_goes_back_wherever_it_is_kept(kind):
    net, criterion = model(), CRITERIA[kind]()
    images, labels = next(iter(loader(shuffle=False)))
    criterion(net(images), labels)
    snapshot = Snapshot(net, [], None, criterion=criterion)
    before = values(criterion, net)
    criterion(net(images), labels).backward()
    with torch.no_grad():
        for value in learning_part(criterion, net).parameters():
            value.add_(1)
    assert before.keys() <= values(criterion, net).keys()
    assert any(not torch.equal(v, before[n]) for n, v in values(criterion, net).items())
    snapshot.restore()
    torch.testing.assert_close(values(criterion, net), before, rtol=0, atol=0)


@pytest.mark.parametrize("kind", CRITERIA)
def test_a_checkpoint_has_it_too(kind):
    images, labels = next(iter(loader(shuffle=False)))
    ran, fresh = (bare_request(criterion=CRITERIA[kind]()) for _ in range(2))
    ran.criterion(ran.model(images), labels)
    snapshot = Snapshot(ran.model, ran.optimizers, None, criterion=ran.criterion)
    checkpoint = capture_objects(ran, snapshot)
    checkpoint.facts["validated"] = True
    Restoration(checkpoint).check(fresh)
    load_objects(checkpoint, fresh)
    found, meant = values(fresh.criterion, fresh.model), values(ran.criterion, ran.model)
    torch.testing.assert_close(found, meant, rtol=0, atol=0)


def test_the_model_is_no_part_of_a_criterion_that_looks_at_it():
    net = model()

    def criterion(scores, labels):
        return cross_entropy(scores, labels) + sum(p.abs().sum() for p in net.parameters())

    assert not Snapshot(net, [], None, criterion=criterion).criterion.tensors


def test_a_batch_that_a_module_remembers_is_not_written_into():
    net, criterion = model(), Running()
    images, labels = next(iter(loader(shuffle=False)))
    criterion(net(images), labels)
    snapshot = Snapshot(net, [], None, criterion=criterion)
    other = labels.flip(0).clone()
    criterion(net(images), other)
    snapshot.restore()
    assert torch.equal(other, labels.flip(0))
    assert criterion.seen is not other
