import pytest
import torch
from helpers.models import loader, model, sgd
from helpers.runs import bare_request, quiet
from torch import nn
from torch.optim import lr_scheduler

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.launcher import launch_run, train
from jupyter_classgame.training.run.run_request import RunRequest
from jupyter_classgame.training.run_control import RunControl


def run(build, epochs=3, monitor=None, val=True, lr=0.1):
    net = model()
    optimizer = sgd(net, lr=lr)
    scheduler = build(optimizer)
    request = RunRequest(
        net,
        optimizer,
        loader(),
        nn.CrossEntropyLoss(),
        val_loader=loader(48, seed=1) if val else None,
        scheduler=scheduler,
        epochs=epochs,
        devices="cpu",
        monitor=monitor,
    )
    return train(request, lambda event: None), optimizer, scheduler


def test_a_step_schedule_is_stepped_every_epoch():
    history, _, _ = run(lambda o: lr_scheduler.StepLR(o, step_size=1, gamma=0.1))
    assert history.lr == pytest.approx([0.1, 0.01, 0.001])


def test_a_one_cycle_schedule_is_stepped_every_batch():
    _, optimizer, scheduler = run(
        lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.1, epochs=3, steps_per_epoch=6)
    )
    assert scheduler.last_epoch == 18
    assert optimizer.param_groups[0]["lr"] < 0.1 / 25


def test_a_cyclic_schedule_is_stepped_every_batch():
    _, _, scheduler = run(lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=3), epochs=1)
    assert scheduler.last_epoch == 6


@pytest.mark.parametrize(("mode", "validated"), [("min", True), ("max", True), ("min", False)])
def test_a_plateau_schedule_looks_at_the_number_of_its_mode(mode, validated):
    history, _, scheduler = run(
        lambda o: lr_scheduler.ReduceLROnPlateau(o, mode, patience=50), val=validated
    )
    values = {
        ("min", True): history.val_loss,
        ("max", True): history.val_acc,
        ("min", False): history.train_loss,
    }[mode, validated]
    assert scheduler.best == pytest.approx(min(values) if mode == "min" else max(values))


def test_a_plateau_schedule_lowers_the_rate():
    history, _, _ = run(
        lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=0, factor=0.5, threshold=10.0),
        epochs=4,
    )
    assert history.lr == pytest.approx([0.1, 0.05, 0.025, 0.0125])


def test_a_plateau_schedule_of_the_wrong_mode_is_refused():
    with pytest.raises(TrainingError, match='mode="max"'):
        run(lambda o: lr_scheduler.ReduceLROnPlateau(o, "min"), monitor="val_acc")


def test_a_one_cycle_schedule_that_is_too_short_is_refused_before_the_first_step():
    with pytest.raises(TrainingError, match="has 6 steps left and the run takes 18"):
        run(lambda o: lr_scheduler.OneCycleLR(o, max_lr=0.1, total_steps=6))


def test_what_cannot_step_is_no_scheduler():
    with pytest.raises(TrainingError, match=r"int has no step\(\)"):
        run(lambda o: 3)


@pytest.mark.parametrize(
    "build",
    [
        lambda o: lr_scheduler.CosineAnnealingLR(o, 3),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.5**epoch),
        lambda o: lr_scheduler.ChainedScheduler([lr_scheduler.ExponentialLR(o, 0.5)]),
        lambda o: lr_scheduler.SequentialLR(
            o, [lr_scheduler.ConstantLR(o), lr_scheduler.ExponentialLR(o, 0.5)], [2]
        ),
    ],
)
def test_other_schedules_count_epochs(build):
    reference = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    by_hand = build(reference)
    expected = []
    for _ in range(3):
        expected.append(reference.param_groups[0]["lr"])
        reference.step()
        by_hand.step()
    history, _, _ = run(build)
    assert history.lr == pytest.approx(expected)


class ByEpoch:
    """As in timm: step(epoch), with the number of the epoch to come."""

    def __init__(self, optimizer, epochs=4):
        self.optimizer, self.epochs, self.metrics = optimizer, epochs, []
        self.base = [group["lr"] for group in optimizer.param_groups]

    def step(self, epoch, metric=None):
        self.metrics.append(metric)
        for group, base in zip(self.optimizer.param_groups, self.base, strict=True):
            group["lr"] = base * (1 - epoch / self.epochs)


class ByMetric(ByEpoch):
    def step(self, val_loss):
        self.metrics.append(val_loss)


class ByMood(ByEpoch):
    def step(self, mood):
        raise AssertionError(mood)


class Broken(ByEpoch):
    def step(self, epoch):
        self.optimizer.param_groups[0]["lr"] = 7.0 + epoch
        raise KeyError("warmup")


def stepped(build, **options):
    net = model()
    optimizer = sgd(net, lr=0.2)
    scheduler = build(optimizer)
    return train(bare_request(net, optimizer, scheduler=scheduler, **options), quiet), scheduler


def test_a_step_that_wants_the_epoch_gets_it():
    history, scheduler = stepped(ByEpoch, epochs=3)
    assert history.lr == pytest.approx([0.2, 0.15, 0.1])
    assert scheduler.metrics == history.val_loss
    later, _ = stepped(ByEpoch, epochs=2, first_epoch=1)  # epochs of the model's life count
    assert later.lr == pytest.approx([0.2, 0.1])


def test_a_step_that_wants_the_metric_gets_it():
    history, scheduler = stepped(ByMetric)
    assert scheduler.metrics == history.val_loss
    history, scheduler = stepped(ByMetric, val_loader=None)
    assert scheduler.metrics == history.train_loss


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (ByMood, r"scheduler: ByMood\.step\(\) wants mood"),
        (Broken, r"scheduler: Broken\.step\(epoch\) fails with KeyError"),
        (
            lambda o: lr_scheduler.LambdaLR(o, lambda epoch: [1.0][epoch]),
            r"scheduler: LambdaLR\.step\(\) fails with IndexError",
        ),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused_before_anything_is_trained(build, message):
    net = model()
    optimizer = sgd(net, lr=0.2)
    request = bare_request(net, optimizer, scheduler=build(optimizer))
    with pytest.raises(TrainingError, match=message) as refused:
        launch_run(request, RunControl())
    assert "\n" not in str(refused.value)
    assert optimizer.param_groups[0]["lr"] == 0.2
    assert not optimizer.state


def test_an_error_of_a_scheduler_is_not_blamed_on_validation():
    class Late(ByEpoch):
        def step(self, epoch):
            if epoch > 1:
                raise KeyError(epoch)

    net = model()
    optimizer = sgd(net)
    run = launch_run(bare_request(net, optimizer, scheduler=Late(optimizer)), RunControl())
    with pytest.raises(KeyError):
        run.execute(quiet)
    assert run.history.message.startswith("KeyError at the end of epoch 2 (scheduler)")
