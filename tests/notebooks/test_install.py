"""A kernel of an image: the magics are there without %load_ext, with the class's defaults."""

import subprocess

import pytest
from helpers.images import make_images
from helpers.isolation.environments import make_environment
from notebooks.kernels import Kernel, environment

ORDER = "%%shop\nbuy Speed boost"


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """An environment with a class's defaults, and a folder to play in; gives its Python."""
    root = tmp_path_factory.mktemp("image")
    python = make_environment(root / "env")
    make_images(root / "insects")
    (root / "rules.toml").write_text("format = 1\n[rules]\nbudget = 80\n")
    ledger = f"sqlite:///{root / 'shared.sqlite'}"
    given = ["--pack", "insects", "--rules", "rules.toml", "--ledger", ledger, "--team-from-env"]
    command = [str(python), "-m", "jupyter_classgame"]
    subprocess.run(
        [*command, "install", "--image", *given], cwd=root, env=environment(root), check=True
    )
    yield python
    subprocess.run([*command, "uninstall"], cwd=root, env=environment(root), check=True)
    assert not list((root / "env" / "etc" / "ipython").iterdir())


@pytest.fixture
def start(image, tmp_path):
    """Starts kernels of the image, each in a home of its own."""
    kernels = []

    def begin(team):
        home = tmp_path / f"home{len(kernels)}"
        home.mkdir()
        kernels.append(Kernel(home, image, CLASSGAME_TEAM=team))
        return kernels[-1]

    yield begin
    for kernel in kernels:
        kernel.close()


def test_the_magics_are_there_and_nothing_is_imported_before(start):
    kernel = start("red")
    loaded = "import sys; print(sorted({'jupyter_classgame', 'torch'} & set(sys.modules)))"
    assert kernel.run(loaded).out == "[]"
    asked = kernel.run("%train?").reply["payload"][0]["data"]["text/plain"]
    assert "--epochs EPOCHS" in asked
    assert kernel.run(loaded).out == "['jupyter_classgame']"
    refused = kernel.result(kernel.send(ORDER))
    assert "no game is started" in refused.err
    assert kernel.run("%classgame packs").status == "ok"


def test_a_class_plays_by_its_pack_rules_ledger_and_teams(start):
    kernel = start("red")
    begun = kernel.run("%classgame new").data[-1]["text/plain"]
    assert "red" in begun
    assert "80 B NN" in begun
    assert kernel.run("print(game.pack.name, game.team, game.budget)").out == "insects red 80.0"
    kernel.run(ORDER)
    mate, rival = start("red"), start("blue")
    for other, balance in ((mate, "70.0"), (rival, "80.0")):
        other.run("%classgame new")
        assert other.run("print(game.balance)").out == balance
