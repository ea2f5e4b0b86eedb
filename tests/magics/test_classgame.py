import sys

import pytest
from IPython.core.error import UsageError
from IPython.utils.capture import capture_output

from jupyter_classgame.packs import built_in_packs
from jupyter_classgame.packs.starters import names_made, without_magics


def test_a_magic_without_a_game_says_how_to_start_one(magic):
    for line in ("classgame", "shop", "train", "ensemble a b", "evaluate", "classgame runs"):
        with pytest.raises(UsageError, match="%classgame start"):
            magic(line)


def started(magic, line):
    """Start a game, and give its status and what was shown beside it."""
    with capture_output() as captured:
        status = magic(line)
    (shown,) = captured.outputs
    return status, shown.data


def test_a_blank_notebook_is_enough(magic, shell):
    status, shown = started(magic, "classgame start")
    assert status.pack == "digits"
    *cells, train = shell.user_ns["game"].pack.notebook
    assert all(part in shown["text/plain"] for part in (*cells, train))
    assert "&quot;train&quot;" in shown["text/html"]
    assert train.startswith("%train")
    for cell in cells:
        shell.run_cell(cell).raise_error()
    magic("train --epochs 1 --practice")
    assert len(shell.user_ns["game"].histories) == 1


def test_start_gives_only_the_cells_that_are_missing(magic, shell, image_folder):
    started(magic, f"classgame start {image_folder} --team red --image-size 16")
    game = shell.user_ns["game"]
    imports, _, network, *others = game.pack.notebook
    shell.run_cell(imports).raise_error()
    shell.run_cell(network).raise_error()
    status, shown = started(magic, "classgame start")
    assert status.team == "red"
    assert shell.user_ns["game"] is game
    assert "train_loader = " in shown["text/plain"]
    assert "class Net" not in shown["text/plain"]
    assert "import torch" not in shown["text/plain"]
    assert others[-1] in shown["text/plain"]
    for cell in game.pack.missing_cells(shell.user_ns):
        shell.user_ns.update(dict.fromkeys(names_made(without_magics(cell))))
    assert "already" in started(magic, "classgame start")[1]["text/plain"]


def test_new_binds_the_game_and_shows_where_it_stands(magic, shell, image_folder):
    status = magic(f"classgame new {image_folder} --team red --image-size 16")
    assert shell.user_ns["game"].team == "red"
    assert (status.team, status.balance, status.image_size) == ("red", 100, (16, 16))


def test_values_are_expressions_of_the_notebook(magic, shell, image_folder):
    shell.user_ns.update(OUT=image_folder, WHO="blue", N=16)
    assert magic("classgame new OUT --team WHO --image-size N").team == "blue"
    shell.user_ns["blue"] = shell.user_ns["game"]
    assert magic("classgame new OUT --team blue --image-size (16, 16)").team == "blue"


def test_a_built_in_name_may_have_capitals(magic):
    assert magic("classgame new Digits --team red").pack == "digits"


def test_a_name_that_differs_by_capitals_is_another_team_and_says_so(magic, image_folder):
    start = f"classgame new {image_folder} --image-size 16 --team"
    assert magic(f"{start} red").notes == ()
    assert "there is a team red too" in magic(f"{start} Red").notes[0]
    assert magic(f"{start} Red").notes == magic(f"{start} red").notes == ()


def test_a_built_in_name_stands_for_the_pack(magic, shell):
    shell.user_ns["digits"] = [1, 2, 3]
    assert magic("classgame new digits").pack == "digits"


def test_the_configured_pack_is_the_default(magic, shell):
    assert magic("classgame new").pack == "digits"
    shell.run_line_magic("config", "ClassGame.pack = 'nosuch'")
    with pytest.raises(UsageError, match="nosuch"):
        magic("classgame new")


def test_packs_lists_what_can_be_played(magic):
    text = repr(magic("classgame packs"))
    for name in built_in_packs():
        assert (name in text) == (name != "first-game")


def test_a_resumed_game_of_other_size_is_refused_in_one_line(magic, image_folder):
    magic(f"classgame new {image_folder} --team red --image-size 16")
    with pytest.raises(UsageError, match="begun with image size 16x16, not 20x20") as refused:
        magic(f"classgame new {image_folder} --team red --image-size 20")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("classgame play", "%classgame play: did you mean new\\?"),
        ("classgame Begin digits", "%classgame Begin: did you mean new\\?"),
        ("classgame strat", "%classgame strat: did you mean start\\?"),
        ("classgame balance", "%classgame balance: did you mean status\\?"),
        ("classgame buy", "%classgame buy: did you mean %shop\\?"),
        ("classgame help", "%classgame help: write one of"),
        ("classgame xyzzy", "%classgame xyzzy: write one of"),
        ("classgame pack=digits", "pack=digits: write %classgame COMMAND digits$"),
        ("classgame new pack=digits team=red", "pack=digits: write %classgame new digits$"),
        ("classgame new digits team=red", "team=red: options of a magic are written --team red"),
        ("classgame digits", "%classgame digits: write %classgame new digits"),
        ("classgame nwe digits", "%classgame nwe: did you mean new?"),
        ("classgame new digit", 'folder "digit"; did you mean "digits"\\?$'),
        ("classgame runs digits", "not understood here"),
        ("classgame new digits --image-size big", "--image-size big"),
        ("classgame new digits --seed x", "--seed x"),
        ("classgame new digits --splits a", "write two folder names"),
        ("classgame new digits --splits a,b", "goes with a folder"),
        (
            "classgame new digits --colour red",
            "%classgame has no option --colour; %classgame\\? lists them",
        ),
        ("classgame new digits --sed 3", "no option --sed; did you mean --seed\\?"),
        (
            "classgame new digits --team red blue",
            '--team takes one value; put quotes around one with spaces: --team "red blue"',
        ),
        ("classgame new digits --image-size 48x", "--image-size 48x: write pixels a side"),
        ("classgame new /no/such/folder", "there is no pack, file or folder"),
        ("classgame new digits --image-size 3", "image size must be"),
    ],
)
def test_mistakes_are_told_in_one_line(magic, line, message):
    with pytest.raises(UsageError, match=message) as refused:
        magic(line)
    assert "\n" not in str(refused.value).strip()


def test_reset_asks(magic, game, capsys, monkeypatch):
    game.buy("flip")
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert magic("classgame reset").balance == 90
    assert "Nothing was reset." in capsys.readouterr().out
    assert game.owned == {"flip-trick": 1}
    monkeypatch.setattr("builtins.input", lambda question: "Yes ")
    assert magic("classgame reset").balance == 100
    game.buy("flip")
    assert magic("classgame reset --yes").owned == ()


def test_reset_with_nobody_to_ask_resets_nothing(magic, game, monkeypatch):
    def nobody(question):
        raise EOFError

    game.buy("flip")
    monkeypatch.setattr("builtins.input", nobody)
    with pytest.raises(UsageError, match="--yes does not ask"):
        magic("classgame reset")
    assert game.owned == {"flip-trick": 1}


def test_notes_are_told_once(magic, image_folder, capsys, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file"))
    status = magic(f"classgame new {image_folder} --image-size 16")
    (note,) = status.notes
    assert note.startswith("the ledger")
    assert repr(status).count("note ") == 1
    captured = capsys.readouterr()
    assert "the ledger" not in captured.err + captured.out


def test_a_game_bound_over_is_told(magic, shell):
    shell.user_ns["game"] = 3
    with pytest.raises(UsageError, match="the name game is a int now"):
        magic("classgame")


@pytest.mark.processes
def test_loading_is_light():
    import subprocess

    code = (
        "from IPython.core.interactiveshell import InteractiveShell as S; import sys\n"
        "ip = S.instance(); ip.run_line_magic('load_ext', 'jupyter_classgame')\n"
        "heavy = ['torch', 'bqplot', 'pandas', 'matplotlib', 'sqlalchemy', 'sklearn', 'PIL']\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_extension_can_be_unloaded_and_loaded_again(shell):
    shell.run_line_magic("unload_ext", "jupyter_classgame")
    assert "train" not in shell.magics_manager.magics["line"]
    assert "shop" not in shell.magics_manager.magics["cell"]
    shell.run_line_magic("load_ext", "jupyter_classgame")
    assert "train" in shell.magics_manager.magics["line"]


def test_config_shows_every_default(shell, capsys):
    shell.run_line_magic("config", "ClassGame")
    shown = capsys.readouterr().out
    for name in ("ledger_url", "memory_cap", "team", "epochs"):
        assert f"ClassGame.{name}" in shown
