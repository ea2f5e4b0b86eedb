import pytest

from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop import parse_order


def wishes(text, catalogue):
    return [(line.verb, line.item.slug, line.count) for line in parse_order(text, catalogue).lines]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("buy Flip trick", [("buy", "flip-trick", None)]),
        ("Flip trick", [("buy", "flip-trick", None)]),
        ("BUY flip", [("buy", "flip-trick", None)]),
        ("return flip-trick  # we lost", [("return", "flip-trick", None)]),
        (
            "buy Flip trick, Need for shift: Tokyo data drift\n\n# nothing here\nreturn speed dial",
            [
                ("buy", "flip-trick", None),
                ("buy", "need-for-shift", None),
                ("return", "rate-rollercoaster", None),
            ],
        ),
        ("neural-turbo-boost x 2", [("buy", "neural-turbo-boost", 2)]),
        (
            "buy Neural turbo boost x2, flip",
            [("buy", "neural-turbo-boost", 2), ("buy", "flip-trick", None)],
        ),
        ("buy Flip trick x 1", [("buy", "flip-trick", 1)]),
    ],
)
def test_an_order_is_read(catalogue, text, expected):
    assert wishes(text, catalogue) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the order is empty"),
        ("  # only a comment\n\n", "the order is empty"),
        ("buy", 'line 1: "buy" what'),
        ("buy Flip trick\nbuy Flop", "line 2: the shop has no"),
        ("buy Flip trick please", '"please" after "Flip trick" is not understood'),
        ("buy Flip trick,, Speed dial", "comma with no item"),
        ("buy Flip trick,", "comma with no item"),
        ("buy Flip trick x 2", "can be owned only once"),
        ("buy Neural turbo boost x 0", "from 1 to"),
        ("buy Neural turbo boost x -3", "from 1 to"),
        ("buy Neural turbo boost x 99999999999999", "from 1 to"),
        ("buy Neural turbo boost x 1.5", "not understood"),
        ("return Neural turbo boost x 1", "gives all back"),
        ("sell Flip trick", 'write "buy Flip trick" or "return Flip trick", not "sell"'),
        ("buy 2 Neural turbo boost", 'put the count after the item: "Neural turbo boost x 2"'),
        ("<script>alert(1)</script>", "the shop has no"),
        ("x" * 20_000, "too long"),
    ],
)
def test_a_wrong_order_is_refused_whole(catalogue, text, message):
    with pytest.raises(OrderError, match=message) as refused:
        parse_order(text, catalogue)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300
