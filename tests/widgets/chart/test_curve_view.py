from threading import Thread

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.bqplot_import import bq
from jupyter_classgame.widgets.chart.curve_points import log_ticks
from jupyter_classgame.widgets.chart.curve_view import MOST, CurveView


@pytest.fixture
def view(sent, history):
    """The curves of a run of five epochs, beside an earlier one and one to be ticked."""
    runs = [history(3, label="run 1: <model>"), history(8, label="run 2: net")]
    runs[0].run, runs[1].run = 1, 2
    view = CurveView(runs[:1], runs)
    shown = history(5)
    shown.edits = [(2.5, "lr 0.1 → 0.01")]
    shown.lr = [0.1, 0.1, 0.05, 0.01, 0.01]
    view.draw_history(shown)
    return view


def titles(view):
    return [panel.figure.title for panel in view.panels]


def marks(view, kind, panel=0):
    return [mark for mark in view.panels[panel].figure.marks if isinstance(mark, kind)]


@pytest.mark.parametrize("epochs", [10, 1000, 20_000])
def test_messages_stay_small_whatever_the_number_of_epochs(sent, history, epochs):
    behind = [history(epochs, label=f"run {n}") for n in range(4)]
    view = CurveView(behind)
    opened = sum(message.size for message in sent if message.type == "comm_open")
    shown = history(epochs)
    shown.ema_val_loss, shown.ema_val_acc = shown.val_loss, shown.val_acc
    shown.edits = [(epoch / 7, f"lr 0.1 → 0.0{epoch}") for epoch in range(500)]
    sent.clear()
    view.draw_history(shown)
    updates = [message for message in sent if message.type == "comm_msg"]
    assert len(updates) <= 13
    assert max(message.size for message in updates) < 25_000
    assert opened < 200_000
    drawn = [mark for panel in view.panels for mark in panel.figure.marks]
    assert 100 < sum(np.size(mark.y) for mark in drawn) <= 20_000
    for panel in view.panels if epochs <= 1000 else ():  # none is left out
        assert panel._curves.x[0].tolist() == list(range(1, epochs + 1))
    assert all(mark.x.dtype == np.float32 for mark in drawn)


def test_dots_tell_what_they_stand_for(view, history):
    told, spots, _best, _edits = marks(view, bq.Scatter)
    run = history(5)
    assert spots.x.tolist() == [epoch for epoch in range(1, 6) for _ in range(2)]
    drawn = zip(run.train_loss, run.val_loss, strict=True)
    assert spots.y.tolist() == pytest.approx([value for pair in drawn for value in pair])
    assert [name.strip() for name in spots.names] == ["training", "validation"] * 5
    assert len(set(spots.names)) == 10  # or bqplot would take some for the same
    assert spots.tooltip.fields == ["name", "x", "y"]
    assert [name.strip() for name in told.names] == ["run 1: <model>"] * 3
    assert set(told.opacities) == {0}


def test_one_epoch_is_no_curve_of_two_points(sent, history):
    view = CurveView()
    shown = history(1)
    view.draw_history(shown)
    (lines, *_) = marks(view, bq.Lines)
    assert lines.x.tolist() == [[1, 1], [1, 1]]
    assert lines.y.tolist() == [[shown.train_loss[0]] * 2, pytest.approx([shown.val_loss[0]] * 2)]


def test_it_shows_what_is_chosen_and_nothing_is_left_behind(view):
    assert titles(view) == ["Loss", "Accuracy"]
    open_before = len(_instances)
    view.shown.value = "Learning rate"
    assert titles(view) == ["Learning rate"]
    (rates,) = (mark for mark in marks(view, bq.Lines) if palette.TRAIN in mark.colors)
    assert rates.y.tolist() == pytest.approx([0.1, 0.1, 0.05, 0.01, 0.01])
    assert "best epoch" not in view.legend.value
    assert "edited by hand" in view.legend.value
    edits = marks(view, bq.Scatter)[-1]
    assert (edits.x.tolist(), list(edits.names)) == ([2.5], ["lr 0.1 → 0.01"])
    view.shown.value = "Loss"
    view.shown.value = "Loss and accuracy"
    assert titles(view) == ["Loss", "Accuracy"]
    assert len(_instances) == open_before


def test_a_logarithmic_axis_leaves_out_what_is_not_above_0(view, history):
    view.log.value = True
    shown = history(4)
    shown.train_loss = [1.0, 0.0, 0.03, 0.2]
    view.draw_history(shown)
    loss, accuracy = view.panels
    assert isinstance(loss._y, bq.LogScale)
    assert isinstance(accuracy._y, bq.LinearScale)
    assert np.isnan(loss._curves.y[0]).tolist() == [False, True, False, False]
    assert loss._spots.x.tolist() == [1, 1, 3, 3, 4, 4]
    ticks = loss._up.tick_values.tolist()
    assert ticks == pytest.approx([0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5])
    assert (loss._y.min, loss._y.max) == pytest.approx((0.02, 5))
    view.shown.value = "Accuracy"
    assert view.log.disabled


def test_the_best_epoch_has_no_place_on_a_logarithmic_axis_at_0(view, history):
    view.log.value = True
    shown = history(4)
    shown.val_loss[shown.best_epoch - 1] = 0.0
    view.draw_history(shown)
    assert len(view.panels[0]._best.x) == 0
    assert len(view.panels[1]._best.x) == 1


@pytest.mark.parametrize("highest", [1e-3, 1.0, 1e30])
def test_a_logarithmic_axis_has_a_few_ticks(highest):
    ticks = log_ticks([[1e-8, highest]])
    assert 4 <= len(ticks) <= 12
    assert ticks[0] <= 1e-8
    assert ticks[-1] >= highest


def test_a_run_that_went_wild_does_not_flatten_the_one_that_is_shown(sent, history):
    wild, shown = history(3, start=50_000.0), history(5)
    view = CurveView([wild])
    view.draw_history(shown)
    assert view.panels[0]._y.max < 3 * max(shown.train_loss)


def test_ticked_runs_stand_behind_each_in_its_own_way(view):
    first, second = view.ticks
    assert [tick.description for tick in view.ticks] == ["run 1: <model>", "run 2: net"]
    assert (first.value, second.value) == (True, False)
    second.value = True
    behind = marks(view, bq.Lines)[:2]
    assert len({(mark.colors[0], mark.line_style) for mark in behind}) == 2
    assert "run 1: &lt;model&gt;" in view.legend.value
    assert all(mark.colors[0] in view.legend.value for mark in behind)
    assert [len(mark.x) for mark in behind] == [3, 8]
    assert view.panels[0]._x.max >= 8  # the axis reaches to the end of the longest
    first.value = second.value = False
    assert len(marks(view, bq.Lines)) == 1  # the run's own


def test_the_newest_runs_can_be_ticked_beside_the_earlier_ones(sent, history):
    runs = [history(2, label=f"run {n}") for n in range(20)]
    for number, run in enumerate(runs):
        run.run = number
    view = CurveView(runs[1:3], runs)
    labels = [tick.description for tick in view.ticks]
    assert labels == ["run 1", "run 2", *(f"run {n}" for n in range(22 - MOST, 20))]
    assert [tick.value for tick in view.ticks] == [True, True] + [False] * (MOST - 2)


def test_the_rates_of_compared_runs_stay_inside_the_axes(sent, history):
    fast, wild = history(3, label="fast"), history(3, label="wild", start=50_000.0)
    fast.lr = [0.5, 0.00005, 0.5]
    view = CurveView([fast, wild])
    shown = history(5)
    view.draw_history(shown)
    for panel in view.panels:
        dots = panel._compared_dots
        assert len(dots.x) == len(dots.names) > 0
        assert max(dots.y) <= panel._y.max
    view.shown.value = "Learning rate"
    (rates,) = view.panels
    assert max(rates._compared_dots.y) == 0.5 <= rates._y.max
    view.log.value = True
    (rates,) = view.panels
    assert rates._up.tick_format == "~g"
    shown.lr = [1e-9] * 5
    view.draw_history(shown)
    assert rates._up.tick_format == "~e"  # the others have no room beside the axis


def test_a_compared_run_of_one_epoch_is_a_dot(sent, history):
    view = CurveView([history(1, label="short"), history(3, label="long")])
    dots = view.panels[0]._compared_dots
    assert [name.strip() for name in dots.names] == ["short"] + ["long"] * 3
    assert dots.opacities.tolist() == [1, 0, 0, 0]


def test_dots_that_come_inside_the_axes_are_made_anew(sent, history):
    high, low = history(1, label="high", start=9.0), history(3, label="low", start=0.5)
    view = CurveView([high, low])
    figure = view.panels[0]
    for start, names in ((1.0, ["low"] * 3), (9.0, ["high"] + ["low"] * 3)):
        view.draw_history(history(5, start=start))
        dots = figure._compared_dots
        assert [name.strip() for name in dots.names] == names
        assert dots.opacities.tolist() == [float(name == "high") for name in names]
        assert dots in figure.figure.marks
    alive = set(_instances)
    view.close()
    assert not {each for each in alive & set(_instances) if "Scatter" in str(_instances[each])}


def test_figures_beside_each_other_are_zoomed_together(view):
    loss, accuracy = view.panels
    assert loss._x is accuracy._x
    assert loss._across in accuracy.figure.axes


def test_a_zoomed_axis_stays_where_it_is_until_all_is_wanted(view, history):
    loss = view.panels[0]
    view.zoom.value = True
    assert isinstance(loss.figure.interaction, bq.PanZoom)
    loss._x.min, loss._y.max = 2.0, 0.5  # as the page does
    view.zoom.value = False
    assert loss.figure.interaction is None
    shown = history(5, start=40.0)
    view.draw_history(shown)
    assert (loss._x.min, loss._y.max) == (2.0, 0.5)
    assert loss._up.tick_values is None  # the page finds round ones
    view.reset.click()
    assert loss._x.min == 0.0
    assert loss._across.tick_values.tolist() == [0, 1, 2, 3, 4, 5]
    assert loss._y.max >= loss._up.tick_values[-1] > 40


def test_axes_grow_with_the_run_and_show_its_values(sent, history):
    view = CurveView()
    loss, accuracy = view.panels
    assert loss._across.tick_values.tolist() == [0, 1]
    shown = history(12)
    shown.val_acc = shown.train_acc = [0.9 + epoch / 1000 for epoch in range(12)]
    view.draw_history(shown)
    assert loss._across.tick_values.tolist() == list(range(0, 13, 2))
    assert accuracy._up.tick_values[0] > 0.8
    view.whole.value = True
    assert view.panels[1]._up.tick_values.tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert view.panels[0]._up.tick_values[0] == 0


def test_the_best_epoch_stands_on_its_curve_above_the_dots(view, history):
    figure, run = view.panels[0].figure, history(5)
    best = next(m for m in figure.marks if m.__class__ is bq.Scatter and m.marker == "diamond")
    assert best.x.tolist() == [run.best_epoch]
    assert best.y.tolist() == pytest.approx([run.val_loss[run.best_epoch - 1]])
    assert figure.marks.index(best) > figure.marks.index(view.panels[0]._spots)


def test_all_is_sent_anew_though_the_kernel_has_not_heard_of_the_zoom(view, sent):
    view.zoom.value = True
    sent.clear()
    view.reset.click()
    scales = [view.panels[0]._x.comm, view.panels[0]._y.comm]
    states = [each.data["state"] for each in sent if each.comm in scales and "data" in dir(each)]
    assert [state for state in states if {"min", "max"} <= set(state)]


def test_clicks_and_drawing_may_meet(sent, history):
    view = CurveView()
    runs = [history(epochs) for epochs in range(1, 30)]

    def draw():
        for run in runs:
            view.draw_history(run)

    drawing = Thread(target=draw)
    drawing.start()
    for _ in range(3):
        for choice in ("Loss", "Learning rate", "Accuracy"):
            view.shown.value = choice
    drawing.join()
    view.shown.value = "Loss"
    lines = marks(view, bq.Lines)[0]
    assert lines.x.shape == (2, 29)


def test_a_click_that_comes_when_it_is_closed_makes_nothing(view):
    shown, zoom, reset = view.shown, view.zoom, view.reset
    view.close()
    left = set(_instances)
    shown.value = "Loss"
    zoom.value = True
    reset.click()
    assert set(_instances) == left


def test_closing_closes_what_a_zoom_has_made(sent, history):
    before = set(_instances)
    view = CurveView([history(2)])
    view.zoom.value = True
    view.log.value = True
    view.zoom.value = True
    view.close()
    assert set(_instances) == before


def test_the_axis_counts_the_models_life(sent, history):
    before, shown = history(5, label="run 1: model"), history(5, label="run 2: model")
    shown.first_epoch, shown.edits = 10, [(2.5, "lr 0.1 → 0.01")]
    alone, beside = CurveView(), CurveView([before])
    for view, first in ((alone, 10), (beside, 0)):
        view.draw_history(shown)
        panel = view.panels[0]
        assert panel._curves.x[0].tolist() == [11, 12, 13, 14, 15]
        assert panel._best.x.tolist() == [10 + shown.best_epoch]
        assert panel._edits.x.tolist() == [12.5]
        assert set(panel._spots.x.tolist()) == {11, 12, 13, 14, 15}
        ticks = panel._across.tick_values.tolist()
        assert (panel._x.min, ticks[-1]) == (first, 15 if first else 16)
        assert panel._across.label == "epoch of the model's life"
    (behind,) = (m for m in marks(beside, bq.Lines) if len(m.x) and np.max(m.x) == 5)
    assert behind.x.tolist() == [1, 2, 3, 4, 5]


def test_accuracies_are_rounded_before_the_page_rounds_them(sent, history):
    view, shown = CurveView(), history(1)
    shown.val_acc = [0.90625]  # a page would write 0.9063 where all else has 0.9062
    view.draw_history(shown)
    assert view.panels[1]._spots.y.tolist()[-1] == pytest.approx(0.9062, abs=1e-6)
