"""What a run's options put into use, and the optimizer that takes over."""

import copy

import pytest
import torch
from torch.optim import lr_scheduler

from jupyter_classgame.referee import RunGuard, findings, observe, techniques_in_use


@pytest.fixture
def parts(base):
    return base.kit()


def second(parts, **options):
    return torch.optim.SGD(parts["model"].parameters(), lr=0.02, **options)


def test_an_option_is_evidence_and_comes_before_what_was_seen(parts):
    parts["criterion"].label_smoothing = 0.2
    options = {"ema": "--ema 0.999", "label-smoothing": "--smooth 0.1:0"}
    found = techniques_in_use(observe(**parts, options=options))
    assert {name: found[name].text for name in options} == options
    assert found.keys() == {"convolution", *options}


def test_both_optimizers_are_observed_and_left_as_they_were(parts):
    then = second(parts, momentum=0.9, weight_decay=0.1)
    before = copy.deepcopy(then.state_dict()), copy.deepcopy(parts["model"].state_dict())
    facts = observe(**parts, then=then)
    assert facts.optimizers.keys() == {"optimizer", "--then"}
    found = techniques_in_use(facts)
    assert found["momentum"].text == "--then: SGD: momentum=0.9"
    assert found["weight-decay"].text == "--then: SGD: weight_decay=0.1"
    assert facts.unobserved == {}
    assert then.state_dict() == before[0]
    torch.testing.assert_close(parts["model"].state_dict(), before[1])


@pytest.mark.parametrize(
    ("build", "technique"),
    [
        (lambda p: torch.optim.RMSprop(p, lr=1e-3), "adaptive-step"),
        (lambda p: torch.optim.AdamW(p, lr=1e-3), "weight-decay"),
        (lambda p: torch.optim.Adam(p, lr=1e-3), "momentum"),
    ],
)
def test_what_the_second_does_is_in_use(parts, build, technique):
    found = techniques_in_use(observe(**parts, then=build(parts["model"].parameters())))
    assert found[technique].text.startswith("--then: ")


def test_a_schedule_of_the_second_is_no_finding_and_in_use(parts):
    then = second(parts)
    parts["scheduler"] = lr_scheduler.ExponentialLR(then, 0.5)
    facts = observe(**parts, then=then)
    assert findings(facts) == []
    assert "ExponentialLR: learning rate 0.02, 0.01" in (
        techniques_in_use(facts)["learning-rate-decay"].text
    )
    codes = [finding.code for finding in findings(observe(**parts))]
    assert codes == ["scheduler-other-optimizer"]


def test_one_of_the_seconds_that_was_stepped_by_hand_is_seen(parts):
    then = second(parts)
    by_hand = lr_scheduler.ExponentialLR(then, 0.5)
    then.step()
    by_hand.step()
    found = techniques_in_use(observe(**parts, then=then))
    assert "stepped 1 times by hand" in found["learning-rate-decay"].text


def test_the_guard_looks_at_both(parts):
    def start(then):
        return RunGuard(parts["model"], parts["optimizer"], then=then)

    then = second(parts)
    guard = start(then)
    then.param_groups[0]["momentum"] = 0.9
    assert guard.check() == ["the parameter groups of --then changed during the run"]
    guard = start(then)
    then.register_step_post_hook(lambda *a: None)
    assert guard.check() == ["the hooks of --then changed during the run"]
    guard = start(then)
    then.step = lambda: None
    assert guard.check() == ["the step of --then changed during the run"]


def test_edits_of_either_rate_are_counted(parts):
    then = second(parts)
    guard = RunGuard(parts["model"], parts["optimizer"], then=then)
    for optimizer in (then, parts["optimizer"], then):
        optimizer.param_groups[0]["lr"] *= 0.5
        assert guard.check() == []
    then.param_groups[0]["lr"] *= 0.5
    (breach,) = guard.check()
    assert "4 times by hand" in breach


def test_a_cycle_moves_the_momentum_of_its_own_optimizer_only(parts):
    then = second(parts, momentum=0.9)
    cycle = lr_scheduler.OneCycleLR(then, 0.1, total_steps=20)
    guard = RunGuard(parts["model"], parts["optimizer"], then=then, scheduler=cycle)
    then.step()
    cycle.step()
    assert guard.check() == []
    parts["optimizer"].param_groups[0]["momentum"] = 0.5
    assert guard.check() == ["the optimizer's parameter groups changed during the run"]
