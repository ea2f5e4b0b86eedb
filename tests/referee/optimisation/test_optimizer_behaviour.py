"""What an optimizer's steps tell of it, whoever wrote it."""

from functools import partial

import pytest
import torch
from torch import nn

from jupyter_classgame.referee.coach.optimizer import unfused_optimizer
from jupyter_classgame.referee.facts import Facts
from jupyter_classgame.referee.isolation.optimizer_backup import held_by, preserve_optimizer
from jupyter_classgame.referee.optimisation.optimizer_behaviour import observe_optimizer


def net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))


def seen(build, names=None):
    """Observe an optimizer; return which of its traits were found."""
    model = net()
    facts = observe_optimizer(model, build(model.parameters()), names)
    traits = ("momentum", "decay", "adaptive", "clipping", "moved_lr", "ema")
    return {trait for trait in traits if getattr(facts, trait)}


@pytest.mark.parametrize(
    ("build", "traits"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1), set()),
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.5), {"momentum"}),
        (lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=0.01), {"decay"}),
        (torch.optim.Adam, {"momentum", "adaptive"}),
        (lambda p: torch.optim.Adam(p, betas=(0.0, 0.999)), {"adaptive"}),
        (torch.optim.AdamW, {"momentum", "adaptive", "decay"}),
        (torch.optim.RMSprop, {"adaptive"}),
        (lambda p: torch.optim.RMSprop(p, eps=0.1), {"adaptive"}),
        (torch.optim.Adagrad, {"adaptive"}),
        (torch.optim.Adadelta, {"adaptive"}),
        (torch.optim.Rprop, {"adaptive"}),
    ],
)
def test_torchs_own(build, traits):
    assert seen(build) == traits


class Lookahead(torch.optim.Optimizer):
    """Slow weights, made in the constructor, beside the steps of another optimizer."""

    def __init__(self, inner):
        self.inner, self.param_groups = inner, inner.param_groups
        self.param_groups[0]["count"] = 0
        self.state = {p: {"slow": p.detach().clone()} for p in held_by(inner)}

    @torch.no_grad()
    def step(self, closure=None):
        self.inner.step(closure)
        self.param_groups[0]["count"] += 1
        if self.param_groups[0]["count"] % 5:
            return
        slow = [self.state[p]["slow"] for p in held_by(self.inner) if p in self.state]
        torch._foreach_lerp_(slow, held_by(self.inner), 0.5)
        torch._foreach_copy_(held_by(self.inner), slow)


def test_an_optimizer_may_fill_its_state_in_its_constructor():
    assert seen(lambda p: Lookahead(torch.optim.SGD(p, lr=0.1))) == {"ema"}
    adam = {"ema", "momentum", "adaptive"}
    assert seen(lambda p: Lookahead(torch.optim.Adam(p, lr=0.1))) == adam


def clipping(norm):
    def build(parameters):
        held = list(parameters)
        optimizer = torch.optim.SGD(held, lr=0.1)

        def clip(*_):
            norm(held)

        optimizer.register_step_pre_hook(clip)
        return optimizer

    return build


@pytest.mark.parametrize(
    "norm",
    [
        lambda held: nn.utils.clip_grad_norm_(held, 1.0),
        lambda held: nn.utils.clip_grad_value_(held, 0.5),
    ],
)
def test_clipping_is_not_taken_for_an_adaptive_step(norm):
    assert seen(clipping(norm)) == {"clipping"}


class HeavyBall(torch.optim.Optimizer):
    """Momentum under a name and in a state of its own, and a decay that nothing is called so."""

    def __init__(self, params):
        super().__init__(params, {"lr": 0.1})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                push = self.state[p].setdefault("push", torch.zeros_like(p))
                push.mul_(0.8).add_(p.grad)
                p.mul_(1 - 0.02 * group["lr"]).add_(push, alpha=-group["lr"])


def test_one_of_ones_own_is_known_by_its_steps():
    assert seen(HeavyBall) == {"momentum", "decay"}


@pytest.mark.parametrize(
    ("gpu", "build", "hinted"),
    [
        (True, torch.optim.SGD, True),
        (True, partial(torch.optim.AdamW, fused=True), False),
        (True, torch.optim.Rprop, False),  # has none
        (False, torch.optim.SGD, False),
    ],
)
def test_a_gpu_could_take_the_step_in_one_kernel(monkeypatch, gpu, build, hinted):
    model = nn.Linear(4, 2)
    optimizer = build(model.parameters(), lr=0.1)
    monkeypatch.setattr(
        "jupyter_classgame.referee.optimisation.optimizer_behaviour.gpu_here", lambda: gpu
    )
    with preserve_optimizer(model, optimizer):
        facts = Facts(optimizer=observe_optimizer(model, optimizer))
    found = unfused_optimizer.check(facts)
    assert (found is not None) == hinted
    assert found is None or found.fix == "torch.optim.SGD(..., fused=True)"


def test_what_it_holds():
    model, other = net(), net()
    optimizer = torch.optim.SGD(other.parameters(), lr=0.1)
    facts = observe_optimizer(model, optimizer, {"teacher": other, "model": model})
    assert (facts.of_model, facts.foreign, facts.stale, facts.owner) == (0, 4, True, "teacher")
    assert facts.maker == "torch.optim.SGD"
    part = observe_optimizer(model, torch.optim.SGD(model[0].parameters(), lr=0.1))
    assert part.missing == ("2.weight", "2.bias")
    assert observe_optimizer(model, HeavyBall(model.parameters())).maker == "HeavyBall"


def test_everything_is_given_back():
    model = net()
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.rand(2, 6)).sum().backward()
    optimizer.step()
    state = optimizer.state
    before = [(p.detach().clone(), p.data_ptr(), p._version, p.grad.clone()) for p in state]
    moments = [entries["exp_avg"].clone() for entries in state.values()]
    with preserve_optimizer(model, optimizer):
        observe_optimizer(model, optimizer)
    assert optimizer.state is state
    for p, (values, address, version, gradient) in zip(state, before, strict=True):
        assert torch.equal(p, values)
        assert (p.data_ptr(), p._version) == (address, version)
        assert torch.equal(p.grad, gradient)
    after = [entries["exp_avg"] for entries in state.values()]
    assert all(torch.equal(a, b) for a, b in zip(after, moments, strict=True))
