"""Every option goes from ``%train`` to the run."""

import re

import pytest
import torch
from helpers.models import plain
from IPython.core.error import UsageError
from torchvision.transforms import v2

from jupyter_classgame.magics.train import TrainMagics
from jupyter_classgame.session.runs import training_run
from jupyter_classgame.training.options.table import OPTIONS
from jupyter_classgame.training.options.values import Options

LINE = (
    "train --epochs 4 --seed 3 --threads 1 --devices cpu --precision no --practice --force "
    "--monitor val_loss --patience P --min-delta 0.001 --keep ema --warmup 1 --ema DECAY "
    "--clip 2*0.5 --accumulate 2 --mix-until 2 --smooth 0.1:0.0 --then others[0] --at 3"
)
ELSEWHERE = {
    "log", "save", "background", "resume", "sync_bn", "accelerate_config", "export_job",
    "import_job",
}  # fmt: skip
"""Options that need more than this line; they have tests of their own."""


def test_every_option_of_a_run_is_one_of_the_magic_and_is_read():
    written = set(TrainMagics.train.parser._option_string_actions) - {"--help", "-h"}
    assert written == {option.flag for option in OPTIONS if not option.positional}
    assert set(Options()) == {option.name for option in OPTIONS if not option.found}


@pytest.fixture
def seen(monkeypatch):
    """The options and the request of the latest run."""
    caught = {}
    read = training_run.request_from_notebook

    def request(game, given, chosen):
        caught["options"] = chosen
        caught["request"], notes = read(game, given, chosen)
        return caught["request"], notes

    monkeypatch.setattr(training_run, "request_from_notebook", request)
    return caught


def test_every_option_goes_from_the_line_to_the_run(game, magic, shell, seen):
    names = shell.user_ns
    second = torch.optim.SGD(names["model"].parameters(), lr=0.1, momentum=0.9)
    names.update(P=9, DECAY=0.8, others=[second])
    names["train_loader"] = game.loader(
        "train", batch_size=8, batch_transform=v2.MixUp(num_classes=3)
    )
    history = magic(LINE)
    expected = {
        "epochs": 4, "seed": 3, "threads": 1, "devices": "cpu", "precision": "no", "practice": True,
        "force": True, "monitor": "val_loss", "patience": 9, "min_delta": 0.001, "keep": "ema",
        "warmup": 1, "ema": 0.8, "clip": 1.0, "accumulate": 2, "mix_until": 2,
        "smooth": "0.1:0.0", "then": second, "at": 3,
    }  # fmt: skip
    chosen, request = seen["options"], seen["request"]
    assert expected.keys() | ELSEWHERE == set(Options())
    assert {name: getattr(chosen, name) for name in expected} == expected
    assert (request.accumulate, request.then, request.at, request.keep) == (2, second, 3, "ema")
    assert [type(callback).__name__ for callback in request.callbacks] == [
        "SwitchOptimizer", "WarmUp", "MixUntil", "LabelSmoothing", "GradientClipping",
        "WeightAverage", "EarlyStopping",
    ]  # fmt: skip
    assert (history.seed, history.device, history.monitor) == (3, "cpu", "val_loss")
    assert history.lr == pytest.approx([0.3, 0.3, 0.1, 0.1])
    assert len(history.ema_val_acc) == 4
    assert history.message.endswith("the average of its weights was left in the model")
    assert all("momentum_buffer" in state for state in second.state.values())
    assert seen["request"].train_loader is names["train_loader"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train --keep ema", "--keep ema: there is no average; add --ema"),
        ("train --ema 1", "--ema 1.0: a number above 0 and below 1"),
        ("train --ema much", "--ema much: name 'much' is not defined"),
        ("train --smooth 0.1", "--smooth 0.1: write the smoothing of the first"),
        ("train --smooth 0.1:2", "--smooth 0.1:2: write the smoothing of the first"),
        ("train --then optimizer", "--then: add --at EPOCH"),
        ("train --at 2", "--at 2: add --then OPTIMIZER"),
        ("train --epochs 3 --then optimizer --at 2", "--then: this is the run's first optimizer"),
        ("train --epochs 3 --then second --at 9", "--at 9: the run has 3 epochs"),
        ("train --mix-until 3", "--mix-until 3: train_loader has no batch_transform"),
        ("train --clip 0", "--clip 0.0: a number above 0"),
        ("train --warmup -1", "--warmup -1: a whole number, at least 0"),
        ("train --accumulate 0", "--accumulate 0: a whole number, at least 1"),
    ],
)
def test_mistakes_are_told_in_one_line_that_starts_with_the_option(
    game, magic, shell, line, message
):
    shell.user_ns["second"] = plain(shell.user_ns["model"])
    with pytest.raises(UsageError, match=f"^{re.escape(message)}") as refused:
        magic(line)
    assert "\n" not in str(refused.value).strip()
    assert game.histories == []
