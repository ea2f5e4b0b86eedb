from pathlib import Path

import pytest
import torch
from helpers.ipython.shells import a_shell
from helpers.models import model, plain
from IPython.core.error import UsageError
from traitlets.config import Config

from jupyter_classgame import ClassGame, config
from jupyter_classgame.evaluation.model_ensemble import VOTES
from jupyter_classgame.session import verdicts
from jupyter_classgame.training.device.precision import PRECISIONS
from jupyter_classgame.training.options.table import BY_NAME

OPTIONS = ClassGame.class_own_traits(config=True)


@pytest.fixture
def ip():
    """A shell that has not loaded the extension yet."""
    with a_shell() as ip:
        yield ip


def test_every_default_can_be_set_and_says_what_it_is():
    own = {name for name in ClassGame.class_own_traits() if not name.startswith("_")}
    assert own == set(OPTIONS)
    for name, trait in OPTIONS.items():
        assert trait.help.endswith("."), name


def test_the_default_ledger_stays_where_it_is_whatever_a_cell_does_to_the_environment(
    monkeypatch, tmp_path
):
    config = ClassGame()
    before = config.ledger_folder()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert config.ledger_folder() == before
    assert config.runs_folder() == before / "runs"
    assert ClassGame().ledger_folder() == tmp_path / "classgame"


def test_config_lists_them_in_a_notebook(shell, capsys):
    shell.run_line_magic("config", "ClassGame")
    shown = capsys.readouterr().out
    assert all(f"ClassGame.{name}=" in shown for name in OPTIONS)


def test_a_class_plays_by_the_rules_that_are_set(shell, image_folder):
    Path("rules.toml").write_text("format = 1\n[rules]\nbudget = 55\n")
    shell.run_line_magic("config", "ClassGame.rules = 'rules.toml'")
    shell.run_line_magic("classgame", f"new {image_folder} --image-size 16")
    game = shell.user_ns["game"]
    assert (game.budget, game.balance) == (55, 55)


def test_wrong_rules_start_no_game(shell, image_folder):
    shell.run_line_magic("config", "ClassGame.rules = 'nowhere.toml'")
    with pytest.raises(UsageError, match=r"nowhere\.toml: cannot be read"):
        shell.run_line_magic("classgame", f"new {image_folder} --image-size 16")
    assert "game" not in shell.user_ns


def test_the_words_of_a_default_are_those_of_its_option():
    assert BY_NAME["monitor"].choices == tuple(OPTIONS["monitor"].values)
    assert config.PRECISIONS == PRECISIONS
    assert config.VOTES == VOTES
    assert set(OPTIONS["keep"].values) == {*BY_NAME["keep"].choices} - {
        "ema"
    }  # that needs an --ema as well


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", -1),
        ("batch_size", 0),
        ("epochs", 0),
        ("devices", "cuda:0;2"),
        ("devices", ""),
        ("precision", "fp8"),
        ("monitor", "val_f1"),
        ("keep", "ema"),
        ("vote", "loud"),
        ("referee_patience", 0),
    ],
)
def test_a_wrong_value_is_refused_in_a_line_that_names_the_trait(ip, name, value):
    ip.config.ClassGame = Config({name: value})
    with pytest.raises(UsageError, match=f"^configuration: .*'{name}' trait") as refused:
        ip.run_line_magic("load_ext", "jupyter_classgame")
    assert "\n" not in str(refused.value)
    assert not any(isinstance(each, ClassGame) for each in ip.configurables)
    ip.config.ClassGame = Config()
    ip.run_line_magic("load_ext", "jupyter_classgame")
    assert ip.find_line_magic("train")


@pytest.mark.parametrize(
    ("magic", "names"),
    [
        ("train", ["epochs", "devices", "precision", "monitor", "keep"]),
        ("ensemble", ["vote"]),
        ("classgame", ["pack", "seed", "team"]),
    ],
)
def test_help_says_where_a_default_is_set(shell, magic, names):
    shown = " ".join(shell.find_line_magic(magic).__doc__.split())
    for name in names:
        assert f"by default ClassGame.{name}" in shown
        assert name == "team" or f"{OPTIONS[name].default_value} unless configured" in shown


@pytest.fixture
def play(shell, image_folder):
    """Starts a game by a configuration, with what a run needs, and gives it."""

    def start(**values):
        for name, value in values.items():
            shell.run_line_magic("config", f"ClassGame.{name} = {value!r}")
        shell.run_line_magic("classgame", f"new {image_folder} --team config --image-size 16")
        names, game = shell.user_ns, shell.user_ns["game"]
        names["model"] = model()
        names["optimizer"] = plain(names["model"])
        names["train_loader"] = game.loader("train", batch_size=8)
        names["val_loader"] = game.loader("val")
        return game

    return start


def test_a_class_draws_by_the_seed_that_is_set(play):
    drawn = [play(seed=7) and torch.rand(1).item() for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert play().seed == 7


def test_loaders_have_the_batches_that_are_set(play):
    game = play(batch_size=5)
    assert game.loader("val").batch_size == 5
    assert game.loader("val", batch_size=7).batch_size == 7
    assert game.loader("train", 6).batch_size == 6


def test_a_run_follows_what_is_set_and_the_line_goes_before_it(play, shell):
    play(epochs=2, devices="CPU", precision="bf16", monitor="val_loss", keep="best")
    kinds = []
    layer = shell.user_ns["model"].fc
    layer.register_forward_hook(lambda _layer, _given, scores: kinds.append(scores.dtype))
    history = shell.run_line_magic("train", "")
    assert len(history) == 2
    assert (history.monitor, history.device) == ("val_loss", "cpu")
    assert torch.bfloat16 in kinds
    assert "--devices auto" not in " ".join(history.notes)
    assert shell.run_line_magic("train", "--val none").monitor == "train_loss"
    kinds.clear()
    line = "--epochs 1 --precision no --monitor val_acc --devices auto"
    history = shell.run_line_magic("train", line)
    assert (len(history), history.monitor) == (1, "val_acc")
    assert set(kinds) == {torch.float32}
    assert "--devices auto" in " ".join(history.notes)


def test_what_a_machine_cannot_follow_is_said_to_be_set(play, shell):
    play(precision="fp16", devices="cpu")
    whose = r"--precision fp16: a CPU .*\(c\.ClassGame\.precision in the configuration"
    with pytest.raises(UsageError, match=whose):
        shell.run_line_magic("train", "")
    with pytest.raises(UsageError, match=r"write bf16 or no$"):
        shell.run_line_magic("train", "--precision fp16")


def test_models_vote_as_is_set(play, shell):
    game = play(vote="HARD")
    game.buy("Ensemble enchanter")
    models = [model(), model()]
    assert game.ensemble(models).vote == "hard"
    shell.user_ns["models"] = models
    assert shell.run_line_magic("ensemble", "models").vote == "hard"
    assert shell.run_line_magic("ensemble", "models --vote soft").vote == "soft"


def test_the_referee_takes_the_time_that_is_set(play, monkeypatch):
    game = play(referee_patience=12)
    limits = []
    observed = verdicts.observe
    monkeypatch.setattr(
        verdicts, "observe", lambda *a, **k: limits.append(k["limit"]) or observed(*a, **k)
    )
    game.check()
    assert limits == [12]
