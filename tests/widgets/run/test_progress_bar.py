import io

import pytest
from helpers.waiting import Clock

from jupyter_classgame.widgets.run import progress_bar as progress
from jupyter_classgame.widgets.run.progress_bar import progress_bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_quick_work_shows_nothing(outputs, monkeypatch):
    monkeypatch.setattr(progress, "time", Clock())
    with progress_bar("Reading images") as update:
        for done in range(1000):
            update(done, 1000)
    assert outputs == []


def test_a_bar_is_drawn_now_and_then_and_vanishes(outputs, monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 0.0)
    monkeypatch.setattr(progress, "PAUSE", 3600.0)
    with progress_bar("Reading <images>") as update:
        for done in range(1000):
            update(done, 1000)
    first, last = outputs
    assert "Reading &lt;images&gt;: 0 of 1,000" in first["data"]["text/html"]
    assert 'role="progressbar"' in first["data"]["text/html"]
    assert last["update"]
    assert last["transient"] == first["transient"]
    assert last["data"] == {"text/html": "", "text/plain": ""}


def test_it_vanishes_after_an_error_too(outputs, monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 0.0)

    def fail(update):
        update(1, 2)
        raise ValueError("bad")

    with pytest.raises(ValueError, match="bad"), progress_bar("Reading") as update:
        fail(update)
    assert outputs[-1]["data"]["text/html"] == ""


def test_a_total_of_zero_is_an_empty_bar(outputs, monkeypatch):
    monkeypatch.setattr(progress, "DELAY", 0.0)
    with progress_bar("Reading") as update:
        update(0, 0)
    assert 'aria-valuenow="0"' in outputs[0]["data"]["text/html"]


def test_a_terminal_gets_a_line_that_is_wiped_and_a_log_nothing(monkeypatch, capsys):
    monkeypatch.setattr(progress, "DELAY", 0.0)
    with progress_bar("Reading") as update:
        update(1, 2)
    assert capsys.readouterr().err == ""
    terminal = Terminal()
    monkeypatch.setattr(progress.sys, "stderr", terminal)
    with progress_bar("Reading") as update:
        update(1, 2)
    assert terminal.getvalue() == f"\rReading 1/2\r{'':<11}\r"
