import getpass
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from helpers.images import make_images
from helpers.isolation.disks import full_disk
from helpers.models import model, plain
from helpers.shop import out_of_reach
from torchvision.transforms import v2

from jupyter_classgame import ClassGame, ClassGameError, start_game
from jupyter_classgame.errors import DataError, LedgerError, OrderError, PackError, TrainingError
from jupyter_classgame.session.start import team_name
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.storage.database import Database, UnwritableLedgerError
from jupyter_classgame.training.history import History


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


@pytest.mark.parametrize("practice", [False, True], ids=["ranked", "practice"])
def test_a_game_that_is_started_again_keeps_the_runs_of_its_kernel(image_folder, practice):
    def start(team="red"):
        return start_game(image_folder, team=team, image_size=16, practice=practice)

    history = History(label="run 1: model")
    start().histories.append(history)  # whose game is gone, as after %classgame new of another
    assert start("blue").histories == []
    assert start().histories == [history]
    assert start().earlier_runs() == (history,)


def test_what_a_run_uses_is_kept_for_it_when_its_game_is_started_again(game, image_folder):
    game.buy("flip-trick")
    let_go = game.context.keep("run 1 (model)", ["flip-trick"])
    again = start_game(image_folder, team="red", image_size=16)
    with pytest.raises(OrderError, match="run 1"):
        again.order("return flip-trick")
    let_go()
    again.order("return flip-trick")


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


def test_a_default_ledger_that_has_become_full_leaves_play_in_memory(image_folder):
    start_game(image_folder, image_size=16).buy("flip")
    with full_disk():
        game = start_game(image_folder, image_size=16)
    assert "kept in memory and ends with the kernel" in game.notes[-1]
    assert game.status().ledger == "memory"
    game.buy("blur")
    assert start_game(image_folder, image_size=16).owned == {"flip-trick": 1}


def test_a_run_that_the_ledger_cannot_take_is_trained_without_a_rank(ready):
    ready.train(epochs=1)
    with full_disk():
        history = ready.train(epochs=1)
        practice = ready.train(epochs=1, practice=True)
    for run in (history, practice):
        assert len(run) == 1
        assert not run.ranked
        assert "not recorded, and not ranked: the ledger" in " ".join(run.notes)
    assert (history.run, practice.run) == (2, 3)
    assert [run.number for run in ready.runs().runs] == [1]


@pytest.mark.parametrize(
    "place", ["postgresql://red:geheim@127.0.0.1:1/class", "sqlite:////nowhere/class.sqlite"]
)
def test_a_ledger_that_a_class_has_set_is_never_replaced(place, image_folder):
    config = ClassGame(ledger_url=place)
    with pytest.raises(LedgerError, match="--practice plays without a wallet") as refused:
        start_game(image_folder, image_size=16, config=config)
    assert "geheim" not in str(refused.value)
    assert not isinstance(refused.value, UnwritableLedgerError)
    assert start_game(image_folder, image_size=16, config=config, practice=True).practice


def test_a_full_ledger_that_a_class_has_set_begins_no_game(image_folder, tmp_path):
    config = ClassGame(ledger_url=f"sqlite:///{tmp_path / 'class.sqlite'}")
    game = start_game(image_folder, image_size=16, config=config)
    game.buy("flip")
    with full_disk(), pytest.raises(LedgerError, match="try again in a moment"):
        start_game(image_folder, image_size=16, config=config)
    assert start_game(image_folder, image_size=16, config=config).owned == {"flip-trick": 1}


def test_a_class_ledger_lost_in_mid_game_leaves_play_without_a_rank_until_it_is_back(
    image_folder, tmp_path
):
    file, away = tmp_path / "class.sqlite", tmp_path / "away"
    config, names = ClassGame(ledger_url=f"sqlite:///{file}"), {}
    game = start_game(image_folder, image_size=16, config=config, namespace=names)
    game.buy("flip")
    names.update(model=model(), train_loader=game.loader("train"), val_loader=game.loader("val"))
    names["optimizer"] = plain(names["model"])
    assert game.train(epochs=1).ranked
    file.rename(away)
    flips = game.loader("train", transform=v2.RandomHorizontalFlip())
    lost = game.train(data=flips, epochs=1)
    assert (lost.run, len(lost), lost.ranked) == (2, 1, False)
    gone = f"not recorded, and not ranked: the ledger {file} cannot be used (the file is gone)"
    anew = "nor will be what goes on from it: once the ledger is back, make the model anew"
    assert lost.unranked_reasons == (f"{gone}; {anew}",)
    assert game.check().in_use == {}
    with pytest.raises(TrainingError, match="not owned") as refused:  # no less than before
        game.train(data=game.loader("train", transform=v2.GaussianBlur(5)), epochs=1)
    card = refused.value.verdict
    with pytest.raises(LedgerError, match="the file is gone"):
        card.buy(card.order.partition("\n")[2])
    away.rename(file)
    card.buy(card.order.partition("\n")[2])
    assert game.owned == {"flip-trick": 1, "foggy-lens": 1}
    with out_of_reach(game.ledger):
        assert game.train(epochs=1).run == 3
        assert game.evaluate().weights == "not known while the ledger is out of reach"
    assert [run.number for run in game.runs().runs] == [1]
    reason = game.train(epochs=1).unranked_reasons[0]
    assert (
        "a run that this game's ledger does not have; to be ranked, make the model anew" in reason
    )
    assert reason.endswith("or put run 1's weights back with game.restore(1)")
    game.restore(1)
    assert game.train(epochs=1).ranked
    names["model"] = model(seed=1)
    assert game.train(names["model"], plain(names["model"]), epochs=1).ranked


def own_pack(folder, name, rules="", prices=""):
    folder.mkdir(exist_ok=True)
    (folder / "pack.toml").write_text(
        f'format = 1\nname = "{name}"\ntitle = "Mine"\nextends = "first-game"\n{prices}'
        f'[data]\nsource = "digits"\n[rules]\n{rules}\n'
    )
    return folder


def test_a_pack_that_bears_anothers_name_is_another_game(tmp_path):
    theirs = start_game("digits", team="red")
    theirs.buy("flip")
    for rules in ("budget = 100000", ""):  # with its very rules, too
        mine = start_game(own_pack(tmp_path / "mine", "digits", rules), team="red")
        assert mine.owned == {}
        mine.buy("blur")
        assert "another game of team red" in mine.notes[-1]
    again = start_game("digits", team="red")
    assert (again.owned, again.record.id) == ({"flip-trick": 1}, theirs.record.id)
    assert "another game" in again.notes[-1]


def test_other_rules_are_another_game_and_other_words_are_not(tmp_path):
    games = [
        start_game(own_pack(tmp_path, "mine", rules), team="red").record.id
        for rules in ("", "budget = 120", 'free = ["mixup"]', "final_attempts = 9", "")
    ]
    assert len(set(games)) == 4
    assert games[0] == games[-1]
    file = tmp_path / "pack.toml"
    file.write_text(file.read_text().replace("Mine", "Ours"))
    assert start_game(tmp_path, team="red").record.id == games[0]


def test_a_class_says_which_packs_are_played_for_rank(tmp_path):
    mine = own_pack(tmp_path / "mine", "mine")
    fake = own_pack(tmp_path / "fake", "mine", "budget = 100000")
    config = ClassGame(packs=["digits", str(mine)])
    assert start_game(mine, config=config).pack.name == "mine"
    with pytest.raises(PackError, match="is not the class's; for rank there are digits, mine; --p"):
        start_game(fake, config=config)
    assert start_game(fake, config=config, practice=True).practice
    with pytest.raises(PackError, match=r"digits in .*other is not the class's"):
        start_game(own_pack(tmp_path / "other", "digits"), config=config)


def test_a_game_without_a_digest_of_its_rules_goes_on_by_those_of_its_next_start(
    image_folder, tmp_path
):
    url = f"sqlite:///{tmp_path / 'older.sqlite'}"
    config = ClassGame(ledger_url=url)
    now = start_game(image_folder, team="red", image_size=16, config=config)
    older = Ledger(Database(url)).open_game("blue", now.pack.name, now.record.spec)
    first = start_game(image_folder, team="blue", image_size=16, config=config)
    assert first.record.id == older.id
    Path("rules.toml").write_text("format = 1\n[rules]\nbudget = 55\n")
    richer = ClassGame(ledger_url=url, rules="rules.toml")
    other = start_game(image_folder, team="blue", image_size=16, config=richer)
    assert other.record.id != older.id
    again = start_game(image_folder, team="blue", image_size=16, config=config)
    assert again.record.id == older.id
    assert again.ledger.teams(now.pack.name) == ["blue", "red"]


def test_a_built_in_packs_game_is_not_taken_over_by_its_namesake(tmp_path):
    digits = start_game("digits", team="red")
    older = digits.ledger.open_game("blue", "digits", digits.record.spec)
    own = start_game(own_pack(tmp_path, "digits", "budget = 9999"), team="blue")
    assert own.record.id != older.id
    assert start_game("digits", team="blue").record.id == older.id


def test_a_place_does_not_move_with_the_notebooks_folder(image_folder, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", "jupyter")
    Path("rules.toml").write_text("format = 1\n[rules]\nbudget = 55\n")
    config = ClassGame(data_dir="sets", rules="rules.toml", packs=["./a", "digits"], pack="~/p")
    here = Path.cwd()
    assert config.data_dir == str(here / "sets")
    assert config.packs == [str(here / "a"), "digits"]
    assert config.pack == str(Path.home() / "p")
    config = ClassGame(rules="rules.toml")
    before = start_game(image_folder, image_size=16, config=config)
    before.buy("flip")
    Path("week2").mkdir()
    monkeypatch.chdir("week2")
    after = start_game(image_folder, image_size=16, config=config)
    assert (after.budget, after.owned) == (55, {"flip-trick": 1})
    assert list(Path.cwd().iterdir()) == []


def test_a_relative_ledger_is_refused(image_folder):
    config = ClassGame(ledger_url="sqlite:///class.sqlite")
    with pytest.raises(LedgerError, match="relative to each kernel's folder"):
        start_game(image_folder, image_size=16, config=config)
    assert not Path("class.sqlite").exists()


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


def test_it_says_that_no_ranked_run_was_validated(ready, namespace):
    del namespace["val_loader"]
    ready.train(epochs=1)
    assert "best run  none that was validated: %train needs a val_loader" in repr(ready.status())


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
