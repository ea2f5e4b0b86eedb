from dataclasses import replace

import pytest

from jupyter_classgame.errors import OrderError
from jupyter_classgame.events import Judged, Judging
from jupyter_classgame.referee import Evidence, judge
from jupyter_classgame.session.wallet.purchases import Purchases
from jupyter_classgame.widgets.cell_output import WIDGET_VIEW
from jupyter_classgame.widgets.chart.run_chart import RunChart
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.shop.verdict_order import VerdictOrder, verdict_view


@pytest.fixture
def verdict(game):
    """A mirror that is not bought, beside what is not allowed at all."""
    seen = {"flip": Evidence(1, "mirror"), "batch-norm": Evidence(1, "model: normalised")}
    found = judge(seen, catalogue=game.pack.catalogue, owned={}, balance=game.balance)
    return replace(found, buy=Purchases(game.context).order)


def test_one_click_buys_what_a_run_lacks_and_another_keeps_it(sent, verdict, game, monkeypatch):
    cells = []
    monkeypatch.setattr(
        comm_link, "insert_cell", lambda code, done: (cells.append(code), done("inserted"))
    )
    order = VerdictOrder(verdict)
    assert order.buy_button.description == "Buy this"
    assert order.keep_button.layout.display == "none"
    order.buy_button.click()
    order.buy_button.click()  # a burst is one click
    assert (game.owned, game.balance) == ({"flip-trick": 1}, 90.0)
    assert "Bought Flip trick for 10 B NN" in order.outcome.value
    assert order.buy_button.disabled
    assert order.keep_button.layout.display is None
    order.keep_button.click()
    assert cells == ["%%shop\nbuy Flip trick"]
    assert sent


def test_a_click_that_fails_says_why_and_can_be_made_again(sent, verdict):
    assert sent == []

    def broke(_order):
        raise OrderError("the balance does not reach")

    order = VerdictOrder(replace(verdict, buy=broke))
    order.buy_button.click()
    assert "the balance does not reach" in order.outcome.value
    assert not order.buy_button.disabled


def test_the_card_is_live_with_a_button_only_where_there_is_something_to_buy(outputs, verdict):
    chart = RunChart()
    chart.handle(Judging())
    chart.handle(Judged(verdict))
    chart.close()
    _looking, looked, live, twin = outputs
    assert looked["update"]
    assert WIDGET_VIEW not in looked["data"]
    assert WIDGET_VIEW in live["data"]
    assert "buy Flip trick" in twin["data"]["text/html"]
    assert twin["data"]["text/plain"] == verdict.text()
    for nothing in (replace(verdict, buy=None), verdict.for_practice()):
        outputs.clear()
        verdict_view(nothing).show()
        (card,) = outputs
        assert WIDGET_VIEW not in card["data"]
