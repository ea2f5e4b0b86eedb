import os
import re
import signal

import pytest
from helpers.manual import DOCS
from helpers.models import model, plain
from IPython.core.error import UsageError

from jupyter_classgame.events import EpochEnded
from jupyter_classgame.widgets.chart.run_chart import RunChart


def test_train_binds_history_and_gives_it(game, magic, shell):
    history = magic("train --epochs 2")
    assert shell.user_ns["history"] is history
    assert len(history.val_acc) == 2


def test_everything_can_be_named(game, magic, shell):
    names = shell.user_ns
    names.update(net=model(), loaders={"small": game.loader("train", fraction=0.5)}, EPOCHS=1)
    names["opt"] = plain(names["net"])
    history = magic('train net opt --epochs EPOCHS --data loaders["small"] --val none --seed 3')
    assert (history.label, history.seed, history.val_acc) == ("run 1: net", 3, [])


def test_options_reach_the_run(game, magic):
    history = magic("train --epochs 9 --patience 1 --monitor val_loss --keep best --devices cpu")
    assert (history.monitor, history.device) == ("val_loss", "cpu")
    assert magic("train --epochs 1 --practice").ranked is False


def test_ten_epochs_unless_configured(game, magic, shell):
    assert magic("train").epochs_requested == 10
    game.config.epochs = 2
    assert magic("train").epochs_requested == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train --epochs 0", "--epochs 0: a whole number, at least 1"),
        ("train --epochs 61", "allows 60 epochs in a model's life"),
        ("train --epochs many", "name 'many' is not defined"),
        ("train nosuch", "MODEL nosuch"),
        ("train 5", "write --epochs 5 for a number of epochs"),
        ("train [5]", "a torch.nn.Module is needed, not a list"),
        ("train --lr 0.1", "set this in the optimizer's cell"),
        ("train epochs=2", "are written --epochs 2"),
        ("train --help", "%train? shows the manual"),
        ("train model model", "optimizer: a Net has no step"),
        ("train --keep all", "--keep all: write one of last, best"),
        ("train --monitor speed", "--monitor speed"),
        ("train --patience 0", "--patience 0"),
        ("train --devices abacus", "--devices abacus: there is no such device"),
        ("train --data 5", "train_loader: a int gives no batches"),
        ("train --data train_loader.dataset", "is a dataset; put it in a DataLoader"),
        ("train --colour 9", "%train has no option --colour; %train? lists them"),
        ("train --sed 3", "%train has no option --sed; did you mean --seed?"),
        ("train -epochs 1", "-epochs: write it with two hyphens, --epochs"),
        ("train \u2013epochs 1", "write it with two hyphens, --epochs"),
        ("train \u2014epochs 1", "write it with two hyphens, --epochs"),
        ("train --epochs1", "--epochs1: write --epochs 1"),
        ("train epochs 3", "epochs: options are written with two hyphens, --epochs 3"),
        ("train model=net1", "model=net1: write %train net1"),
        ("train model=a optimizer=b epochs=3", "model=a: write %train a b"),
        ("train net optimizer=opt", "optimizer=opt: write %train net opt"),
        ("train --optimizer opt", "--optimizer: write %train MODEL opt"),
        ("train train_loader=small", "train_loader=small: write --data small"),
        ("train --val-loader=none", "--val-loader=none: write --val none"),
        ("train lr=0.1", "lr=0.1: set this in the optimizer's cell"),
        ("train batch_size=32", "batch_size=32: set this where the loader is built"),
        ("train epoch=3", "%train has no option --epoch; did you mean --epochs?"),
        ("train nte", "MODEL nte: name 'nte' is not defined; there is model"),
        ("train --data trainloader", "name 'trainloader' is not defined; there is train_loader, v"),
        ("train --epochs EPOCS", "name 'EPOCS' is not defined; define it in a cell first"),
        ("train --epochs $EPOCHS", "$EPOCHS: values are Python; write EPOCHS"),
        ("train --epochs {EPOCHS}", "{EPOCHS}: values are Python; write EPOCHS"),
        ("train --epochs", "--epochs expects a value"),
        ("train model optimizer again", "again: %train takes no further arguments"),
        ("train --data [1", "a bracket is not closed"),
    ],
)
def test_mistakes_are_told_in_one_line_before_anything_is_trained(game, magic, line, message):
    with pytest.raises(UsageError, match=re.escape(message)) as refused:
        magic(line)
    assert "\n" not in str(refused.value).strip()
    assert game.histories == []


def test_a_missing_loader_is_named(game, magic, shell):
    del shell.user_ns["train_loader"]
    with pytest.raises(UsageError, match=r'there is no train_loader; .* game.loader\("train"\)'):
        magic("train")


BROKEN = (
    "import torch\n"
    "class Broken(torch.nn.Module):\n"
    "    def __init__(self):\n"
    "        super().__init__(); self.fc = torch.nn.Linear(1, 3)\n"
    "    def forward(self, x):\n"
    "        return self.helper(x)\n"
    "    def helper(self, x):\n"
    "        raise ValueError('my own mistake')\n"
    "net = Broken(); opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
)


def test_an_error_of_the_model_is_told_in_one_line_before_the_run(game, shell, capsys):
    shell.run_cell(f"{BROKEN}%train net opt\n")
    shown = capsys.readouterr()
    (line,) = shown.err.strip().splitlines()
    assert line == (
        "UsageError: not trained: no first step can be taken; the card above says more, "
        "--force shows it raised"
    )
    (card,) = shown.out.strip().splitlines()  # the verdict's one finding, which is told once
    assert "the model and the criterion cannot be run: " in card
    assert "ValueError: my own mistake (in helper, line 8: `raise ValueError" in card
    assert "try net(next(iter(train_loader))[0]) in a cell of its own" in card
    assert "Traceback" not in shown.out
    assert game.runs().runs == ()
    assert game.histories == []


def test_an_error_shows_the_users_frames_and_not_ours(game, shell, capsys):
    result = shell.run_cell(f"{BROKEN}%train net opt --force\n")
    assert isinstance(result.error_in_exec, ValueError)
    out = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "my own mistake" in out
    assert "Broken.forward" in out
    assert "Broken.helper" in out
    assert "jupyter_classgame" not in out
    assert "_call_impl" not in out
    assert "model and optimizer are as they were before the run" in out
    assert shell.user_ns["history"].stopped_by == "error"


def test_an_interrupt_is_told_in_one_line_and_keeps_what_was_trained(game, shell, capsys):
    def interrupt(event):
        if isinstance(event, EpochEnded) and event.epoch == 2:
            os.kill(os.getpid(), signal.SIGINT)

    game.events.subscribe(interrupt)
    result = shell.run_cell("%train --epochs 9\nreached = True")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert "reached" not in shell.user_ns
    assert len(shell.user_ns["history"]) == 2
    out = capsys.readouterr().out
    assert "Interrupted: stopped after epoch 2" in out
    assert "Traceback" not in out


def charts(game):
    """The charts that listen to a game."""
    listeners = [getattr(each, "__self__", None) for each in game.events._listeners]
    return [each for each in listeners if isinstance(each, RunChart)]


def test_the_chart_stops_listening_when_the_run_is_over(game, magic):
    magic("train --epochs 1")
    assert charts(game) == []


def test_the_manual_is_the_help(shell, capsys):
    shell.run_cell("%train?")
    shown = capsys.readouterr().out or shell.find_line_magic("train").__doc__
    for word in ("--epochs", "--patience", "history", "Examples"):
        assert word in shown


def test_a_run_in_the_background_is_bound_at_once(game, magic, shell):
    history = magic("train --epochs 2 --background")
    assert shell.user_ns["history"] is history
    assert history.wait(60)
    assert (history.stopped_by, len(history)) == ("epochs", 2)
    assert charts(game) == []


def test_the_first_examples_of_the_manual_run_as_they_are_written(game, shell):
    page = (DOCS / "training.md").read_text(encoding="utf-8").partition("\n## ")[0]
    cells = [cell.partition("\n")[2] for cell in page.split("```")[1::2]]
    assert [cell.split()[0] for cell in cells[::2]] == ["%train", "%train"]
    for cell in cells:
        shell.run_cell(cell).raise_error()
    ranked = [history.ranked for history in game.histories]
    assert ranked == [True, True, False, False]
    assert {history.stopped_by for history in game.histories} <= {"epochs", "patience"}
