import pytest
from helpers.shop import item

from jupyter_classgame.shop import Basket, Catalogue, Wallet, net_order, order_text, parse_order
from jupyter_classgame.shop.order import MAX_COUNT

FLIP, FOG = item("flip", "Flip", 10), item("fog", "Fog", 0.1)
TURBO = item("turbo", "Turbo boost", 20, repeatable=True)
CATALOGUE = Catalogue([FLIP, FOG, TURBO])


@pytest.fixture
def basket():
    return Basket(CATALOGUE)


def wallet(**owned):
    return Wallet(CATALOGUE, 100, owned)


def test_what_is_added_is_in_it_once_unless_it_may_be_owned_more_than_once(basket):
    for each in (FLIP, TURBO, FLIP, TURBO, FOG):
        basket.add(each)
    assert basket.lines == [(FLIP, 1), (TURBO, 2), (FOG, 1)]
    assert len(basket) == 4
    assert basket.total == pytest.approx(50.1)
    basket.take_out(TURBO)
    basket.take_out(TURBO)
    assert basket.lines == [(FLIP, 1), (FOG, 1)]
    basket.empty()
    assert (len(basket), basket.total, basket.lines) == (0, 0, [])


def test_it_says_how_much_is_missing(basket):
    for _ in range(5):
        basket.add(TURBO)
    assert basket.short(wallet()) == 0
    assert basket.short(wallet(flip=1)) == 10


def test_prices_that_are_no_whole_numbers_are_not_short_by_dust():
    tenth = item("tenth", "Tenth", 0.1, repeatable=True)
    basket = Basket(Catalogue([tenth]))
    for _ in range(3):
        basket.add(tenth)
    assert basket.total > 0.3  # as floats have it
    assert basket.short(Wallet(Catalogue([tenth]), 0.3, {})) == 0


def test_its_order_buys_it_beside_what_is_owned(basket):
    for each in (FLIP, TURBO, TURBO):
        basket.add(each)
    before = wallet(turbo=1)
    receipt = before.settle(basket.order(before), "red")
    assert receipt.owned == {"flip": 1, "turbo": 3}
    assert receipt.after == 30


def test_what_came_to_be_owned_leaves_it(basket):
    for each in (FLIP, TURBO, FOG):
        basket.add(each)
    basket.drop_owned(wallet(flip=1, turbo=2))
    assert basket.lines == [(TURBO, 1), (FOG, 1)]


def test_nobody_fills_it_without_end(basket):
    for _ in range(MAX_COUNT + 5):
        basket.add(TURBO)
    assert len(basket) == MAX_COUNT
    assert order_text(basket.order(wallet()), CATALOGUE) == f"buy Turbo boost x {MAX_COUNT}"


ODD = [
    item("plain", "Plain thing", 1),
    item("twice", "Zoom x 2", 1),
    item("zoom", "Zoom", 1, repeatable=True),
    item("buyer", "buy me", 1),
    item("quoted", '\'Tis "it"', 1),
    item("hash", "C# major", 1),
    item("comma", "red, green", 1),
    item("bidi", "\u202eevil", 1),
]
SHELF = Catalogue(ODD)


@pytest.mark.parametrize("thing", ODD, ids=lambda thing: thing.slug)
def test_an_order_is_written_as_it_is_read(thing):
    for count in (1, 3) if thing.repeatable else (1,):
        basket = Basket(SHELF)
        for _ in range(count):
            basket.add(thing)
        text = order_text(basket.order(Wallet(SHELF, 100, {})), SHELF)
        (line,) = parse_order(text, SHELF).lines
        assert (line.verb, line.item, line.count or 1) == ("buy", thing, count)


def test_a_receipts_order_leads_to_the_same_state_again(basket):
    before = wallet(flip=1, turbo=1)
    receipt = before.settle(parse_order("return flip\nturbo x 3, fog", CATALOGUE), "red")
    text = order_text(net_order([receipt]), CATALOGUE)
    assert text == "return Flip\nbuy Turbo boost x 3\nbuy Fog"
    again = before.settle(parse_order(text, CATALOGUE), "red")
    assert (again.owned, again.after) == (receipt.owned, receipt.after)


def test_the_net_order_of_receipts_leads_to_where_they_ended():
    start = wallet(flip=1, turbo=3)
    receipts, now = [], start
    for order in ("fog", "return turbo", "return fog", "turbo", "return flip", "return fog"):
        receipts.append(now.settle(parse_order(order, CATALOGUE), "red"))
        now = wallet(**receipts[-1].owned)
    text = order_text(net_order(receipts), CATALOGUE)
    assert text == "return Turbo boost\nbuy Turbo boost\nreturn Flip"
    again = start.settle(parse_order(text, CATALOGUE), "red")
    assert again.owned == now.owned == {"turbo": 1}
    assert net_order(receipts[:1] + receipts[2:3]).lines == ()
