"""The chart of a range test: live while it sweeps, whole afterwards, and once a cell."""

import numpy as np
import pytest
import torch
from torch import nn

from jupyter_classgame.training.range_test.range_test import RangeTest, Sweep
from jupyter_classgame.widgets.cell_output import WIDGET_VIEW
from jupyter_classgame.widgets.range_test import rate_chart
from jupyter_classgame.widgets.range_test.rate_chart import RateChart

RATES = tuple(float(rate) for rate in np.geomspace(1e-4, 1.0, 30))


def falls(seed, rate):
    """A sweep whose loss falls around a rate, and which ended early."""
    losses = 1 + 1 / (1 + np.exp(4 * np.log10(np.array(RATES) / rate)))
    return Sweep(seed, RATES, tuple(losses.tolist()))


def displayed(outputs):
    """What was displayed, without what was put in its place later."""
    return [each for each in outputs if not each.get("update")]


def test_a_range_test_is_drawn_as_it_comes_and_its_rate_is_taken_by_a_click(
    shell, outputs, monkeypatch
):
    monkeypatch.setattr(rate_chart, "PACE", 0.0)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    sweeps = falls(0, 0.01), falls(1, 0.02)
    found = RangeTest("model", "<opt>", sweeps, 40, held=lambda: optimizer)
    with RateChart(1e-4, 10.0, 40, 2) as chart:
        chart.watch(0, 1, 2.0)
        chart.watch(1, 1, 1.5)
        assert "sweep 2 of 2, step 1 of 40" in chart.view.widget.children[0].value
        assert chart._raw.y[:, 0].tolist() == [2.0, 1.5]
        chart.end(found)
    live, twin = (each["data"] for each in displayed(outputs))
    assert WIDGET_VIEW in live
    assert "about to begin" in twin["text/html"]  # replaced by what follows
    assert "&lt;opt&gt;" in chart.view.twin["text/html"]
    assert "image/png" in chart.view.twin

    button = chart.view.widget.children[2].children[0]
    assert button.description == f"Take {found.suggestion:g}"
    assert np.allclose(chart._raw.x[0], RATES)  # not those planned: it ended early
    assert np.allclose(chart._chosen.x, found.suggestion)
    assert np.allclose(chart._spread.x, found.spread)
    button.click()
    assert optimizer.param_groups[0]["lr"] == found.suggestion
    assert "has the learning rate" in chart.view.widget.children[2].children[1].value

    shell.display_formatter.format(found)  # the value of the cell that has the chart
    assert len(displayed(outputs)) == 2
    shell.execution_count += 1
    shell.display_formatter.format(found)
    assert len(displayed(outputs)) == 4


def test_an_error_is_told_in_the_place_of_the_chart_and_a_refusal_has_none(outputs):
    chart = RateChart(1e-4, 10.0, 40, 1)
    with pytest.raises(ValueError, match="refused"), chart:
        raise ValueError("refused")
    assert outputs == []
    chart.watch(0, 1, 2.0)
    with pytest.raises(ValueError, match="no more"), chart:
        raise ValueError("no more")
    assert len(displayed(outputs)) == 2
    assert "everything is as it was" in chart.view.twin["text/plain"]
    assert "everything is as it was" in chart.view.widget.children[0].value
