import re
import subprocess
import sys

import numpy as np
import pytest

from jupyter_classgame.evaluation.model_ensemble import Ensemble
from jupyter_classgame.evaluation.report import build_report
from jupyter_classgame.events import RunStarted
from jupyter_classgame.shop.storage.records import RunNumbers
from jupyter_classgame.training.run_control import RunControl
from jupyter_classgame.widgets import formatters, markup, palette
from jupyter_classgame.widgets.cell_output import WIDGET_VIEW
from jupyter_classgame.widgets.chart.run_chart import RunChart

HEAVY = ("torch", "bqplot", "pandas", "matplotlib", "sqlalchemy")


def html(shell, thing):
    data, _ = shell.display_formatter.format(thing)
    return data["text/html"]


LIGHT = [
    "formatters",
    "comm.comm_link",
    "lab.lab_sync",
    "cards.receipt_card",
    "cards.status_card",
    "shop.static_catalogue",
]


@pytest.mark.processes
@pytest.mark.parametrize("module", LIGHT)
def test_what_is_loaded_with_the_extension_is_light(module):
    code = (
        f"import sys, jupyter_classgame.widgets.{module}; "
        f"sys.exit([m for m in {HEAVY} if m in sys.modules] or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_receipt_tells_what_was_bought_and_what_is_left(shell, game):
    shown = html(shell, game.order("buy flip-trick, neural-turbo-boost x 2"))
    for part in ("Flip trick", "Neural turbo boost × 2", "40 B NN", "50 B NN"):  # noqa: RUF001
        assert part in shown
    assert "team red &lt;b&gt;&amp;&lt;/b&gt;" in shown
    assert "red <b>" not in shown
    assert 'scope="row"' in shown
    assert "Nothing changed" in html(shell, game.order("buy flip-trick"))
    returned = game.order("return flip-trick")
    assert "+10 B NN" in html(shell, returned)
    assert "+10 B NN" in repr(returned)
    bought = game.order("buy flip-trick")
    assert "−10 B NN" in html(shell, bought)  # noqa: RUF001
    assert "-10 B NN" in repr(bought)


def test_a_status_card_tells_where_the_team_stands(shell, game):
    game.order("buy flip-trick")
    shown = html(shell, game.status())
    for part in ("Flip trick", "90 B NN left of 100 B NN", "3 classes", "none yet; %train"):
        assert part in shown
    assert "red <b>" not in shown


def test_an_empty_run_table_says_how_to_fill_it(shell, game):
    assert "None yet; %train makes one." in html(shell, game.runs())


def test_a_run_table_says_which_are_ranked(shell, game):
    for ranked in (True, False):
        run = game.ledger.start_run(game.record, "Net", ranked=ranked, seed=1, in_use={})
        game.ledger.end_run(
            game.record, run, stopped_by="epochs", epochs=1, life_epochs=1, weights="w" * 64,
            ranked=ranked, val_acc=0.5, val_loss=1.0,
        )  # fmt: skip
    shown = html(shell, game.runs())
    assert shown.count(">ranked<") == shown.count(">unranked<") == 1
    assert "practice" not in shown


def test_a_run_table_has_the_best_first_in_words_with_epochs_rate_and_seconds(shell, game):
    def run(stopped_by, val_acc, numbers=None):
        begun = game.ledger.start_run(game.record, "<net>", ranked=True, seed=1, in_use={})
        if stopped_by:
            game.ledger.end_run(
                game.record, begun, stopped_by=stopped_by, epochs=7, life_epochs=7,
                weights="w" * 64, ranked=False, val_acc=val_acc, val_loss=None, numbers=numbers,
            )  # fmt: skip

    run("epochs", 0.5, RunNumbers(0.1, 0.001, 12.34, 0.7))
    run("nan", None, RunNumbers(0.1, 0.1, 3.0, 0.8))
    run("user", 0.75)  # of an earlier version
    run(None, None)
    table = game.runs()
    text, (data, _) = repr(table).splitlines(), shell.display_formatter.format(table)
    assert [line.split()[0] for line in text] == ["run", "3", "1", "4", "2"]
    assert list(table.frame().index) == [3, 1, 4, 2]
    for row in (
        ("1", "&lt;net&gt;", "0.5000", "7", "0.1 → 0.001", "12.3", "unranked", "after all epochs"),
        (
            "2",
            "&lt;net&gt;",
            "0.8000 in training",
            "7",
            "0.1",
            "3.0",
            "unranked",
            "loss not finite",
        ),
        ("3", "&lt;net&gt;", "0.7500", "7", "", "", "unranked", "stopped by hand"),
        ("4", "&lt;net&gt;", "", "", "", "", "unranked", "not ended"),
    ):
        assert re.search(".*?>".join(re.escape(f"{cell}<") for cell in row), data["text/html"])
        assert all(cell.replace("&lt;net&gt;", "<net>") in "\n".join(text) for cell in row)


def test_a_catalogue_lists_every_item_in_html_and_in_text(shell, game):
    catalogue = game.pack.catalogue
    data, _ = shell.display_formatter.format(catalogue)
    assert all(item.name.replace("'", "&#x27;") in data["text/html"] for item in catalogue)
    assert all(item.name in data["text/plain"] for item in catalogue)
    assert "owned" not in data["text/html"]


def test_samples_are_labelled_pictures(shell, game):
    shown = html(shell, game.show())
    assert shown.count('alt="sample of class') == 3


def test_a_history_is_one_line(shell, history):
    shown = html(shell, history(5, label="run 1: <model>"))
    assert "run 1: &lt;model&gt;: 5 epochs, best epoch 4" in shown
    assert "history.chart()" in shown


NAN = "the loss was not finite in batch 3 of epoch 6 (learning rate 9); try <less>"


@pytest.mark.parametrize("epochs", [0, 5])
def test_a_run_that_failed_is_told_of_in_red_and_once(shell, outputs, history, ended, epochs):
    shell.execution_count = 100 + epochs  # another cell than any before
    run = history(epochs)
    run.run, run.stopped_by, run.message = 1, "nan", NAN
    said = markup.failure(NAN)
    assert palette.BAD_CSS in said
    shown = html(shell, run)
    assert shown.count("not finite") == shown.count(said) == 1
    with RunChart() as chart:
        chart.handle(RunStarted(1, "run 1: model", 9, 1, 0, "cpu"))
        chart.handle(ended(run, "nan", NAN))
    assert outputs[-1]["data"]["text/html"].count(said) == 1
    assert "not finite" not in html(shell, run)  # below the picture, as the value of %train
    shell.execution_count += 1
    assert html(shell, run).count(said) == 1
    shell.display_formatter.format(run.chart())
    assert said in outputs[-1]["data"]["text/html"]
    run.stopped_by = "user"
    assert palette.BAD_CSS not in html(shell, run)


def test_a_run_in_the_background_is_told_of_in_its_cell_also_when_it_is_over(
    shell, outputs, history
):
    run, control = history(0), RunControl()
    run.stopped_by, run.epochs_requested = None, 5
    control.attach(1, lambda: None)
    run._control = control
    assert shell.display_formatter.format(run) == ({}, {})
    assert "under way, 0 of 5 epochs" in outputs[-1]["data"]["text/html"]
    for name in ("train_loss", "train_acc", "val_loss", "val_acc", "best_epoch", "stopped_by"):
        setattr(run, name, getattr(history(5), name))
    control.end()
    assert [output["update"] for output in outputs] == [False, True]
    assert outputs[0]["transient"] == outputs[1]["transient"]
    for kind in ("text/html", "text/plain"):
        assert "run 1: model: 5 epochs, best epoch 4" in outputs[1]["data"][kind]
    assert "5 epochs, best epoch 4" in html(shell, run)  # as any object, once it is over
    assert len(outputs) == 2


def test_best_without_validation_says_by_what(shell, history):
    shown = html(shell, history(5, validated=False))
    assert "best epoch 4 by training accuracy, with training loss" in shown


def test_a_historys_chart_is_shown_by_the_widgets(shell, outputs, history):
    shell.display_formatter.format(history(5).chart())
    assert [WIDGET_VIEW in output["data"] for output in outputs] == [True, False]


@pytest.mark.parametrize(("count", "live"), [(3, True), (15, True), (60, False)])
def test_a_report_is_a_heat_map_with_its_twin(shell, outputs, count, live):
    labels = np.arange(count * 5) % count
    names = [f"<{n}>" for n in range(count)]
    scores = build_report(labels, np.roll(labels, 1), names, "model", "the validation images")
    assert shell.display_formatter.format(scores) == ({}, {})
    assert [WIDGET_VIEW in output["data"] for output in outputs] == [True, False][not live :]
    twin = outputs[-1]["data"]
    assert "macro precision" in twin["text/html"]
    assert "<img alt=" in twin["text/html"]
    assert "<0>" not in twin["text/html"]
    assert "image/png" in twin
    assert twin["text/plain"].startswith("model on ")


def test_an_ensemble_is_bars_with_their_twin(shell, outputs):
    from helpers.models import model

    ensemble = Ensemble([model(0), model(1)], ["a<b>", "a<b>"], "weighted", [1.0, 3.0])
    shell.display_formatter.format(ensemble)
    assert "Not scored yet" in outputs[0]["data"]["text/html"]
    outputs.clear()
    ensemble.member_accuracy, ensemble.accuracy, ensemble.n = [0.8, 0.9], 0.95, 40
    ensemble.origins = ("run 1 (a), epoch 2, the last", "")
    shell.display_formatter.format(ensemble)
    live, twin = outputs
    assert WIDGET_VIEW in live["data"]
    shown = twin["data"]["text/html"]
    for part in ("0.8000", "0.9500", "0.75", "+0.0500 on the best member", "run 1 (a), epoch"):
        assert part in shown
    assert "a<b>" not in shown


def test_unregistering_takes_the_displays_away(shell, history):
    formatters.unregister(shell)
    data, _ = shell.display_formatter.format(history(2))
    assert "text/html" not in data
    assert shell.display_formatter.format(history(2).chart())[0] == {
        "text/plain": "charts are shown in a notebook, after %load_ext jupyter_classgame"
    }
    formatters.register(shell)
