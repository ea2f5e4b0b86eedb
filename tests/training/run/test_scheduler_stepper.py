import pytest
import torch
from helpers.models import loader, model, sgd
from torch import nn
from torch.optim import lr_scheduler

from jupyter_classgame.errors import TrainingError
from jupyter_classgame.training.launch.launcher import train
from jupyter_classgame.training.run.run_request import RunRequest


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
