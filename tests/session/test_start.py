import getpass
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.images import make_images

from jupyter_classgame import ClassGame, ClassGameError, start_game
from jupyter_classgame.errors import DataError, LedgerError, PackError
from jupyter_classgame.session.start import team_name


def test_a_folder_of_images_is_played_by_the_first_games_rules(game):
    assert game.classes == ("ant", "bee", "cat")
    assert game.image_size == (16, 16)
    assert (game.budget, game.balance, game.owned) == (100, 100, {})
    assert game.pack.name == "insects"
    assert len(game.pack.catalogue) == 16


def test_a_folder_is_shown_at_64_unless_told(image_folder):
    assert start_game(image_folder).image_size == (64, 64)


def test_digits_come_at_32_by_32():
    game = start_game("digits")
    assert game.image_size == (32, 32)
    assert len(game.classes) == 10
    image, label = game.dataset("train")[0]
    assert image.shape == (3, 32, 32)
    assert image.dtype == torch.float32
    assert 0 <= image.min() <= image.max() <= 1
    assert isinstance(label, int)


def test_a_team_is_called_like_its_user(monkeypatch):
    assert team_name() == getpass.getuser()
    monkeypatch.setenv("JUPYTERHUB_USER", "hub-ada")
    assert team_name() == "hub-ada"
    assert team_name("  the   reds ") == "the reds"


@pytest.mark.parametrize("name", ["x" * 61, "a\x00b", "   \x1b"])
def test_a_name_that_cannot_be_shown_is_refused(name):
    with pytest.raises(ClassGameError, match="printable"):
        team_name(name)


@pytest.mark.parametrize("name", ["Ωmega", "فريق", "チーム赤", "<b>red</b>"])
def test_names_in_any_script_are_kept(name, image_folder):
    assert start_game(image_folder, team=name, image_size=16).team == name


def test_a_game_is_resumed(image_folder):
    start_game(image_folder, team="red", image_size=16).buy("flip")
    again = start_game(image_folder, team="red", image_size=16)
    assert again.owned == {"flip-trick": 1}
    assert start_game(image_folder, team="blue", image_size=16).owned == {}


def test_another_size_is_refused_and_named(image_folder):
    start_game(image_folder, team="red", image_size=16)
    with pytest.raises(LedgerError, match="begun with image size 16x16, not 32x32"):
        start_game(image_folder, team="red", image_size=32)


def test_a_corrected_budget_locks_nobody_out(tmp_path):
    for budget in (100, 120):
        (tmp_path / "pack.toml").write_text(
            f'format = 1\nname = "mine"\ntitle = "Mine"\nextends = "first-game"\n'
            f'[data]\nsource = "digits"\n[rules]\nbudget = {budget}\n'
        )
        game = start_game(tmp_path, team="red")
        game.buy("flip")
        assert (game.budget, game.balance) == (budget, budget - 10)


def test_other_images_are_refused(image_folder, tmp_path):
    start_game(image_folder, team="red", image_size=16)
    (image_folder / "ant" / "000.png").unlink()
    with pytest.raises(LedgerError, match=r"begun with images 39\+9\+12 .*, not 38\+9\+12"):
        start_game(image_folder, team="red", image_size=16)


def test_another_split_is_refused(tmp_path):
    make_images(tmp_path / "two" / "a")
    make_images(tmp_path / "two" / "b", seed=1)
    start_game(tmp_path / "two", team="red", image_size=16, splits=("a", "b"))
    with pytest.raises(LedgerError, match="splits a,b, not b,a"):
        start_game(tmp_path / "two", team="red", image_size=16, splits=("b", "a"))


def test_a_seed_makes_the_first_weights_the_same(image_folder):
    start_game(image_folder, image_size=16, seed=5)
    one = torch.rand(3)
    start_game(image_folder, image_size=16, seed=5)
    assert torch.equal(torch.rand(3), one)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pack": "digit"}, 'did you mean "digits"'),
        ({"pack": "qqq"}, "there are cifar10, digits"),
        ({"pack": "first-game"}, "has no images to play with"),
        ({"pack": "digits", "splits": ("a", "b")}, "--splits goes with a folder"),
        ({"pack": "\x00"}, "there is no pack"),
    ],
)
def test_what_cannot_be_played_is_told_in_one_line(options, message):
    with pytest.raises(PackError, match=message):
        start_game(**options)


def test_an_empty_folder_is_told_in_one_line(tmp_path):
    with pytest.raises(DataError):
        start_game(tmp_path)


def test_a_download_without_network_says_where_to_put_the_files(tmp_path, monkeypatch):
    import socket

    def refused(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refused)
    config = ClassGame(data_dir=str(tmp_path))
    with pytest.raises(
        DataError, match=f"put cifar-10-python.tar.gz .* into .*{tmp_path.name}|{tmp_path}"
    ):
        start_game("cifar10", config=config)


def test_a_ledger_that_cannot_be_written_leaves_play_in_memory(image_folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file"))
    game = start_game(image_folder, image_size=16)
    assert "kept in memory and ends with the kernel" in game.notes[-1]
    assert "\n" not in game.notes[-1]
    game.buy("flip")
    assert start_game(image_folder, image_size=16).owned == {"flip-trick": 1}
    assert (tmp_path / "file").read_text() == "in the way"


def test_a_file_that_is_no_ledger_is_never_overwritten(image_folder, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("my notes\n" * 200)
    config = ClassGame(ledger_url=f"sqlite:///{path}")
    with pytest.raises(LedgerError, match="left as it is"):
        start_game(image_folder, image_size=16, config=config)
    assert path.read_text() == "my notes\n" * 200


def test_the_ledger_lies_in_the_jupyter_data_folder(game):
    assert game.status().ledger == str(
        Path(os.environ["JUPYTER_DATA_DIR"]) / "classgame" / "ledger.sqlite"
    )


def test_practice_has_no_wallet(image_folder):
    game = start_game(image_folder, image_size=16, practice=True)
    assert game.owns("flip")
    assert game.fraction == 1.0
    with pytest.raises(ClassGameError, match="practice game has no wallet"):
        game.buy("flip")


def test_a_pack_may_forbid_practice(tmp_path):
    (tmp_path / "pack.toml").write_text(
        'format = 1\nname = "strict"\ntitle = "Strict"\nextends = "first-game"\n'
        '[data]\nsource = "digits"\n[rules]\npractice = false\n'
    )
    with pytest.raises(PackError, match="strict does not allow --practice"):
        start_game(tmp_path, practice=True)


def test_practice_shows_neither_a_balance_nor_attempts(image_folder):
    text = repr(start_game(image_folder, image_size=16, practice=True).status())
    assert "balance   none: practice, everything may be used" in text
    assert "final     none: practice is not ranked" in text
    assert "%shop" not in text


def test_the_best_run_has_its_number(ready):
    ready.train(epochs=1)
    assert "best run  run 1: model, val_acc " in repr(ready.status())


def test_it_says_why_there_is_no_best_run(ready):
    assert "best run  none yet; %train makes one" in repr(ready.status())
    ready.train(epochs=1, practice=True)
    assert "best run  none that is ranked; %classgame runs" in repr(ready.status())


def test_practice_has_no_best_run(image_folder):
    status = start_game(image_folder, image_size=16, practice=True).status()
    assert "best run  none yet" in repr(status)
    assert "best run  none: practice is not ranked; %classgame runs" in repr(
        replace(status, runs=1)
    )


def test_renamed_pictures_are_told_without_a_digest(image_folder):
    start_game(image_folder, team="red", image_size=16)
    first = min(image_folder.rglob("*.png"))
    first.rename(first.with_name("zzz.png"))
    with pytest.raises(ClassGameError, match=r"begun with other pictures \(") as refused:
        start_game(image_folder, team="red", image_size=16)
    assert "digest" not in str(refused.value)
