import re
from pathlib import Path

import pytest

from jupyter_classgame.errors import PackError
from jupyter_classgame.packs import built_in_packs, load_pack, playable_packs
from jupyter_classgame.packs.techniques import TECHNIQUES

PRICES = {
    "info-infusion": 20,
    "whirl-and-swirl": 10,
    "foggy-lens": 5,
    "flip-trick": 10,
    "resolution-rocket": 5,
    "need-for-shift": 5,
    "cutout-mask": 10,
    "mixup-mixer": 20,
    "neural-turbo-boost": 20,
    "drop-shield": 10,
    "weight-decay": 20,
    "speed-boost": 10,
    "learning-rate-decay": 5,
    "rate-rollercoaster": 10,
    "ensemble-enchanter": 60,
    "herr-nilssons-friend": 0,
}
CARD = (
    "# Glue\n\nSticks.\n\n## What it is\n\nGlue.\n\n## Recipe\n\nPaste.\n\n```python\nx = 1\n```\n"
)
GOOD = """
format = 1
name = "mine"
title = "Mine"
extends = "first-game"
[data]
source = "digits"
image_size = [24, 24]
[rules]
budget = 50.0
free = ["batch-norm"]
[rules.baseline]
convolution = 3
[[items]]
slug = "glue"
name = "Glue"
technique = "ema"
price = 2.5
group = "Finish"
aliases = ["Paste"]
contains = ["layer-norm"]
card = "glue.md"
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "glue.md").write_text(CARD)

    def write(content=GOOD):
        path = tmp_path / "pack.toml"
        path.write_text(content)
        return path

    return write


def test_the_first_game_sells_what_it_should_at_its_price():
    pack = load_pack("first-game")
    assert {item.slug: item.price for item in pack.catalogue} == PRICES
    assert [item.slug for item in pack.catalogue if item.repeatable] == ["neural-turbo-boost"]
    assert (pack.budget, pack.rules.base_fraction, pack.rules.final_attempts) == (100, 0.7, 3)
    assert pack.rules.baseline == {"convolution": 2}


def test_second_names_are_aliases():
    catalogue = load_pack("digits").catalogue
    for alias, slug in {
        "Data Potion": "info-infusion",
        "missing pieces": "cutout-mask",
        "SPEED DIAL": "rate-rollercoaster",
        "momentum": "speed-boost",
    }.items():
        assert catalogue.find(alias).slug == slug


@pytest.mark.parametrize("name", [name for name in built_in_packs() if name != "first-game"])
def test_built_in_packs_can_be_played(name):
    pack = load_pack(name)
    assert pack.name == name
    assert pack.data is not None
    assert len(pack.catalogue) == len(PRICES)


def test_packs_are_listed():
    assert [pack.name for pack in playable_packs().packs] == [
        "cifar10",
        "digits",
        "flowers102",
        "stl10",
    ]


def test_a_pack_takes_over_what_it_extends(write):
    pack = load_pack(write())
    assert (pack.budget, pack.rules.base_fraction, pack.rules.max_epochs) == (50, 0.7, 60)
    assert pack.rules.baseline == {"convolution": 3}
    assert pack.rules.free == ("batch-norm",)
    assert pack.data.image_size == (24, 24)
    assert len(pack.catalogue) == len(PRICES) + 1
    glue = pack.catalogue.find("paste")
    assert (glue.price, glue.card.recipe, glue.card.summary) == (2.5, "x = 1", "Sticks.")
    assert glue.contains == ("layer-norm",)


def test_a_folder_that_holds_a_pack_is_that_pack(write):
    assert load_pack(write().parent).name == "mine"


def test_an_item_of_the_same_slug_takes_the_place(write):
    content = GOOD.replace('slug = "glue"', 'slug = "flip-trick"')
    assert load_pack(write(content)).catalogue["flip-trick"].name == "Glue"


def test_a_pack_may_extend_its_neighbour(write, tmp_path):
    write()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pack.toml").write_text(
        'format = 1\nname = "other"\ntitle = "Other"\nextends = ".."\n[data]\nsource = "digits"\n'
    )
    assert "glue" in load_pack(tmp_path / "other").catalogue


def test_a_folder_pack_finds_its_images(write, tmp_path):
    (tmp_path / "images").mkdir()
    content = GOOD.replace('source = "digits"', 'source = "folder"\npath = "images"')
    assert load_pack(write(content)).data.path == tmp_path / "images"


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("format = 1", "format = 2", "format: 2 must be 1"),
        ("format = 1", "", "format: is missing"),
        (
            'name = "mine"',
            'name = "My Pack"',
            "name: 'My Pack' must be lower-case letters, digits and hyphens",
        ),
        ("price = 2.5", "price = -1", "items.0.price: -1 must be at least 0"),
        ("price = 2.5", 'price = "cheap"', "items.0.price: 'cheap' must be a number"),
        ("price = 2.5", "price = inf", "items.0.price: inf must be"),
        (
            "price = 2.5",
            "price = 2.5\ncolour = 1",
            "items.0.colour: there is no such key; there are slug, name",
        ),
        ('group = "Finish"', 'group = "Odds"', "items.0.group"),
        ("budget = 50.0", "budget = 0", "rules.budget: 0 must be above 0"),
        ("budget = 50.0", "base_fraction = 1.5", "rules.base_fraction: 1.5 must be at most 1"),
        ("budget = 50.0", "buget = 50", "rules.buget: there is no such key; did you mean budget"),
        ("budget = 50.0", "max_epochs = 2.5", "rules.max_epochs: 2.5 must be a whole number"),
        ("budget = 50.0", 'practice = "no"', "rules.practice: 'no' must be true or false"),
        ('title = "Mine"', 'title = "Mine, all"', "title: 'Mine, all' must be one line without ,"),
        ("[24, 24]", "[24]", "data.image_size: .24. must have at least 2 entries"),
        ("[24, 24]", "[2, 24]", "data.image_size.0"),
        ('source = "digits"', 'source = "web"', "data.source"),
        ('source = "digits"', 'source = "folder"', "data.path: is needed"),
        ('source = "digits"', 'source = "folder"\npath = "gone"', "data.path: there is no folder"),
        ('source = "digits"', 'source = "digits"\npath = "x"', "data.path: goes with"),
        ('extends = "first-game"', 'extends = "nowhere"', 'extends: there is no pack "nowhere"'),
        ('extends = "first-game"', 'extends = "."', "extend one another in a circle"),
        ('card = "glue.md"', 'card = "gone.md"', "gone.md: the card cannot be read"),
        ('aliases = ["Paste"]', 'aliases = ["flip"]', "items: .* names both flip-trick and glue"),
        ('["batch-norm"]', '["momntum"]', 'rules.free: .* "momntum"; did you mean "momentum"'),
        ("convolution = 3", "convolutoin = 3", 'rules.baseline: .* did you mean "convolution"'),
        ('technique = "ema"', 'technique = "glue"', 'items.0.technique: .* "glue"; docs/packs.md'),
        ('["layer-norm"]', '["layernorm"]', 'items.0.contains: .* did you mean "layer-norm"'),
        ("image_size = [24, 24]", 'splits = ["a", "b"]', "data.splits: goes with"),
        ("format = 1", "format = ", "is not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_reason(write, wrong, right, message):
    assert wrong in GOOD
    path = write(GOOD.replace(wrong, right, 1))
    with pytest.raises(PackError, match=message) as refused:
        load_pack(path)
    assert str(path.parent) in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "card",
    [
        "",
        "Glue\n",
        CARD.replace("## Recipe", "## How"),
        CARD.replace("```python", "```"),
        CARD + "\nmore text\n",
        CARD.replace("x = 1", "x = 1\n```\n\n```python\ny = 2"),
    ],
)
def test_a_card_without_its_parts_is_refused(write, tmp_path, card):
    path = write()
    (tmp_path / "glue.md").write_text(card)
    with pytest.raises(PackError, match=r"glue.md: a card needs"):
        load_pack(path)


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        ("x = = 1", r"glue.md, line \d+: the recipe is not Python \(invalid syntax"),
        ("%time x\nif x:\n", r"glue.md, line \d+: the recipe is not Python \(expected an indented"),
        ("x = '\0'", "glue.md.*: the recipe is not Python"),
        ("-" * 50_000 + "1", "glue.md.*: the recipe is not Python"),
    ],
)
def test_a_recipe_that_is_no_python_is_refused_with_its_line(write, tmp_path, recipe, told):
    path = write()
    (tmp_path / "glue.md").write_text(CARD.replace("x = 1", recipe))
    with pytest.raises(PackError, match=told) as refused:
        load_pack(path)
    assert "\n" not in str(refused.value)
    if line := re.search(r"line (\d+):", str(refused.value)):
        shown = (tmp_path / "glue.md").read_text().splitlines()[int(line[1]) - 1]
        assert shown in (*recipe.splitlines(), "```")


def test_a_file_nested_too_deeply_is_refused(write):
    with pytest.raises(
        PackError, match=r"pack.toml: is not a pack; its brackets or keys are nested too deep"
    ):
        load_pack(write("x = " + "[" * 3000 + "]" * 3000))


def test_a_pack_that_sells_nothing_is_refused(write):
    content = 'format = 1\nname = "bare"\ntitle = "Bare"\n'
    with pytest.raises(PackError, match="items: nothing is for sale"):
        load_pack(write(content))


def test_what_is_no_pack_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(PackError, match=r"is neither a pack.toml nor a folder"):
        load_pack(tmp_path / "notes.txt")
    with pytest.raises(PackError, match='did you mean "cifar10"'):
        load_pack("cifar")


def test_a_folder_is_named_like_itself(tmp_path):
    folder = tmp_path / "Meine Käfer (2026)"
    folder.mkdir()
    pack = load_pack(str(folder))
    assert pack.name == "Meine-Käfer-2026"
    assert pack.data.path == Path(folder)


def test_the_manual_lists_every_technique():
    manual = (Path(__file__).parents[2] / "docs" / "packs.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", manual, re.MULTILINE)
    assert dict(listed) == TECHNIQUES


def test_a_class_lays_its_rules_over_a_pack_key_by_key(tmp_path):
    file = tmp_path / "rules.toml"
    file.write_text(
        'format = 1\n[rules]\nbudget = 80\nfree = ["batch-norm"]\n[rules.baseline]\ndropout = 1\n'
    )
    plain, laid = load_pack("digits"), load_pack("digits", file)
    assert (laid.budget, laid.rules.free) == (80, ("batch-norm",))
    assert laid.rules.baseline == {**plain.rules.baseline, "dropout": 1}
    assert laid.rules.max_epochs == plain.rules.max_epochs
    assert (laid.name, laid.data) == (plain.name, plain.data)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[rules]\nbudget = 80\n", "format: is missing"),
        ("format = 1\n", "rules: is missing"),
        ('format = 1\n[rules]\nfree = ["batch-nrom"]\n', "rules.free: "),
        ("format = 1\n[rules]\nbudgets = 3\n", "rules.budgets: there is no such key; did you mean"),
        ("budget: 80", "is not TOML"),
        (f"x = {'[' * 3000}", "is not a pack; its brackets or keys are nested too deep"),
        (f"x = {'9' * 5000}", "is not TOML"),
    ],
)
def test_wrong_rules_of_a_class_are_refused_with_file_and_reason(tmp_path, text, message):
    file = tmp_path / "rules.toml"
    file.write_text(text)
    with pytest.raises(PackError, match=re.escape(message)) as refused:
        load_pack("digits", file)
    assert str(file) in str(refused.value)
