import re
import threading
from dataclasses import replace

import pytest
from ipywidgets.widgets.widget import _instances

from jupyter_classgame.session.context import SharedState
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.shop import Wallet, parse_order
from jupyter_classgame.shop.item import amount
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.shop.basket_panel import HINT
from jupyter_classgame.widgets.shop.shop_view import ShopView


def add(view, *slugs):
    for slug in slugs:
        view.cards[slug].add_button.click()


def said(view):
    """What the basket says that it comes to."""
    return re.sub("<[^>]*>", " ", view.basket._sums.value).split()


def test_the_basket_says_what_it_comes_to_and_what_would_be_left(view, game):
    assert HINT in view.basket._sums.value
    add(view, "flip-trick", "foggy-lens")
    assert " ".join(said(view)) == "total 15 B NN left after buying 85 B NN"
    assert 'aria-live="polite"' in view.basket._sums.value
    assert list(view.basket.lines) == ["flip-trick", "foggy-lens"]
    assert "2 items" in view.basket._head.value
    assert "cg-chosen" in view.cards["flip-trick"].widget._dom_classes
    assert game.owned == {}


def test_buy_all_is_one_order(view, game, monkeypatch):
    orders = []
    ordered = game.order
    monkeypatch.setattr(game, "order", lambda text: orders.append(text) or ordered(text))
    add(view, "flip-trick", "neural-turbo-boost", "neural-turbo-boost", "foggy-lens")
    view.basket.buy_button.click()
    assert orders == ["buy Flip trick\nbuy Neural turbo boost x 2\nbuy Foggy lens"]
    assert game.owned == {"flip-trick": 1, "foggy-lens": 1, "neural-turbo-boost": 2}
    assert view.message == "Bought 3 items for 55 B NN. 45 B NN left."
    assert view.basket.lines == {}
    assert HINT in view.basket._sums.value


def test_more_of_a_repeatable_item_is_bought_beside_what_is_owned(view, game):
    game.order("buy neural-turbo-boost x 2")
    add(view, "neural-turbo-boost")
    view.basket.buy_button.click()
    assert game.owned == {"neural-turbo-boost": 3}


def test_too_much_is_said_at_once_and_cannot_be_bought(view, game):
    add(view, "ensemble-enchanter", "mixup-mixer")
    assert "20 B NN short" not in view.cards["weight-decay"]._mark.value
    add(view, "flip-trick")
    assert "10 B NN short beside the basket" in view.cards["weight-decay"]._mark.value
    add(view, "weight-decay")
    assert " ".join(said(view)) == "total 110 B NN short by 10 B NN"
    assert view.basket.buy_button.disabled
    view.cards["flip-trick"].add_button.click()  # which takes it out again
    assert not view.basket.buy_button.disabled
    assert game.owned == {}


def test_what_the_wallet_alone_does_not_reach_cannot_be_added(view, game):
    game.order("buy neural-turbo-boost x 3")
    assert view.cards["ensemble-enchanter"].add_button.disabled
    assert not view.cards["flip-trick"].add_button.disabled


def test_an_order_that_fails_leaves_wallet_and_basket_whole(view, game):
    add(view, "flip-trick", "mixup-mixer")

    def spend(held, used):  # in another kernel, of which this one has not heard yet
        wallet = Wallet(game.pack.catalogue, game.budget, held.owned, held.paid)
        order = parse_order("ensemble-enchanter, weight-decay", game.pack.catalogue)
        return wallet.settle(order, game.team, used)

    game.ledger.order(game.record, spend)
    before = game.owned
    view.basket.buy_button.click()
    assert game.owned == before
    assert "10 B NN short; nothing was bought" in view.message
    assert list(view.basket.lines) == ["flip-trick", "mixup-mixer"]
    assert " ".join(said(view)) == "total 30 B NN short by 10 B NN"
    assert view.receipt is None


def test_why_an_order_failed_stands_until_the_wallet_changes_once_more(view, game):
    """The purchase elsewhere that was in its way is heard of after it."""
    add(view, "flip-trick", "mixup-mixer")
    heard_late = []
    there = Purchases(replace(game.context, shared=SharedState()))
    there.events.subscribe(heard_late.append)
    there.order("buy ensemble-enchanter, weight-decay")
    view.basket.buy_button.click()
    (event,) = heard_late
    game.events.publish(replace(event, changes=()))
    assert "10 B NN short; nothing was bought" in view.message
    there.return_("weight-decay")
    game.events.publish(replace(heard_late[-1], changes=()))
    assert view.message == f"The wallet was changed elsewhere. {amount(game.balance)} left."


def test_items_leave_by_their_line_all_at_once_or_when_they_are_owned(view, game):
    before = len(_instances)
    add(view, "flip-trick", "foggy-lens", "drop-shield", "speed-boost")
    view.basket.lines["foggy-lens"].button.click()
    assert list(view.basket.lines) == ["flip-trick", "drop-shield", "speed-boost"]
    view.cards["flip-trick"].buy_button.click()
    game.order("buy drop-shield")
    assert list(view.basket.lines) == ["speed-boost"]
    view.basket.empty_button.click()
    assert view.basket.lines == {}
    assert len(_instances) == before + 3  # the receipt's


def test_the_basket_stays_when_the_shop_is_drawn_again(view, game):
    add(view, "flip-trick")
    game.order("buy foggy-lens")
    view.show()
    assert list(view.basket.lines) == ["flip-trick"]
    assert " ".join(said(view)) == "total 10 B NN left after buying 85 B NN"


def test_adding_costs_few_messages(view, sent):
    add(view, "flip-trick")
    sent.clear()
    add(view, "foggy-lens")
    assert len(sent) < 12
    assert sum(message.size for message in sent) < 6000


def test_two_hundred_clicks_in_a_second_buy_what_one_does(outputs, game):
    view = ShopView(game)
    view.show()
    card = view.cards["neural-turbo-boost"]
    add(view, "flip-trick", "foggy-lens")
    buttons = [card.buy_button, view.basket.buy_button]
    threads = [
        threading.Thread(target=lambda b=button: [b.click() for _ in range(50)])
        for button in buttons * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert {slug: n for slug, n in game.owned.items() if slug != "neural-turbo-boost"} == {
        "flip-trick": 1, "foggy-lens": 1,
    }  # fmt: skip
    assert game.balance == 100 - 15 - 20 * game.owned["neural-turbo-boost"]
    assert game.owned["neural-turbo-boost"] <= 2  # one for each thread that was first
    assert view.basket.lines == {}
    view.close()


@pytest.fixture
def cells(monkeypatch):
    """The cells that are asked for, each with what is to be told of it."""
    cells = []
    monkeypatch.setattr(comm_link, "insert_cell", lambda code, told: cells.append((code, told)))
    return cells


def keep_button(view):
    button = view.receipt.keep_button
    return button.description, button.disabled


def test_the_receipt_of_a_purchase_is_shown_and_kept_as_a_cell(view, game, cells):
    assert view.receipt is None
    add(view, "neural-turbo-boost", "neural-turbo-boost", "flip-trick")
    view.basket.buy_button.click()
    assert "Flip trick" in view.receipt._receipt.value
    assert "50 B NN" in view.receipt._receipt.value
    assert keep_button(view) == ("Keep 2 items as a %%shop cell", False)
    view.receipt.keep_button.click()
    ((code, told),) = cells
    assert code == "%%shop\nbuy Neural turbo boost x 2\nbuy Flip trick"
    told("inserted")
    assert view.message == "The order of 2 items is in a new cell below the active one."
    assert keep_button(view) == ("Kept 2 items as a %%shop cell", True)
    game.reset(yes=True)
    game.order(code.partition("\n")[2])
    assert game.owned == {"flip-trick": 1, "neural-turbo-boost": 2}

    view.cards["flip-trick"].return_button.click()
    assert keep_button(view) == ("Keep 1 item as a %%shop cell", False)
    view.receipt.keep_button.click()
    assert cells[1][0] == "%%shop\nreturn Flip trick"


def test_an_order_is_kept_once_its_cell_is_there_and_not_before(view, cells):
    view.cards["flip-trick"].buy_button.click()
    view.receipt.keep_button.click()
    assert view.message == "The order of 1 item is being put into a new cell."
    assert keep_button(view) == ("Keeping the order", True)
    view.cards["foggy-lens"].buy_button.click()  # meanwhile
    view.counter.keep_order()
    assert len(cells) == 1
    cells[0][1]("queued")
    assert view.message == (
        "The order of 1 item appears in a new cell below the next cell you run."
    )
    assert keep_button(view) == ("Keep 1 item as a %%shop cell", False)
    view.receipt.keep_button.click()
    assert cells[1][0] == "%%shop\nbuy Foggy lens"


def test_all_clicks_since_the_last_time_are_kept_as_what_they_came_to(view, game, cells):
    for slug in ("flip-trick", "foggy-lens", "drop-shield"):
        view.cards[slug].buy_button.click()
    view.cards["drop-shield"].return_button.click()
    assert keep_button(view) == ("Keep 2 items as a %%shop cell", False)
    view.receipt.keep_button.click()
    assert cells[0][0] == "%%shop\nbuy Flip trick\nbuy Foggy lens"
    cells[0][1]("inserted")

    view.cards["neural-turbo-boost"].buy_button.click()
    view.cards["neural-turbo-boost"].buy_button.click()
    view.cards["flip-trick"].return_button.click()
    view.receipt.keep_button.click()
    assert cells[1][0] == "%%shop\nbuy Neural turbo boost x 2\nreturn Flip trick"
    cells[1][1]("inserted")
    owned = game.owned
    game.reset(yes=True)
    for code, _ in cells:
        game.order(code.partition("\n")[2])
    assert game.owned == owned


def test_what_was_undone_is_nothing_to_keep(view, cells):
    view.cards["flip-trick"].buy_button.click()
    view.cards["flip-trick"].return_button.click()
    assert keep_button(view) == ("Nothing to keep", True)
    view.counter.keep_order()
    assert cells == []


def test_a_click_that_changes_nothing_leaves_the_receipt(view, game):
    view.cards["flip-trick"].buy_button.click()
    shown = view.receipt._receipt.value
    view.cards["flip-trick"].buy_button.click()
    assert view.message.startswith("Flip trick: owned already")
    assert view.receipt._receipt.value == shown


def test_an_order_that_cannot_be_put_into_a_cell_says_so(view, monkeypatch):
    view.cards["flip-trick"].buy_button.click()
    monkeypatch.setattr(comm_link, "insert_cell", lambda code, told: 1 / 0)
    view.receipt.keep_button.click()
    assert view.message == "The order of 1 item could not be put into a cell (division by zero)"
    assert keep_button(view) == ("Keep 1 item as a %%shop cell", False)
