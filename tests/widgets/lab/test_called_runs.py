"""Runs that game.train begins, as in a loop, are shown by a line each."""

import sys

import pytest
from helpers.waiting import Clock

from jupyter_classgame.events import RunStarted
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.cell_output import WIDGET_VIEW
from jupyter_classgame.widgets.chart.run_chart import RunChart
from jupyter_classgame.widgets.lab import called_runs
from jupyter_classgame.widgets.lab.called_runs import CalledRuns


@pytest.fixture
def shown(game):
    """Runs of a game that are shown."""
    end = game.events.subscribe(CalledRuns().handle)
    yield game.events
    end()


def test_a_run_is_a_line_while_it_goes_on_and_what_came_of_it_afterwards(
    outputs, shown, history, events, monkeypatch
):
    clock = Clock()
    monkeypatch.setattr(called_runs, "time", clock)
    *most, last = events(history(3))
    for event in most:
        shown.publish(event)
        clock.advance(0.11)
    assert [output["update"] for output in outputs] == [False, True, True, True]
    assert "epoch 1/3" in outputs[1]["data"]["text/html"]
    shown.publish(last)
    place = {output["transient"]["display_id"] for output in outputs}
    assert len(place) == 1
    assert "run 1: model: 3 epochs, best epoch" in outputs[-1]["data"]["text/html"]
    assert "run 1: model: 3 epochs, best epoch" in outputs[-1]["data"]["text/plain"]
    assert not any(WIDGET_VIEW in output["data"] for output in outputs)


def test_each_run_of_a_loop_has_a_line_and_a_failed_one_is_red(outputs, shown, ended, history):
    for run in (1, 2):
        shown.publish(RunStarted(run, f"run {run}: net", 3, 1, 0, "cpu"))
        shown.publish(ended(history(2), "nan", "the loss was not finite"))
    first, second = (each for each in outputs if not each["update"])
    assert first["transient"] != second["transient"]
    assert palette.BAD_CSS in outputs[1]["data"]["text/html"]


def test_a_run_of_a_magic_has_its_chart_alone(outputs, shown, game, history, events):
    control = RunControl()
    with RunChart(control=control).follow(game.events) as chart:
        control.attach(1, lambda: None)
        for event in events(history(2)):
            shown.publish(event)
        assert not chart.shows(1)
    assert len([each for each in outputs if not each["update"]]) == 1


def test_in_a_terminal_a_run_writes_lines(shell, capsys, monkeypatch, history, events):
    runs = CalledRuns()
    for terminal in (False, True):
        monkeypatch.setattr(sys.stdout, "isatty", lambda shown=terminal: shown, raising=False)
        for event in events(history(2)):
            runs.handle(event)
        lines = capsys.readouterr().out.splitlines()
        assert any("epoch 2/2" in line for line in lines) == terminal
