import os
import stat
import sys
from pathlib import Path

import pytest
from IPython.core.application import ENV_CONFIG_DIRS

from jupyter_classgame.__main__ import main
from jupyter_classgame.install import Defaults, config_file, install, uninstall
from jupyter_classgame.magics import NAMES

OTHERS = b"# the class's own\r\nc = get_config()\nc.InteractiveShell.colors = 'nocolor'  # no end"


@pytest.fixture
def prefix(tmp_path, monkeypatch):
    """An environment of its own; gives the file that its kernels read."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    return tmp_path / "env" / "etc" / "ipython" / "ipython_config.py"


@pytest.fixture
def rules(tmp_path):
    """A file of rules."""
    file = tmp_path / "rules.toml"
    file.write_text('format = 1\n[rules]\nbudget = 80\nfree = ["batch-norm"]\n')
    return file


def configuration(file):
    """What IPython makes of a file."""
    from traitlets.config import PyFileConfigLoader

    return PyFileConfigLoader(file.name, str(file.parent)).load_config()


def test_the_file_is_one_that_ipython_reads():
    assert str(config_file(user=False).parent) in ENV_CONFIG_DIRS
    assert config_file(user=True) == Path(
        os.environ["IPYTHONDIR"], "profile_default", "ipython_config.py"
    )


def test_what_is_given_is_set_and_nothing_else(prefix, rules, image_folder, monkeypatch, capsys):
    monkeypatch.chdir(image_folder.parent)
    ledger = "sqlite:////srv/class/l\u00e9dger.sqlite"
    assert main(["install", "--pack", "insects", "--rules", str(rules), "--ledger", ledger]) == 0
    assert capsys.readouterr().out == f"{prefix}: written\n"
    found = configuration(prefix)
    assert dict(found.ClassGame) == {
        "pack": str(image_folder), "rules": str(rules), "ledger_url": ledger,
    }  # fmt: skip
    lazy = found.MagicsManager.lazy_magics.get_value({"theirs": "other"})
    assert lazy == dict.fromkeys(NAMES, "jupyter_classgame") | {"theirs": "other"}
    assert stat.S_IMODE(prefix.stat().st_mode) == 0o644


def test_names_and_secrets_may_come_from_the_environment(prefix, monkeypatch):
    assert main(["install", "--image", "--team-from-env", "--ledger-from-env", "DB"]) == 0
    assert dict(configuration(prefix).ClassGame) == {"team": "", "ledger_url": ""}
    monkeypatch.setenv("CLASSGAME_TEAM", "red")
    monkeypatch.setenv("DB", "sqlite:////srv/a.sqlite")
    assert dict(configuration(prefix).ClassGame) == {
        "team": "red", "ledger_url": "sqlite:////srv/a.sqlite",
    }  # fmt: skip


def test_again_changes_nothing_and_otherwise_takes_its_place(prefix, capsys):
    main(["install", "--pack", "digits"])
    first = prefix.read_bytes(), prefix.stat().st_mtime_ns
    capsys.readouterr()
    assert main(["install", "--pack", "digits"]) == 0
    assert capsys.readouterr().out == f"{prefix}: already up to date\n"
    assert prefix.read_bytes() == first[0]
    main(["install", "--pack", "cifar10"])
    assert configuration(prefix).ClassGame.pack == "cifar10"
    assert prefix.read_bytes().count(b">>> jupyter-classgame") == 1


def test_uninstall_leaves_nothing_of_ours(prefix, capsys):
    main(["install"])
    assert main(["uninstall"]) == 0
    assert not prefix.exists()
    assert main(["uninstall"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        f"{prefix}: nothing of jupyter-classgame to remove"
    )


@pytest.mark.parametrize("content", [OTHERS, b"", b"\n", b"x = 1\n\n"])
def test_a_file_of_others_is_kept_to_the_byte(prefix, content):
    prefix.parent.mkdir(parents=True)
    prefix.write_bytes(content)
    prefix.chmod(0o640)
    main(["install", "--pack", "digits"])
    main(["install", "--pack", "cifar10"])
    assert prefix.read_bytes().startswith(content)
    assert configuration(prefix).ClassGame.pack == "cifar10"
    assert stat.S_IMODE(prefix.stat().st_mode) == 0o640
    main(["uninstall"])
    assert prefix.read_bytes() == content
    assert sorted(prefix.parent.iterdir()) == [prefix]


def test_lines_added_around_ours_later_are_kept(prefix):
    main(["install"])
    prefix.write_bytes(b"a = 1\n" + prefix.read_bytes() + b"b = 2\n")
    main(["install", "--pack", "digits"])
    main(["uninstall"])
    assert prefix.read_bytes() == b"a = 1\nb = 2\n"


def test_lazy_magics_of_others_stay(prefix):
    prefix.parent.mkdir(parents=True)
    prefix.write_text("c = get_config()\nc.MagicsManager.lazy_magics = {'sql': 'sql'}\n")
    main(["install"])
    assert configuration(prefix).MagicsManager.lazy_magics["sql"] == "sql"


def test_a_link_stays_a_link(prefix, tmp_path):
    real = tmp_path / "real.py"
    real.write_bytes(OTHERS)
    prefix.parent.mkdir(parents=True)
    prefix.symlink_to(real)
    main(["install"])
    assert prefix.is_symlink()
    assert real.read_bytes().startswith(OTHERS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pack", "digitz"], 'did you mean "digits"?'),
        (["--pack", "first-game"], "first-game: it has rules for other packs"),
        (["--rules", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--rules", "bad.toml"], "rules.budget: 'much' must be a number"),
        (["--rules", "unknown.toml"], "rules.free: "),
        (["--ledger", "my ledger"], "is not a database URL"),
        (["--ledger", "nosuch://host/db"], "nosuch"),
        (
            ["--ledger", "postgresql://u:secret@h:abc/db"],
            "'…@h:abc/db' is not a database URL, its port",
        ),
        (["--ledger", "postgresql:/u:secret@h/db"], "'…@h/db' is not a database URL"),
        (["--ledger", "nosuch://u:secret@h/db"], "nosuch://u:***@h/db"),
        (["--ledger", "sqlite:///ledger.sqlite"], "write an absolute path"),
        (["--ledger", "sqlite://"], "write an absolute path"),
        (["--team-from-env", "MY-TEAM"], "'MY-TEAM' cannot be the name of an environment variable"),
        (["--ledger-from-env", "A\nB = 1"], "cannot be the name of an environment variable"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_and_nothing_is_written(
    prefix, arguments, message, capsys
):
    Path("bad.toml").write_text('format = 1\n[rules]\nbudget = "much"\n')
    Path("unknown.toml").write_text('format = 1\n[rules]\nfree = ["batch-nrom"]\n')
    main(["install", "--pack", "digits"])
    before = prefix.read_bytes()
    capsys.readouterr()
    assert main(["install", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert message in line
    assert "secret" not in line
    assert prefix.read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [[], ["instal"], ["install", "--user", "--image"], ["install", "--packs", "x"]]
)
def test_a_wrong_command_is_told_in_one_line(prefix, arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not prefix.exists()


@pytest.mark.parametrize("content", [b"c = (\n", b"\xff\xfe", b"\0"])
def test_a_file_that_is_no_python_is_left_alone(prefix, content, capsys):
    prefix.parent.mkdir(parents=True)
    prefix.write_bytes(content)
    assert main(["install"]) == 1
    assert "is not Python" in capsys.readouterr().err
    assert prefix.read_bytes() == content


def test_a_block_in_part_is_left_alone(prefix, capsys):
    main(["install"])
    cut = prefix.read_bytes().partition(b"# <<<")[0]
    prefix.write_bytes(cut)
    for command in ("install", "uninstall"):
        assert main([command]) == 1
        assert "incomplete or repeated" in capsys.readouterr().err
        assert prefix.read_bytes() == cut


def test_a_place_that_cannot_be_written_is_told_in_one_line(prefix, tmp_path, capsys):
    (tmp_path / "env").write_text("in the way")
    assert main(["install"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert str(prefix) in line


def test_a_failure_on_the_way_leaves_the_old_file_whole(prefix, monkeypatch):
    main(["install"])
    before = prefix.read_bytes()

    def full(_self, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert main(["install", "--pack", "digits"]) == 1
    assert prefix.read_bytes() == before
    assert sorted(prefix.parent.iterdir()) == [prefix]


def test_a_users_own_profile_can_be_written(prefix):
    assert main(["install", "--user", "--pack", "digits"]) == 0
    assert configuration(config_file(user=True)).ClassGame.pack == "digits"
    assert not prefix.exists()
    assert main(["uninstall", "--user"]) == 0
    assert not config_file(user=True).exists()


def test_install_and_uninstall_say_whether_they_changed_something(tmp_path):
    file = tmp_path / "ipython_config.py"
    assert install(file, Defaults(pack="digits"))
    assert not install(file, Defaults(pack="digits"))
    assert uninstall(file)
    assert not uninstall(file)
