import pytest

from jupyter_classgame.errors import PackError
from jupyter_classgame.packs import load_pack
from jupyter_classgame.packs.starters import HEADING, completed, names_made, names_needed


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("x = f(x)", ["f", "x"]),
        ("bag['a'] = 1\nbag = list(bag)", ["bag"]),
        ("def f(a):\n    return a + b\n\nf(c)", ["b", "c"]),
        ("class Net(nn.Module):\n    def forward(self, x):\n        return F.relu(x)", ["nn", "F"]),
        ("import torch\ntorch.ones(1)", []),
        ("for name in names:\n    print(name)", ["names"]),
        ("squares = [n * n for n in numbers]", ["numbers"]),
        ("model = Net()\n%ensemble model other", ["Net"]),
        ("total += 1", ["total"]),
    ],
)
def test_the_names_that_code_takes_from_the_notebook(code, names):
    assert names_needed(code) == names


def test_what_code_makes():
    assert names_made("import a.b as c\nx, y = 1, 2\ndef f(): z = 1") == {"c", "x", "y", "f"}


def test_what_is_lacking_is_made_first_and_only_once():
    starters = {"a": "a = [b]", "b": "b = 1", "np": "import numpy as np"}
    code = completed("a.append(np.sqrt(b))", starters, {"c"})
    assert code == f"{HEADING}\nimport numpy as np\n\nb = 1\n\na = [b]\n\na.append(np.sqrt(b))"
    assert completed("a.append(b)", starters, {"a", "b"}) == "a.append(b)"
    assert completed("a(z)", {}, set()).startswith("# This recipe needs, in a cell above: a, z\n")


@pytest.mark.parametrize(
    ("starter", "message"),
    [
        ('bag = "bag = ["', "starters.bag: is not Python"),
        ('bag = "x\\u0000"', "starters.bag: is not Python"),
        ('bag = "sack = []"', "starters.bag: the code must define bag"),
    ],
)
def test_a_wrong_starter_is_refused(tmp_path, starter, message):
    (tmp_path / "pack.toml").write_text(
        'format = 1\nname = "mine"\ntitle = "Mine"\nextends = "first-game"\n'
        f"[starters]\n{starter}\n"
    )
    with pytest.raises(PackError, match=message):
        load_pack(tmp_path)


@pytest.mark.parametrize("cell", ["bag = [", r"bag\u0000"])
def test_cells_that_are_no_python_are_refused(tmp_path, cell):
    (tmp_path / "pack.toml").write_text(
        f'format = 1\nname = "mine"\ntitle = "Mine"\nextends = "first-game"\n'
        f'notebook = ["%train", "{cell}"]\n'
    )
    with pytest.raises(PackError, match=r"pack.toml: notebook.1: is not Python"):
        load_pack(tmp_path)


def test_starters_are_taken_over_from_what_a_pack_extends(tmp_path):
    (tmp_path / "pack.toml").write_text(
        'format = 1\nname = "mine"\ntitle = "Mine"\nextends = "first-game"\n'
        "[starters]\nbag = \"bag = []\"\nnn = 'import torch.nn as nn'\n"
    )
    starters = load_pack(tmp_path).starters
    assert starters["bag"] == "bag = []"
    assert starters["nn"] == "import torch.nn as nn"
    assert "augmentations" in starters
