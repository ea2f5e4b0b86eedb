import re

import pytest
from helpers.shop import item

from jupyter_classgame.widgets.shop.card_search import LONGEST, CardSearch, item_class, shelf_class
from jupyter_classgame.widgets.shop.shared_styles import SharedStyles
from jupyter_classgame.widgets.shop.shop_view import ShopView


@pytest.fixture
def view(outputs, game):
    view = ShopView(game)
    view.show()
    yield view
    view.close()


def hidden(search):
    """The classes of cards and shelves that the search's rule hides."""
    rule = re.search(r"<style>(.*?){display:none!important}</style>", search._found.value)
    found = rule[1].split(",") if rule else []
    assert all(each.startswith(f".{search.scope} .") for each in found)
    return {each.rpartition(".")[2] for each in found}


def left(view):
    """The items that are still to be seen, as the page works it out."""
    gone = hidden(view.search)
    groups = view.game.pack.catalogue.groups().values()
    return {
        item.slug
        for number, items in enumerate(groups)
        for item in items
        if not {shelf_class(number), item_class(item)} & gone
    }


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("flip", {"flip-trick"}),
        ("  FLIP   trick ", {"flip-trick"}),
        ("flip-trick", {"flip-trick"}),
        ("missing pieces", {"cutout-mask"}),
        ("camera", {"foggy-lens"}),
        ("regularisation", {"drop-shield", "weight-decay"}),
        ("learning rate", {"learning-rate-decay", "rate-rollercoaster"}),
        ("decay regularisation", {"weight-decay"}),
        ("telescope", set()),
    ],
)
def test_what_is_typed_is_looked_for_in_names_shelves_and_summaries(view, text, slugs):
    view.search.field.value = text
    assert left(view) == slugs
    said = f"{len(slugs)} of 16 items" if slugs else "no item matches “telescope”"
    assert said in view.search._found.value


def test_a_shelf_without_a_match_is_hidden_whole(view):
    view.search.field.value = "flip"
    groups = list(view.game.pack.catalogue.groups())
    empty = {shelf_class(n) for n, group in enumerate(groups) if group != "Augmentation"}
    assert {name for name in hidden(view.search) if name.startswith("cg-shelf")} == empty


def test_the_classes_in_the_rule_are_those_on_the_page(view):
    _, shelves = view.widget.children[-1].children
    names = {name for shelf in shelves.children for name in shelf._dom_classes}
    names |= {name for card in view.cards.values() for name in card.widget._dom_classes}
    view.search.field.value = "telescope"
    assert hidden(view.search) <= names
    view.search.field.value = "a"
    assert hidden(view.search) <= names
    assert view.search.scope in view.widget._dom_classes


def test_clear_shows_everything_again(view):
    view.search.field.value = "flip"
    view.search.clear_button.click()
    assert view.search.field.value == ""
    assert left(view) == set(view.cards)
    assert "items" not in view.search._found.value


def test_a_letter_costs_one_message(view, sent):
    view.search.field.set_state({"value": "f"})  # as a page does
    sent.clear()
    view.search.field.set_state({"value": "fl"})
    assert [m.data["method"] for m in sent if m.data["method"] != "echo_update"] == ["update"]
    assert sum(message.size for message in sent) < 3000


def test_a_search_stays_when_something_is_bought(view, game):
    view.search.field.value = "flip"
    game.buy("foggy-lens")
    view.show()
    assert left(view) == {"flip-trick"}


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "</style><b>", "x" * 2**20])
def test_what_is_typed_is_never_markup_and_never_long(view, text):
    view.search.field.value = text
    assert left(view) == set()
    said = view.search._found.value.rpartition("</style>")[2]
    assert re.fullmatch(r'<span class="cg-quiet" role="status">[^<]*</span>', said)
    assert len(said) < 2 * LONGEST


def test_names_in_other_scripts_are_found(outputs):
    groups = {"Data": [item("hebrew", "\u05e9\u05dc\u05d5\u05dd", 1), item("eszett", "Straße", 2)]}
    search = CardSearch(groups, SharedStyles())
    search.field.value = "\u05e9\u05dc"
    assert hidden(search) == {"cg-item-eszett"}
    search.field.value = "STRASSE"
    assert hidden(search) == {"cg-item-hebrew"}
