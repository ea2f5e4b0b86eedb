"""The built-in packs load, and every card of the first game has its parts."""

import ast
import re

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from jupyter_classgame.packs import load_pack

PRICES = {
    "info-infusion": ("Info infusion", "more-data", 20),
    "whirl-and-swirl": ("Whirl and swirl", "rotation", 10),
    "foggy-lens": ("Foggy lens", "blur", 5),
    "flip-trick": ("Flip trick", "flip", 10),
    "resolution-rocket": ("Resolution rocket", "resampling", 5),
    "need-for-shift": ("Need for shift: Tokyo data drift", "shift", 5),
    "cutout-mask": ("Cutout mask", "cutout", 10),
    "mixup-mixer": ("Mixup mixer", "mixup", 20),
    "neural-turbo-boost": ("Neural turbo boost", "convolution", 20),
    "drop-shield": ("Drop shield", "dropout", 10),
    "weight-decay": ("Weight decay", "weight-decay", 20),
    "speed-boost": ("Speed boost", "momentum", 10),
    "learning-rate-decay": ("Learning rate decay", "learning-rate-decay", 5),
    "rate-rollercoaster": ("Rate rollercoaster", "learning-rate-schedule", 10),
    "ensemble-enchanter": ("Ensemble enchanter", "ensembling", 60),
    "herr-nilssons-friend": ("Herr Nilsson's friend", "class-weight", 0),
}
SECOND_NAMES = {
    "Data Potion": "info-infusion",
    "Tokyo data drift": "need-for-shift",
    "Need for shift": "need-for-shift",
    "Missing pieces": "cutout-mask",
    "Random erasing": "cutout-mask",
    "Speed dial": "rate-rollercoaster",
}
SECTIONS = ["What it is", "Why it helps", "When it hurts", "Recipe"]

FIRST_GAME = load_pack("first-game")
ITEMS = [pytest.param(item, id=item.slug) for item in FIRST_GAME.catalogue]


def card_file(item):
    return (FIRST_GAME.folder / "cards" / f"{item.slug}.md").read_text(encoding="utf-8")


def test_the_price_list():
    listed = {item.slug: (item.name, item.technique, item.price) for item in FIRST_GAME.catalogue}

    assert list(listed.items()) == list(PRICES.items())
    assert [item.slug for item in FIRST_GAME.catalogue if item.repeatable] == ["neural-turbo-boost"]


def test_the_rules():
    rules = FIRST_GAME.rules

    assert (rules.budget, rules.base_fraction, rules.baseline) == (100, 0.7, {"convolution": 2})
    assert (rules.max_epochs, rules.final_attempts, rules.practice) == (60, 3, True)
    assert FIRST_GAME.data is None


@pytest.mark.parametrize(("name", "slug"), SECOND_NAMES.items())
def test_second_names(name, slug):
    assert FIRST_GAME.catalogue.find(name).slug == slug


@pytest.mark.parametrize(
    ("name", "size"),
    [("digits", (32, 32)), ("cifar10", (32, 32)), ("stl10", (96, 96)), ("flowers102", (64, 64))],
)
def test_packs_of_the_first_game(name, size):
    pack = load_pack(name)

    assert (pack.name, pack.data.source, pack.data.image_size) == (name, name, size)
    assert pack.title
    assert pack.summary
    assert pack.rules == FIRST_GAME.rules
    assert list(pack.catalogue) == list(FIRST_GAME.catalogue)


def test_every_card_is_sold():
    cards = {path.stem for path in (FIRST_GAME.folder / "cards").iterdir()}

    assert cards == set(PRICES)


@pytest.mark.parametrize("item", ITEMS)
def test_parts_of_a_card(item):
    content = card_file(item)
    prose, _, _ = content.partition("```python")

    assert content.startswith(f"# {item.name}\n\n{item.card.summary}\n\n## ")
    assert re.findall(r"^## (.+)$", content, re.MULTILINE) == SECTIONS
    assert all(part.strip() for part in re.split(r"^## .+$", prose, flags=re.MULTILINE))
    assert content.count("```") == 2
    assert item.card.recipe in content
    assert "```" not in item.card.text


@pytest.mark.parametrize("item", ITEMS)
def test_a_card_teaches_in_short(item):
    words = re.sub(r"^#.*$", "", card_file(item).partition("```python")[0], flags=re.MULTILINE)

    assert 120 <= len(words.split()) <= 250
    assert len(item.card.summary) <= 100
    assert "#" in item.card.recipe  # says what to try, or why


@pytest.mark.parametrize("item", ITEMS)
def test_a_recipe_is_python_for_a_cell(item):
    cell = TransformerManager().transform_cell(item.card.recipe)

    ast.parse(cell)
    assert max(map(len, item.card.recipe.splitlines())) <= 100
