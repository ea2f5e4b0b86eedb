import pytest
from helpers.shop import item

from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop import Catalogue


@pytest.mark.parametrize(
    "text",
    ["Flip trick", "flip-trick", "FLIP TRICK", " flip   trick ", "flip", "Flip-Trick"],
)
def test_an_item_is_found_by_any_of_its_names(catalogue, text):
    assert catalogue.find(text).slug == "flip-trick"


def test_an_alias_names_its_item(catalogue):
    assert catalogue.find("speed DIAL").slug == "rate-rollercoaster"


def test_an_unknown_item_is_answered_with_the_nearest_names(catalogue):
    with pytest.raises(OrderError, match='no "Flap trick"; did you mean "Flip trick"'):
        catalogue.find("Flap trick")


def test_a_name_near_nothing_points_to_the_shop(catalogue):
    with pytest.raises(OrderError, match="%shop lists"):
        catalogue.find("qqqqqq")


def test_two_items_cannot_answer_to_one_name():
    with pytest.raises(ValueError, match="names both a and b"):
        Catalogue([item("a", "Same", 1), item("b", "same", 2)])


def test_groups_keep_shelf_order(catalogue):
    assert list(catalogue.groups()) == ["Data"]
    assert [i.slug for i in catalogue.groups()["Data"]] == [i.slug for i in catalogue]
