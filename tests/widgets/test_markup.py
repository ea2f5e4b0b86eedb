"""Names in the pieces that displays are made of."""

from types import SimpleNamespace

import pytest

from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.cards.receipt_card import _row

HEBREW = "\u05d7\u05e8\u05e7\u05d9\u05dd"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Flip trick", "Flip trick"),
        ("Fl\u00e4che", "Fl\u00e4che"),
        (HEBREW, f"\u2068{HEBREW}\u2069"),
    ],
)
def test_a_name_from_right_to_left_keeps_its_direction_to_itself(name, shown):
    assert markup.isolated(name) == shown


def test_a_receipt_keeps_a_count_beside_its_item():
    item = SimpleNamespace(name=HEBREW)
    line = SimpleNamespace(item=item, count=2, verb="bought", note="", amount=20)
    assert f"\u2068{HEBREW}\u2069 \u00d7 2" in _row(line)[0]
