from pathlib import Path

import pytest
from IPython.core.error import UsageError

from jupyter_classgame import ClassGame

OPTIONS = ClassGame.class_own_traits(config=True)


def test_every_default_can_be_set_and_says_what_it_is():
    own = {name for name in ClassGame.class_own_traits() if not name.startswith("_")}
    assert own == set(OPTIONS)
    for name, trait in OPTIONS.items():
        assert trait.help.endswith("."), name


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
