"""Recipes that edit a class edit the one that the notebook has."""

import ast

import pytest

from jupyter_classgame.packs import load_pack
from jupyter_classgame.packs.class_edits import ClassSource, class_named, edited

PACK = load_pack("digits")
TURBO, SHIELD = (PACK.catalogue[slug].card.recipe for slug in ("neural-turbo-boost", "drop-shield"))
BASE = next(filter(None, (class_named("Net", cell) for cell in PACK.notebook)))
WIDER = BASE.replace("3, 32", "3, 48").replace("32, 64, kernel_size=5", "48, 96, kernel_size=5")
"""The player's own changes, which are free."""

GELU = WIDER.replace("F.relu", "F.gelu")
NORMED = BASE.replace("F.relu(self.fc1(x))", "F.relu(self.norm(self.fc1(x)))").replace(
    "        self.fc2", "        self.norm = nn.BatchNorm1d(64)\n        self.fc2"
)
OTHER = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())

    def forward(self, x):
        return self.body(x).mean((2, 3))"""


def made(recipe, mine, name="Net"):
    return edited(recipe, PACK.notebook, lambda _name: ClassSource(name, mine))


def changed(code, before=BASE):
    """Return the lines of code that are not the baseline's."""
    return set(code.splitlines()) - set(before.splitlines())


@pytest.mark.parametrize("recipe", [TURBO, SHIELD])
def test_in_the_baseline_a_recipe_makes_just_its_own_edits(recipe):
    assert made(recipe, BASE) == recipe
    assert edited(recipe, PACK.notebook, lambda _name: None) == recipe
    assert edited(recipe, ("x = 1",), lambda _name: ClassSource("Net", BASE)) == recipe


@pytest.mark.parametrize(("first", "second"), [(TURBO, SHIELD), (SHIELD, TURBO)])
def test_one_recipe_keeps_what_another_has_made(first, second):
    mine = class_named("Net", first)
    both = made(second, mine)
    assert changed(mine) <= changed(class_named("Net", both))
    assert changed(class_named("Net", second)) <= changed(class_named("Net", both))
    again = class_named("Net", both)
    assert [class_named("Net", made(each, again)) for each in (first, second)] == [again, again]


@pytest.mark.parametrize("mine", [WIDER, GELU, NORMED])
@pytest.mark.parametrize("recipe", [TURBO, SHIELD])
def test_a_recipe_keeps_what_the_player_has_changed(recipe, mine):
    code = made(recipe, mine)
    ast.parse(code)
    attributes = ("conv3",) if recipe == TURBO else ("drop_maps", "drop_units")
    for attribute in attributes:
        assert code.count(f"self.{attribute} = ") == 1
        assert code.count(f"self.{attribute}(") >= 1
    kept = [line for line in changed(mine) if "self.fc1(x)" not in line and "features" not in line]
    assert all(line in code or "max_pool" in line for line in kept)
    assert ("F.gelu(self.conv1(x))" in code) == (mine == GELU)
    assert ("self.norm(self.fc1(x))" in code) == (mine == NORMED)


def test_a_class_of_another_name_is_the_one_that_is_edited():
    mine = BASE.replace("class Net", "class Mine")
    code = made(SHIELD, mine, "Mine")
    assert "class Mine(" in code
    assert "model = Mine()" in code
    assert "Net" not in code


def test_edits_that_do_not_fit_are_listed_and_nothing_is_undone():
    code = made(SHIELD, OTHER)
    assert code.startswith("# Your class is no longer like the baseline's")
    assert "class" not in code.partition("\n")[2].replace("# run its cell", "")
    assert "#         self.drop_units = nn.Dropout(0.3)" in code
    assert "model = Net()" in code
