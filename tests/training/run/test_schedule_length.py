"""Schedules counted in the wrong unit."""

import math
from functools import partial

import pytest
from helpers.models import model, sgd
from helpers.runs import bare_request
from torch.optim import lr_scheduler

from jupyter_classgame.training.run.schedule_length import wrong_unit


def told(build, epochs=4, **options):
    net = model()  # 6 batches an epoch
    optimizer = sgd(net)
    return wrong_unit(
        bare_request(net, optimizer, scheduler=build(optimizer), epochs=epochs, **options)
    )


@pytest.mark.parametrize(
    ("build", "name"),
    [
        (lambda o: lr_scheduler.CosineAnnealingLR(o, 24), "T_max"),
        (lambda o: lr_scheduler.LinearLR(o, 1.0, 0.1, 24), "total_iters"),
        (lambda o: lr_scheduler.PolynomialLR(o, 24), "total_iters"),
        (lambda o: lr_scheduler.StepLR(o, 12), "step_size"),
        (lambda o: lr_scheduler.MultiStepLR(o, [12, 18]), "milestones"),
        (lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 12), "T_0"),
        (
            lambda o: lr_scheduler.SequentialLR(
                o, [lr_scheduler.LinearLR(o), lr_scheduler.CosineAnnealingLR(o, 24)], [5]
            ),
            "T_max",
        ),
        (
            lambda o: lr_scheduler.LambdaLR(
                o, partial(lambda step, num_training_steps: 1.0, num_training_steps=24)
            ),
            "num_training_steps",
        ),
    ],
)
def test_steps_where_epochs_count_are_said(build, name):
    what, fix = told(build)
    assert "epochs long, the run 4" in what
    assert f"{name} counts epochs" in what
    assert fix.startswith(f"write {name}=")


def test_all_milestones_are_written_in_epochs():
    assert "write milestones=[2, 3]," in told(lambda o: lr_scheduler.MultiStepLR(o, [12, 18]))[1]


@pytest.mark.parametrize(
    "function",
    [
        lambda step: max(0.0, 1 - step / 24),
        lambda step: (1 + math.cos(math.pi * min(step, 24) / 24)) / 2,
        lambda step: 0.1 + 0.9 * max(0.0, 1 - step / 24),
    ],
)
def test_a_function_that_counts_steps_is_said(function):
    what, fix = told(lambda o: lr_scheduler.LambdaLR(o, function))
    assert "after 24 epochs, the run after 4" in what
    assert "let it count 4, not 24" in fix


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda o: lr_scheduler.OneCycleLR(o, 0.1, epochs=24, steps_per_epoch=6), "OneCycleLR has"),
        (
            lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=4),
            "step_size_up counts steps",
        ),
        (lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1), "rises for 2000 steps"),
    ],
)
def test_epochs_where_steps_count_are_said(build, text):
    assert text in told(build)[0]


@pytest.mark.parametrize(
    "build",
    [
        lambda o: None,
        lambda o: lr_scheduler.CosineAnnealingLR(o, 4),
        lambda o: lr_scheduler.CosineAnnealingLR(o, 50),
        lambda o: lr_scheduler.StepLR(o, 2),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1.0),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: max(0.0, 1 - epoch / 4)),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 0.95**epoch),
        lambda o: lr_scheduler.LambdaLR(o, lambda epoch: 1 / (5 - epoch)),
        lambda o: lr_scheduler.OneCycleLR(o, 0.1, epochs=4, steps_per_epoch=6),
        lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, step_size_up=12),
        lr_scheduler.ReduceLROnPlateau,
    ],
)
def test_what_fits_or_cannot_be_told_is_left_alone(build):
    assert told(build) is None
