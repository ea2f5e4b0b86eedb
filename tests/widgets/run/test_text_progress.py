import io
from dataclasses import replace

import pytest

from jupyter_classgame.events import HandEdited, Progress, RunPaused, RunStarted
from jupyter_classgame.widgets.run.text_progress import TextProgress, duration, progress_line


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3780, "1 h 03 min"),
    ],
)
def test_durations_are_said_as_people_do(seconds, said):
    assert duration(seconds) == said


def test_a_progress_line_has_epoch_batch_numbers_and_time_left():
    progress = Progress(1, 3, 10, 40, 113, 0.31, 0.9, 5.0, 12.0)
    assert progress_line(progress, 0.88) == (
        "epoch 3/10 · batch 40/113 · loss 0.3100 · acc 0.9000 · val acc 0.8800 · 12 s left"
    )
    unknown = Progress(1, 1, 10, 40, None, 0.31, 0.9, 5.0, None)
    assert progress_line(unknown, None) == "epoch 1/10 · batch 40 · loss 0.3100 · acc 0.9000"


def test_on_a_terminal_the_line_is_rewritten_and_no_rest_of_it_stays(history, events):
    terminal = Terminal()
    line = TextProgress(terminal, max_updates=1e9)
    for event in events(history(2), batches=3):
        line.handle(event)
    written = terminal.getvalue()
    assert written.count("\n") == 5
    assert "\repoch 1/2 · batch 2/3" in written
    last_batch = written.split("\n")[2].split("\r")
    assert len(last_batch[-1]) >= len(last_batch[-2].rstrip())


def test_pauses_and_edits_are_told_in_a_log():
    log = io.StringIO()
    line = TextProgress(log)
    for event in (RunPaused(1, True), HandEdited(1, 1.25, "lr 0.1 → 0.01"), RunPaused(1, False)):
        line.handle(event)
    assert log.getvalue().splitlines() == [
        "paused",
        "edited by hand after 1.25 epochs: lr 0.1 → 0.01",
        "resumed",
    ]


def test_the_end_tells_the_best_and_the_last_score_and_which_the_model_has(history, ended):
    run, log = history(5), io.StringIO()
    end = replace(ended(run), kept="last", kept_epoch=5)
    for event in (RunStarted(1, "run 1", 5, 6, 0, "cpu"), end):
        TextProgress(log).handle(event)
    best, last = (f"{run.val_acc[epoch - 1]:.4f}" for epoch in (4, 5))
    assert log.getvalue().splitlines()[-1] == (
        f"done; best epoch 4 with val acc {best}; "
        f"the last, epoch 5, with val acc {last}, was left in the model"
    )
    TextProgress(log).handle(replace(end, epochs=(), message="stopped"))
    assert log.getvalue().splitlines()[-1] == "stopped"
