"""The buttons and the field that steer a run."""

import pytest
import torch
from torch import nn

from jupyter_classgame.events import RunPaused, RunStarted
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets.chart.run_chart import RunChart
from jupyter_classgame.widgets.run.run_controls import RunControls


@pytest.fixture
def optimizer():
    groups = [
        {"params": [nn.Parameter(torch.zeros(1))], "lr": 0.1},
        {"params": [nn.Parameter(torch.zeros(1))], "lr": 0.01},
    ]
    return torch.optim.SGD(groups)


@pytest.fixture
def control(optimizer):
    control = RunControl()
    control.attach(1, lambda: optimizer)
    return control


@pytest.fixture
def controls(outputs, control):
    return RunControls(control)


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def test_stop_asks_once_and_says_so(controls, control):
    controls.stop_button.click()
    assert control.stopping
    assert controls.stop_button.disabled
    assert controls.stop_button.description == "Stopping"
    assert controls.pause_button.disabled
    assert controls.rate.disabled


def test_pause_and_resume_are_one_button(controls, control):
    controls.pause_button.click()
    assert control.paused
    assert controls.pause_button.description == "Resume"
    controls.pause_button.click()
    assert not control.paused
    assert (controls.pause_button.description, controls.pause_button.icon) == ("Pause", "pause")


def test_a_pause_by_code_shows_on_the_button(outputs, control):
    with RunChart(control=control) as chart:
        chart.handle(RunStarted(1, "run 1", 3, 10, 0, "cpu"))
        control.pause()
        chart.handle(RunPaused(1, True))
        assert chart.controls.pause_button.description == "Resume"
        chart.controls.pause_button.click()
        assert not control.paused
        control.end()


def test_the_field_shows_the_rate_and_sets_it_for_all_groups(controls, optimizer):
    controls.refresh()
    assert controls.rate.placeholder == "0.1"
    controls.rate.value = " 0.05 "
    assert rates(optimizer) == pytest.approx([0.05, 0.005])
    assert (controls.rate.value, controls.rate.placeholder, controls.hint) == ("", "0.05", "")
    assert "scaled by the same factor" in controls.rate.tooltip


@pytest.mark.parametrize(
    "entered",
    ["fast", "-1", "nan", "inf", "1e999", "0.1.2", "<b>" * 20, "1,000", "12,000,000", "1_0"],
)
def test_what_is_no_rate_is_refused_in_one_line(controls, optimizer, entered):
    controls.rate.value = entered
    assert rates(optimizer) == [0.1, 0.01]
    assert controls.rate.value == entered  # to be mended
    assert "a number, 0 or more, is needed" in controls.hint
    assert "<b>" not in controls.hint
    controls.rate.value = "0"
    assert controls.hint == ""
    assert rates(optimizer) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("entered", "rate"), [("0,02", 0.02), ("0,001", 0.001), ("1,5e-3", 1.5e-3), ("1e-3", 1e-3)]
)
def test_a_decimal_comma_is_understood(controls, optimizer, entered, rate):
    controls.rate.value = entered
    assert optimizer.param_groups[0]["lr"] == pytest.approx(rate)


def test_after_the_run_the_field_changes_nothing(controls, control, optimizer):
    control.end()
    controls.rate.value = "0.5"
    assert rates(optimizer) == [0.1, 0.01]


def test_clicks_are_heard_while_the_cell_is_busy(controls, monkeypatch):
    """ipykernel 7.4 sends a click to the shell that last published, unless told otherwise."""
    from jupyter_classgame.widgets.run import run_controls

    told = []
    monkeypatch.setattr(run_controls, "answer_while_busy", told.append)
    again = RunControls(controls._control)
    assert told == [again.pause_button, again.stop_button, again.rate]


def test_a_chart_without_a_control_has_none(outputs):
    with RunChart() as chart:
        chart.handle(RunStarted(1, "run 1", 3, 10, 0, "cpu"))
        assert chart.controls is None
