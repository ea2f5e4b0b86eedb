import pytest

from jupyter_classgame.errors import OrderError
from jupyter_classgame.shop import Wallet, parse_order
from jupyter_classgame.shop.item import amount


def settle(catalogue, text, owned=None, budget=100, used=None):
    wallet = Wallet(catalogue, budget, owned or {})
    return wallet.settle(parse_order(text, catalogue), "red", used)


def test_a_wallet_derives_its_balance(catalogue):
    wallet = Wallet(catalogue, 100, {"flip-trick": 1, "neural-turbo-boost": 2})
    assert (wallet.spent, wallet.balance) == (50, 50)


def test_buying_pays(catalogue):
    receipt = settle(catalogue, "buy Flip trick, Speed dial")
    assert receipt.after == 80
    assert receipt.owned == {"flip-trick": 1, "rate-rollercoaster": 1}
    assert [line.verb for line in receipt.lines] == ["bought", "bought"]


def test_returns_are_credited_first(catalogue):
    receipt = settle(
        catalogue, "buy Ensemble enchanter\nreturn neural-turbo-boost", {"neural-turbo-boost": 4}
    )
    assert receipt.after == 40
    assert [line.verb for line in receipt.lines] == ["returned", "bought"]


def test_beyond_the_balance_nothing_is_bought_and_the_gap_is_named(catalogue):
    with pytest.raises(
        OrderError, match=r"comes to 80 B NN and the balance is 50 B NN: 30 B NN short"
    ):
        settle(
            catalogue,
            "buy Ensemble enchanter, neural-turbo-boost x 3",
            {"neural-turbo-boost": 2, "flip-trick": 1},
        )


def test_what_is_owned_is_not_bought_again(catalogue):
    receipt = settle(catalogue, "buy Flip trick", {"flip-trick": 1})
    assert not receipt.changed
    assert receipt.after == 90
    assert "owned already" in receipt.text()


def test_a_bare_second_buy_of_a_repeatable_item_says_how(catalogue):
    receipt = settle(catalogue, "buy Neural turbo boost", {"neural-turbo-boost": 1})
    assert receipt.owned == {"neural-turbo-boost": 1}
    assert "own 1; write x 2" in receipt.text()


def test_a_number_means_own_at_least(catalogue):
    assert settle(catalogue, "neural-turbo-boost x 3", {"neural-turbo-boost": 1}).after == 40
    assert not settle(catalogue, "neural-turbo-boost x 2", {"neural-turbo-boost": 3}).changed


def test_return_gives_all_back(catalogue):
    receipt = settle(catalogue, "return neural-turbo-boost", {"neural-turbo-boost": 3})
    assert receipt.after == 100
    assert receipt.lines[0].change == -3
    assert receipt.lines[0].amount == -60


def test_returning_what_is_not_owned_changes_nothing_and_says_so(catalogue):
    receipt = settle(catalogue, "return Flip trick")
    assert not receipt.changed
    assert "not owned" in receipt.text()


def test_of_two_wishes_for_one_item_the_last_holds(catalogue):
    receipt = settle(
        catalogue, "return neural-turbo-boost\nbuy neural-turbo-boost", {"neural-turbo-boost": 3}
    )
    assert receipt.owned == {"neural-turbo-boost": 1}
    assert not settle(catalogue, "buy Flip trick\nreturn Flip trick").changed


def test_a_used_item_stays_bought(catalogue):
    with pytest.raises(OrderError, match=r"Flip trick was used in ranked run 1 \(model\)"):
        settle(
            catalogue,
            "return Flip trick",
            {"flip-trick": 1},
            used={"flip-trick": "ranked run 1 (model)"},
        )


def test_a_free_item_costs_nothing(catalogue):
    receipt = settle(catalogue, "Herr Nilsson's friend", {"flip-trick": 1}, budget=10)
    assert receipt.after == 0
    assert receipt.owned["herr-nilssons-friend"] == 1


def test_a_price_that_changes_changes_nobodys_balance(catalogue):
    wallet = Wallet(catalogue, 100, {"neural-turbo-boost": 2}, {"neural-turbo-boost": 10.0})
    assert wallet.balance == 90
    more = wallet.settle(parse_order("neural-turbo-boost x 3", catalogue), "red")
    assert (more.after, more.lines[0].amount) == (70, 20)
    back = wallet.settle(parse_order("return neural-turbo-boost", catalogue), "red")
    assert (back.after, back.lines[0].amount) == (100, -10)


def test_amounts_are_written_without_the_dust_of_floating_point():
    assert amount(0.3 - 0.1 - 0.2) == "0 B NN"
    assert amount(1234567) == "1,234,567 B NN"
    assert amount(2.5) == "2.5 B NN"


def test_a_bare_second_buy_in_one_order_says_how(catalogue):
    receipt = settle(catalogue, "buy Neural turbo boost\nbuy Neural turbo boost")
    assert receipt.owned == {"neural-turbo-boost": 1}
    assert "write x 2" in receipt.text()
