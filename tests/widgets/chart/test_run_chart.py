from dataclasses import replace
from threading import Thread
from weakref import WeakSet

import ipywidgets as w
import numpy as np
import pytest
from helpers.waiting import Clock
from ipywidgets.widgets.widget import _instances

from jupyter_classgame.events import (
    Bus,
    EpochEnded,
    HandEdited,
    Judged,
    Judging,
    Noticed,
    Observing,
    RunPaused,
)
from jupyter_classgame.referee import Evidence
from jupyter_classgame.referee.verdict import Verdict
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets import palette
from jupyter_classgame.widgets.cell_output import WIDGET_VIEW
from jupyter_classgame.widgets.chart import run_chart
from jupyter_classgame.widgets.chart.curve_view import CurveView
from jupyter_classgame.widgets.chart.finished_chart import live_chart, show_history
from jupyter_classgame.widgets.chart.run_chart import LONG, LOOKING, MESSAGES, STARTING, RunChart
from jupyter_classgame.widgets.live_with_twin import MAX_OPEN


@pytest.fixture
def clock(monkeypatch):
    """The clock that a chart goes by, moved by hand."""
    clock = Clock()
    monkeypatch.setattr(run_chart, "time", clock)
    return clock


def drive(chart, events):
    """Hand over all events but the last, and give that back."""
    *most, last = events
    for event in most:
        chart.handle(event)
    return last


def test_a_run_is_live_while_it_goes_on_and_a_picture_afterwards(outputs, history, events):
    before = set(_instances)
    with RunChart([history(3)]) as chart:
        assert outputs == []  # what is said before a run stands above its chart
        last = drive(chart, events(history(5)))
        shown = outputs[0]
        assert WIDGET_VIEW in shown["data"]
        chart.handle(last)
    assert [o["update"] for o in outputs] == [False, True]
    replaced = outputs[1]
    assert replaced["transient"] == shown["transient"]
    assert WIDGET_VIEW not in replaced["data"]
    assert "<img alt=" in replaced["data"]["text/html"]
    assert "best epoch 4" in replaced["data"]["text/plain"]
    assert set(_instances) == before


def test_a_chart_whose_kernel_is_gone_says_how_its_run_goes_on(outputs, history, events):
    for resumable in (True, False):
        with RunChart(resumable=resumable) as chart:
            *most, _ = events(history(2))
            drive(chart, [*most, None])
            dead = chart.state.html().partition('class="cg-alive"')[0]
            assert ("after epoch 2: run the cells" in dead) == resumable
            assert ("%train --resume" in dead) == resumable
            assert ("run the cell again" in dead) != resumable


def place(output):
    return output["transient"]["display_id"]


FINE = Judged(Verdict(in_use={"flip-trick": Evidence(1, "owned")}))
NOT_OWNED = Judged(Verdict(in_use={"flip": Evidence(1, "a mirror")}, unowned=["flip"]))


def test_a_player_is_told_while_the_referee_looks(outputs, history, events):
    with RunChart() as chart:
        chart.handle(Judging())
        (shown,) = outputs
        assert WIDGET_VIEW in shown["data"]
        line = chart.widget.children[0]
        assert LOOKING in line.value
        chart.handle(FINE)
        assert STARTING in line.value
        chart.handle(drive(chart, events(history(2))))
    assert [o["update"] for o in outputs] == [False, True]
    assert place(outputs[1]) == place(shown)


def test_its_axes_are_there_while_the_referee_looks_and_for_long_it_says_at_what(
    clock, outputs, history, events
):
    before = set(_instances)
    with RunChart() as chart:
        chart.handle(Judging())
        chart.handle(Observing(("the model",)))
        axes = chart.curves.widget
        assert axes in chart.widget.children
        line = chart.widget.children[0]
        assert LOOKING in line.value
        clock.advance(LONG + 0.1)
        chart.handle(Observing(("the model", "the <first> steps")))
        assert "would use: the model, the &lt;first&gt; steps …" in line.value
        last = drive(chart, events(history(2)))
        assert chart.curves.widget is axes
        chart.handle(last)
    assert [o["update"] for o in outputs] == [False, True]
    assert set(_instances) == before


def test_the_referee_has_its_card_above_the_chart(outputs, history, events):
    before = set(_instances)
    with RunChart() as chart:
        chart.handle(Judging())
        chart.handle(NOT_OWNED)
        assert [o["update"] for o in outputs] == [False, True]
        assert "Referee and coach" in outputs[1]["data"]["text/html"]
        last = drive(chart, events(history(2)))
        assert WIDGET_VIEW in outputs[2]["data"]
        chart.handle(last)
    waiting, card, running, ended = map(place, outputs)
    assert waiting == card != running == ended
    assert "2 epochs, best epoch" in outputs[3]["data"]["text/plain"]
    assert set(_instances) == before


def test_a_run_that_goes_on_in_the_background_is_starting_below_its_card(outputs):
    control = RunControl()
    with RunChart(control=control) as chart:
        chart.handle(Judging())
        chart.handle(NOT_OWNED)
        control.attach(1, lambda: None)
    (_, card, below) = outputs
    assert "Referee and coach" in card["data"]["text/html"]
    assert WIDGET_VIEW in below["data"]
    line = chart.widget.children[0]
    assert STARTING in line.value
    chart.close()


def test_a_run_that_is_refused_leaves_the_card_alone(outputs):
    before = set(_instances)
    chart = RunChart()
    chart.handle(Judging())
    chart.handle(NOT_OWNED)
    chart.close()
    assert len(outputs) == 2
    assert "not owned" in outputs[1]["data"]["text/html"]
    assert set(_instances) == before


def test_a_referee_that_is_interrupted_leaves_nothing(outputs):
    before = set(_instances)
    chart = RunChart()
    chart.handle(Judging())
    chart.close()
    assert outputs[1]["update"]
    assert outputs[1]["data"]["text/html"] == outputs[1]["data"]["text/plain"] == ""
    assert set(_instances) == before


def test_the_verdict_on_another_run_is_not_shown_in_a_chart(outputs):
    control = RunControl()
    control.attach(1, lambda: None)
    with RunChart(control=control) as chart:
        chart.show()
        chart.handle(Judging())
        chart.handle(NOT_OWNED)
        assert len(outputs) == 1


def test_updates_are_throttled_and_the_picture_has_the_last_state(
    clock, sent, outputs, history, events
):
    chart = RunChart(max_updates=10)
    chart.show()
    status = chart._status.comm
    *most, last = events(history(30))
    for event in most:
        chart.handle(event)
        clock.advance(0.003)
    allowed = 10 * clock.now + 2
    updates = [message for message in sent if message.comm is status]
    assert 2 <= len(updates) <= allowed
    before = len(sent)
    chart.handle(last)
    assert {message.type for message in sent[before:]} == {"comm_close"}  # a picture says it all
    assert "30 epochs" in outputs[-1]["data"]["text/plain"]


def test_the_first_epoch_is_drawn_from_batch_to_batch(outputs, history, events):
    shown = history(4)
    told = iter(events(shown, batches=10))
    with RunChart(max_updates=1e9, max_messages=1e9) as chart:

        def hear(count):
            for _, event in zip(range(count), told, strict=False):
                chart.handle(event)
            return chart.curves.panels[0]._curves

        lines = hear(1 + 5)
        assert lines.x.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
        lines = hear(5 + 1 + 5)
        points = [number / 10 for number in range(1, 16)]
        points.insert(10, 1)  # the last batch, and the epoch
        assert lines.x[0].tolist() == pytest.approx(points)
        assert set(lines.x[1]) == {1}  # validation is measured at its end alone
        assert np.isfinite(lines.y).all()
        lines = hear(5 + 1 + 5)  # there is a line without them
        assert lines.x.tolist() == [[1, 2, 2.5], [1, 2, 2]]


def test_the_first_epoch_is_drawn_at_its_end_however_short_it_was(clock, outputs, history, events):
    with RunChart(max_updates=0.001) as chart:
        for event, _ in zip(events(history(3)), range(1 + 10 + 1), strict=False):
            chart.handle(event)
        assert chart.curves.panels[0]._curves.x.tolist()[0][-1] == 1


def test_a_run_of_one_epoch_opens_few_comms_and_closes_them(clock, sent, outputs, history, events):
    control = RunControl()
    with RunChart(control=control) as chart:
        chart.handle(Judging())
        chart.handle(Observing(("the model",)))
        chart.handle(FINE)
        control.attach(1, lambda: None)
        for event in events(history(1)):
            clock.advance(0.05)
            chart.handle(event)
    opened = [message.comm for message in sent if message.type == "comm_open"]
    closed = [message.comm for message in sent if message.type == "comm_close"]
    assert len(opened) <= 30
    assert {id(comm) for comm in opened} == {id(comm) for comm in closed}
    assert len(closed) == len(opened)
    assert len(sent) <= 75


def test_an_earlier_run_adds_few_comms(sent, outputs, history):
    CurveView().close()
    alone = sum(message.type == "comm_open" for message in sent)
    sent.clear()
    earlier = [history(epochs, label=f"run {epochs}") for epochs in (2, 3, 4)]
    CurveView(earlier[:1], earlier).close()
    first = sum(message.type == "comm_open" for message in sent)
    sent.clear()
    CurveView(earlier, earlier).close()
    all_of_them = sum(message.type == "comm_open" for message in sent)
    assert all_of_them - first == 2 * 2  # a line in each figure
    assert first - alone <= 14


def test_events_of_another_run_are_passed_over(outputs, history, events):
    control = RunControl()
    control.attach(2, lambda: None)
    with RunChart(control=control, max_updates=1e9, max_messages=1e9) as chart:
        for event in events(history(2)):
            chart.handle(event)
        assert outputs == []
        for event in events(history(3)):
            chart.handle(replace(event, run=2))
    assert outputs[-1]["data"]["text/plain"].startswith("run 1: model: 3 epochs")


def test_without_a_control_the_first_run_heard_of_is_shown(shell, capsys, history, events):
    first = list(events(history(2)))
    chart = RunChart()
    chart.handle(replace(first[1], run=7))  # of a run that began before
    for event in first:
        chart.handle(replace(event, run=7) if event is first[1] else event)
        chart.handle(replace(event, run=9))
    lines = capsys.readouterr().out.splitlines()
    begun = [line.split(" · ")[0] for line in lines[2:]]
    assert begun == [
        "epoch 1/2",
        "epoch 2/2",
        "done; best epoch 2 with val acc 0.7774; it is the last",
    ]


def test_it_hears_of_its_run_until_that_is_over(outputs, history, events):
    bus = Bus()
    with RunChart().follow(bus):
        *most, last = events(history(2))
        for event in most:
            bus.publish(event)
        assert len(bus._listeners) == 1
        bus.publish(last)
        assert bus._listeners == []
    with pytest.raises(RuntimeError), RunChart().follow(bus):
        raise RuntimeError
    assert bus._listeners == []


def test_it_stays_while_the_run_goes_on_in_the_background(outputs, history, events):
    control = RunControl()
    control.attach(1, lambda: None)
    before = set(_instances)
    with RunChart(control=control) as chart:
        pass
    assert WIDGET_VIEW in outputs[0]["data"]  # shown at once, in the cell
    thread = Thread(target=lambda: [chart.handle(event) for event in events(history(2))])
    thread.start()
    thread.join()
    assert [o["update"] for o in outputs] == [False, True]
    assert "2 epochs, best epoch" in outputs[1]["data"]["text/plain"]
    assert set(_instances) == before


def test_a_pause_is_said_at_once_and_its_end_too(outputs, history, events):
    with RunChart(max_updates=0.001) as chart:
        for event, _ in zip(events(history(4)), range(16), strict=False):
            chart.handle(event)
        chart.handle(RunPaused(1, True))
        assert "paused · epoch 2/4 · batch 4/10" in chart._status.value
        chart.handle(RunPaused(1, False))
        assert "paused" in chart._status.value  # soon drawn over, not worth a message of its own
        chart.handle(Noticed(1, "hm"))
        assert "paused" not in chart._status.value


def test_edits_by_hand_are_marked_on_the_training_curve(outputs, history, events):
    shown = history(4)
    with RunChart(max_updates=1e9, max_messages=1e9) as chart:
        *most, last = events(shown)
        for event in most:
            chart.handle(event)
            if isinstance(event, EpochEnded) and event.epoch == 3:
                chart.handle(HandEdited(1, 2.5, "lr 0.1 → 0.01"))
        values_of = shown.train_loss, shown.train_acc
        for panel, values in zip(chart.curves.panels, values_of, strict=True):
            marks = panel._edits
            assert marks.x.tolist() == [2.5]
            assert marks.y.tolist() == pytest.approx([(values[1] + values[2]) / 2], rel=1e-5)
            assert list(marks.names) == ["lr 0.1 → 0.01"]
            assert marks.tooltip.fields == ["name"]
        assert "edited by hand" in chart.curves.legend.value
        assert "edited by hand after 2.50 epochs: lr 0.1 → 0.01" in chart._status.value
        chart.handle(last)


def test_the_averaged_weights_have_a_curve_where_there_are_any(outputs, history, events):
    with RunChart(max_updates=1e9, max_messages=1e9) as chart:
        for event in list(events(history(3)))[:-1]:
            averaged = {"ema_val_loss": 0.5, "ema_val_acc": 0.25}
            chart.handle(replace(event, **averaged) if isinstance(event, EpochEnded) else event)
        loss, accuracy = chart.curves.panels
        assert accuracy._ema.y.tolist() == [0.25] * 3
        assert loss._ema.y.tolist() == [0.5] * 3
        assert "averaged weights" in chart.curves.legend.value


def test_a_run_without_an_epoch_leaves_its_message(outputs, history, events, ended):
    with RunChart() as chart:
        drive(chart, events(history(3)))
        chart.handle(ended(history(0), "error", "the loss became <NaN>"))
    assert "&lt;NaN&gt;" in outputs[-1]["data"]["text/html"]


def test_a_run_that_never_began_leaves_nothing(outputs):
    with pytest.raises(RuntimeError), RunChart():
        raise RuntimeError
    assert outputs == []


def test_notes_and_labels_are_escaped(outputs, history, events):
    with RunChart() as chart:
        drive(chart, events(history(2, label="run 1: <script>")))
        assert "<script>" not in chart._status.value
        assert "criterion: &lt;none&gt;" in chart._status.value


def test_a_browser_is_sent_a_few_messages_a_second_however_fast_the_epochs_are(
    clock, sent, outputs, history, events
):
    told = list(events(history(200)))
    with RunChart(max_updates=3.0) as chart:
        chart.handle(told[0])
        sent.clear()
        for event in told[1:-1]:
            clock.advance(0.05)
            chart.handle(event)
        updates = [message for message in sent if message.type == "comm_msg"]
    assert 0.5 * MESSAGES * clock.now < len(updates) <= MESSAGES * clock.now + 10


def test_within_an_epoch_the_chart_is_drawn_every_second(clock, sent, outputs, history, events):
    told = list(events(history(30), batches=100))
    with RunChart() as chart:

        def hear(few):
            for event in few:
                clock.advance(0.2)
                chart.handle(event)

        hear(told[: 2 * 101 + 40])  # within the third epoch, which its beginning does not hold up
        sent.clear()
        begin = clock.now
        hear(told[2 * 101 + 40 : 3 * 101])
        lines = [each for each in sent if each.comm is chart.curves.panels[0]._curves.comm]
        assert len(lines) > clock.now - begin - 1
        assert len(sent) <= MESSAGES * (clock.now - begin) + 3
        status = chart._status.value
        assert status.index("left") < status.index("best val acc")
        assert "-webkit-line-clamp:2" in status


def test_without_validation_there_is_only_training(outputs, history, events):
    with RunChart(max_updates=1e9, max_messages=1e9) as chart:
        last = drive(chart, events(history(3, validated=False)))
        loss, accuracy = chart.curves.panels
        assert loss._curves.y.shape == (3,)
        assert list(loss._spots.colors) == [palette.TRAIN]
        assert len(accuracy._best.x) == 1
        chart.handle(last)
    assert "val acc" not in outputs[-1]["data"]["text/plain"]


def test_outside_a_kernel_there_is_the_card_alone(shell, capsys):
    with RunChart() as chart:
        chart.handle(Judging())
        chart.handle(FINE)
        assert capsys.readouterr().out == ""
        chart.handle(NOT_OWNED)
        assert chart.widget is None
    assert NOT_OWNED.verdict.text() in capsys.readouterr().out


def test_outside_a_kernel_it_writes_lines_and_makes_no_widgets(shell, capsys, history, events):
    before = set(_instances)
    with RunChart([history(3)]) as chart:
        for event in events(history(2)):
            chart.handle(event)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "run 1: model on cpu"
    assert lines[2].startswith("epoch 1/2 · loss 2.00")
    assert lines[-1].startswith("done; best epoch 2")
    assert set(_instances) == before


def test_a_finished_run_is_shown_as_a_pair(shell, outputs, history):
    shell.display_formatter.format(show_history(history(5)))
    live, twin = outputs
    assert WIDGET_VIEW in live["data"]
    assert "<img alt=" in twin["data"]["text/html"]
    assert "history.chart() shows the last run live" in twin["data"]["text/html"]


def test_a_history_shown_again_has_its_earlier_runs_behind(outputs, history):
    again = history(5)
    again.earlier = (history(3, label="run 0: first"),)
    again.others = [*again.earlier, history(2, label="run 2: last"), again, history(0)]
    shown = show_history(again)
    shown.show()
    ticks = [each for each in _instances.values() if isinstance(each, w.Checkbox)]
    assert {tick.description: tick.value for tick in ticks} == {
        "run 0: first": True,
        "run 2: last": False,
    }
    assert shown.twin["image/png"] != show_history(history(5)).twin["image/png"]


def test_a_history_without_an_epoch_says_why(outputs, history):
    shown = history(0)
    shown.stopped_by, shown.message = "nan", "the loss became nan in the first batch"
    show_history(shown).show()
    (output,) = outputs
    assert "the loss became nan in the first batch" in output["data"]["text/html"]
    assert "image/png" not in output["data"]


def test_a_history_of_a_run_under_way_says_so(outputs, history):
    shown = history(2)
    shown.epochs_requested, shown.stopped_by = 30, None
    shown._control = RunControl()
    shown._control.attach(1, lambda: None)
    chart = show_history(shown)
    chart.show()
    assert "2 of 30 epochs so far" in chart.widget.children[0].value


def test_live_charts_do_not_pile_up(outputs, history):
    charts = [live_chart(history(2)) for _ in range(MAX_OPEN + 3)]
    for chart in charts:
        chart.show()
    assert sum(chart.widget is not None for chart in charts) == MAX_OPEN
    assert charts[0].widget is None


def test_closing_closes_every_widget(outputs, history):
    before = set(_instances)
    chart = live_chart(history(5), [history(3)])
    chart.show()
    assert len(_instances) > len(before)
    chart.close()
    assert set(_instances) == before


def test_charts_may_be_added_while_others_are_looked_through(monkeypatch):
    charts = [RunChart(live=False) for _ in range(3)]
    events = Bus()
    monkeypatch.setattr(run_chart, "_charts", WeakSet(charts[:1]))
    monkeypatch.setattr(RunChart, "shows", lambda _chart, _run: bool(charts[-1].follow(events)) - 1)
    charts[0].follow(events)
    assert not run_chart.is_charted(1)
    for chart in charts:
        chart.close()
