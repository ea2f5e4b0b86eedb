import logging
import threading
from dataclasses import replace

import ipywidgets as w
import pytest
from helpers.shop import out_of_reach
from helpers.waiting import until, watchers
from ipywidgets.widgets.widget import _instances

from jupyter_classgame.errors import LedgerError, OrderError
from jupyter_classgame.session import start_game
from jupyter_classgame.session.images import recipe_examples
from jupyter_classgame.shop import Wallet, parse_order
from jupyter_classgame.widgets import markup
from jupyter_classgame.widgets.cell_output import WIDGET_VIEW
from jupyter_classgame.widgets.comm import comm_link
from jupyter_classgame.widgets.shop import counter
from jupyter_classgame.widgets.shop.item_card import code_html, markdown_html
from jupyter_classgame.widgets.shop.shop_view import ShopView, open_shop


def state(card):
    return set(card.widget._dom_classes) & {"cg-owned", "cg-full", "cg-far", "cg-used"}


def test_a_click_buys_and_another_returns(view, game):
    card = view.cards["flip-trick"]
    card.buy_button.click()
    assert game.owned == {"flip-trick": 1}
    assert view.message == "Bought Flip trick for 10 B NN. 90 B NN left."
    assert state(card) == {"cg-owned", "cg-full"}
    assert card.buy_button.disabled
    assert "90 B NN left" in view._balance.value
    card.return_button.click()
    assert game.owned == {}
    assert view.message == "Returned Flip trick, 10 B NN back. 100 B NN left."
    assert state(card) == set()


def test_a_repeatable_item_is_bought_once_more_with_each_click(view, game):
    card = view.cards["neural-turbo-boost"]
    for count in (1, 2, 3):
        card.buy_button.click()
        assert game.owned == {"neural-turbo-boost": count}
        assert card.buy_button.description == "Buy one more"
    assert "owned × 3" in card._mark.value  # noqa: RUF001
    assert card.return_button.description == "Return all"
    card.return_button.click()
    assert game.owned == {}


def test_what_a_return_gives_back_is_what_was_paid(view, game):
    card = view.cards["neural-turbo-boost"]
    game.buy("neural-turbo-boost", 2)
    assert card.return_button.tooltip == "Return Neural turbo boost for 40 B NN"
    item, wallet = card.item, game.wallet
    paid = replace(wallet, paid={item.slug: 12.5})  # its price was raised meanwhile
    card.show(paid, view.counter.basket)
    assert card.return_button.tooltip == "Return Neural turbo boost for 12.5 B NN"
    assert card.buy_button.tooltip == "Buy Neural turbo boost for 20 B NN"


@pytest.mark.parametrize("slug", ["neural-turbo-boost", "foggy-lens"])
def test_a_double_click_is_one_click(view, game, monkeypatch, slug):
    monkeypatch.setattr(counter, "PAUSE", 60.0)
    card = view.cards[slug]
    card.buy_button.click()
    said = view.message
    card.buy_button.click()
    card.return_button.click()  # where Buy was, Return is now
    assert game.owned == {slug: 1}
    assert view.message == said
    view.cards["flip-trick"].buy_button.click()  # another card answers at once
    assert game.owned == {slug: 1, "flip-trick": 1}


def test_a_click_on_what_is_owned_says_so(view, game):
    card = view.cards["foggy-lens"]
    card.buy_button.click()
    card.buy_button.click()
    assert view.message == "Foggy lens: owned already. 95 B NN left."
    assert game.owned == {"foggy-lens": 1}


def test_what_a_ranked_run_used_offers_no_return(view, game):
    game.order("buy flip-trick, foggy-lens")
    record = game.ledger.start_run(
        game.record, "model", ranked=True, seed=0, in_use={"flip-trick": 1}
    )
    game.ledger.end_run(
        game.record, record, stopped_by="epochs", epochs=1, life_epochs=1, weights="w",
        ranked=True, val_acc=0.5, val_loss=1.0,
    )  # fmt: skip
    view.refresh()
    assert state(view.cards["flip-trick"]) == {"cg-owned", "cg-full", "cg-used"}
    assert "used in ranked run 1 (model)" in view.cards["flip-trick"]._mark.value
    assert state(view.cards["foggy-lens"]) == {"cg-owned", "cg-full"}


def test_what_is_out_of_reach_says_by_how_much(view, game):
    game.order("buy neural-turbo-boost x 3")
    card = view.cards["ensemble-enchanter"]
    assert state(card) == {"cg-far"}
    assert card.buy_button.disabled
    assert "20 B NN short" in card._mark.value
    assert state(view.cards["herr-nilssons-friend"]) == set()


def spend(game, held):
    """Settle an order for all of the balance without telling this kernel's listeners."""
    wallet = Wallet(game.pack.catalogue, game.budget, held.owned, held.paid)
    order = parse_order("ensemble-enchanter, neural-turbo-boost x 2", game.pack.catalogue)
    return wallet.settle(order, game.team)


def test_an_error_is_said_in_a_line_and_nothing_changes(view, game, monkeypatch):
    game.ledger.order(game.record, lambda held, used: spend(game, held))  # another kernel's
    before = game.owned
    view.cards["flip-trick"].buy_button.click()
    assert "10 B NN short; nothing was bought" in view.message
    assert game.owned == before
    monkeypatch.setattr(game, "buy", lambda item, count=None: 1 / 0)
    view.cards["foggy-lens"].buy_button.click()
    assert view.message == "Foggy lens: nothing was changed (division by zero)"
    assert game.owned == before
    assert "cg-bad" in view._message.value


def test_a_ledger_out_of_reach_is_said_in_a_line(view, game):
    card = view.cards["flip-trick"]
    with out_of_reach(game.ledger):
        card.buy_button.click()
        assert f"{game.ledger.where} is not a ledger" in view._message.value
        assert "cg-bad" in view._message.value
        view.counter.add(view.cards["foggy-lens"].item)
        view.counter.buy_all()
        assert "is not a ledger" in view._message.value
    assert game.owned == {}
    card.buy_button.click()
    assert "Bought Flip trick for 10 B NN." in view._message.value
    assert state(card) == {"cg-owned", "cg-full"}


def test_what_was_bought_just_before_the_ledger_went_out_of_reach_is_said(
    view, game, monkeypatch, caplog
):
    order = game.ledger.order

    def fail(_game):
        raise LedgerError("the ledger is out of reach")

    def order_last(record, settle):
        receipt = order(record, settle)
        monkeypatch.setattr(game.ledger, "holdings", fail)
        return receipt

    monkeypatch.setattr(game.ledger, "order", order_last)
    view.cards["flip-trick"].buy_button.click()
    assert "Bought Flip trick for 10 B NN." in view._message.value
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]


def test_an_order_in_text_shows_in_the_widget_and_in_its_twin(view, game, outputs):
    game.order("buy flip-trick, foggy-lens")
    assert {slug for slug, card in view.cards.items() if card.count} == set(game.owned)
    assert outputs[-1]["update"]
    assert outputs[-1]["data"]["text/html"].count("✓ owned") == 2
    game.reset(yes=True)
    assert not any(card.count for card in view.cards.values())


def test_a_refused_order_leaves_the_shop_as_it_was(view, game):
    with pytest.raises(OrderError):
        game.order("buy ensemble-enchanter, mixup-mixer, weight-decay, flip-trick")
    assert not any(card.count for card in view.cards.values())


def test_clicks_and_orders_from_several_threads_end_in_one_state(view, game):
    cards = [view.cards[slug] for slug in ("flip-trick", "foggy-lens", "drop-shield")]
    threads = [threading.Thread(target=card.buy_button.click) for card in cards]
    threads.append(threading.Thread(target=game.order, args=("buy speed-boost",)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    view.refresh()
    assert set(game.owned) == {"flip-trick", "foggy-lens", "drop-shield", "speed-boost"}
    assert {slug for slug, card in view.cards.items() if card.count} == set(game.owned)


def test_details_are_made_when_first_opened(view):
    card = view.cards["flip-trick"]
    before = len(_instances)
    assert card.copy_button is None
    card.more_button.click()
    assert "cg-open" in card.widget._dom_classes
    made = len(_instances)
    assert made > before
    card.more_button.click()
    assert "cg-open" not in card.widget._dom_classes
    card.more_button.click()
    assert len(_instances) == made


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("inserted", "The recipe of Flip trick is in a new cell below the active one."),
        ("queued", "The recipe of Flip trick appears in a new cell below the next cell you run."),
    ],
)
def test_copying_says_where_the_recipe_went(view, game, monkeypatch, answer, said):
    codes, answers = [], []
    monkeypatch.setattr(
        comm_link, "insert_cell", lambda code, told: (codes.append(code), answers.append(told))
    )
    card = view.cards["flip-trick"]
    card.toggle()
    card.copy_button.click()
    assert codes == [game.recipe("flip-trick")]
    assert codes[0].endswith(game.pack.catalogue["flip-trick"].card.recipe)
    assert "augmentations = {}" in codes[0]  # which this notebook has not got
    assert view.message == "The recipe of Flip trick is being put into a new cell."
    assert view.message in view._message.value
    answers[0](answer)
    assert view.message == said
    assert said in view._message.value


def test_a_card_that_is_opened_again_shows_the_recipe_as_it_fits_now(view, game):
    card = view.cards["flip-trick"]
    card.toggle()
    before = card._recipe.value
    card.toggle()
    game.namespace["augmentations"] = {}  # which stood above the recipe
    card.toggle()
    assert len(card._recipe.value) < len(before)
    assert "Recipe" in card._recipe.value


def test_it_tells_of_orders_in_text_and_of_a_new_beginning(view, game):
    view.cards["foggy-lens"].buy_button.click()
    game.order("buy Flip trick")
    assert view.message == "Bought Flip trick for 10 B NN. 85 B NN left."
    assert len(view._side.children) == 2  # the basket, and the receipt
    game.reset(yes=True)
    assert view.message == "The wallet was changed elsewhere. 100 B NN left."
    assert len(view._side.children) == 1
    assert not view.counter.unkept().lines


def test_a_double_click_on_a_recipe_makes_one_cell(view, monkeypatch):
    codes = []
    monkeypatch.setattr(comm_link, "insert_cell", lambda code, _arrived: codes.append(code))
    monkeypatch.setattr(counter, "PAUSE", 60.0)
    card = view.cards["flip-trick"]
    card.toggle()
    card.copy_button.click()
    card.copy_button.click()
    assert len(codes) == 1


def test_a_teams_name_is_never_markup(view, outputs):
    assert "red <b>" not in view._balance.value
    assert "red &lt;b&gt;&amp;&lt;/b&gt;" in view._balance.value
    twin = outputs[1]["data"]["text/html"]
    assert "team red &lt;b&gt;" in twin
    assert "red <b>" not in twin


def test_cards_show_html_as_text_and_leave_out_unsafe_links():
    html = markdown_html("**a** <script>alert(1)</script> [x](javascript:alert(1))\n\n<img src=x>")
    assert "<strong>a</strong>" in html
    assert "<script>" not in html
    assert "<img" not in html
    assert "href" not in html
    assert "&lt;b&gt;" in code_html("x = '<b>'")


def test_the_shop_is_two_outputs_a_widget_and_its_twin(view, outputs):
    live, twin = outputs[:2]
    assert WIDGET_VIEW in live["data"]
    assert live["data"]["text/plain"].startswith("Shop of ")
    html = twin["data"]["text/html"]
    assert "Neural turbo boost" in html
    assert "%shop opens the shop" in html
    assert "100 B NN left of 100 B NN" in html
    assert WIDGET_VIEW in view._repr_mimebundle_()
    assert "%shop" in view._repr_mimebundle_()["text/html"]


def test_outside_a_kernel_the_shop_is_text(shell, game, capsys):
    before = set(_instances)
    shell.display_formatter.format(ShopView(game))
    assert "Flip trick" in capsys.readouterr().out
    assert set(_instances) == before


def test_the_shop_opens_with_few_and_small_messages(outputs, sent, game):
    first = ShopView(game)
    first.show()
    first.close()
    sent.clear()
    view = ShopView(game)
    view.show()
    assert len(view.cards) == len(game.pack.catalogue)
    assert len(sent) < 11 * len(view.cards)
    assert sum(message.size for message in sent) < 250_000
    view.close()


def test_a_kernel_has_one_shop_open(outputs, game, image_folder):
    first = open_shop(game)
    first.show()
    assert open_shop(game) is first
    other = start_game(image_folder, team="blue", image_size=16)
    second = open_shop(other)
    assert second is not first
    assert first.widget is None
    game.order("buy flip-trick")
    second.close()


def test_practice_says_that_there_is_no_wallet(outputs, image_folder):
    view = ShopView(start_game(image_folder, practice=True, image_size=16))
    view.show()
    assert view.message.startswith("This is practice")
    assert "cg-practice" in view.widget._dom_classes
    assert view._balance.value == ""
    assert "B NN left" not in "".join(str(output["data"]) for output in outputs)
    view.cards["flip-trick"].buy_button.click()
    assert "a practice game has no wallet" in view.message
    view.close()


def test_resuming_the_game_does_not_cut_the_open_shop_off(view, game, image_folder):
    again = start_game(image_folder, team=game.team, image_size=16)
    again.buy("flip")
    assert "90 B NN left" in view._balance.value
    assert "90 B NN" in view._live.twin["text/plain"]
    view.cards["flip-trick"].return_button.click()
    assert (again.balance, game.balance) == (100, 100)


def test_the_details_of_an_augmentation_have_a_picture(view):
    card = view.cards["flip-trick"]
    card.toggle()
    card.picture.join(timeout=60)
    html = picture(card)
    assert html.count("<img ") == 8
    assert html.count('src="data:image/png;base64,') == 8
    assert html.count('alt="training image, class ') == 4
    assert html.count('alt="after Flip trick, class ') == 4
    assert len(html) < 60_000


def picture(card):
    return card.widget.children[-1].children[0].children[0].value


def test_other_details_have_none(view):
    card = view.cards["drop-shield"]
    card.toggle()
    assert card.picture is None
    assert len(card.widget.children[-1].children[0].children) == 1


def test_a_picture_that_cannot_be_made_leaves_no_gap(view, monkeypatch):
    monkeypatch.setattr(recipe_examples, "examples", lambda game, item: 1 / 0)
    card = view.cards["flip-trick"]
    card.toggle()
    card.picture.join(timeout=60)
    assert picture(card) == ""


def test_what_another_kernel_buys_shows_by_itself(view, game):
    game.ledger.order(game.record, lambda held, used: spend(game, held))
    until(lambda: ">0 B NN left<" in view._balance.value)
    with view.counter.lock:  # whoever draws holds it
        assert state(view.cards["ensemble-enchanter"]) == {"cg-owned", "cg-full"}
        assert "0 B NN left of 100 B NN" in view._live.twin["text/html"]


def test_a_closed_shop_watches_no_more(outputs, game):
    view = ShopView(game)
    until(lambda: not watchers())  # of earlier tests; it has none itself before it is shown
    view.show()
    assert watchers()
    view.close()
    until(lambda: not watchers())


def test_a_closed_shop_that_is_shown_again_hears_of_orders(view, game, outputs):
    view.close()
    game.buy("foggy-lens")
    view.show()
    assert "95 B NN left" in view._balance.value
    assert "95 B NN left" in outputs[-1]["data"]["text/plain"]
    game.order("buy flip-trick")
    assert "85 B NN left" in view._balance.value
    assert state(view.cards["flip-trick"]) == {"cg-owned", "cg-full"}
    view.close()
    game.buy("rotation")
    assert "85 B NN left" in view._balance.value


def test_a_second_shop_on_a_finished_game_is_the_same_shop(outputs, game):
    game.order("ensemble-enchanter, neural-turbo-boost x 2")
    for number in range(game.pack.rules.final_attempts):
        game.ledger.record_final(
            game.record, f"w{number}", 0.5, game.owned, {"ensemble-enchanter": 1}, cap=3
        )
    first = open_shop(game)
    first.show()
    second = open_shop(game)
    second.show()
    assert second is first
    card = second.cards["ensemble-enchanter"]
    assert state(card) == {"cg-owned", "cg-full", "cg-used"}
    card.return_button.click()
    assert "was used in a final score and stays bought" in second.message
    second.cards["neural-turbo-boost"].return_button.click()
    assert game.owned == {"ensemble-enchanter": 1}
    first.close()


ODD_NAMES = ["<img src=x onerror=alert(1)>", "\u202e\u05e9\u05dc\u05d5\u05dd trick", "x" * 80]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_items_name_is_only_text(outputs, image_folder, tmp_path, name):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "card.md").write_text(
        f"# Odd\n\n{name} <b>x</b>\n\n## What it is\n\n{name}\n\n## Recipe\n\n"
        "```python\nx = 1\n```\n",
        encoding="utf-8",
    )
    (tmp_path / "odd" / "pack.toml").write_text(
        'format = 1\nname = "insects"\ntitle = "Insects"\nextends = "first-game"\n'
        f'[data]\nsource = "folder"\npath = "../{image_folder.name}"\nimage_size = [16, 16]\n'
        f'[[items]]\nslug = "odd"\nname = "{name}"\ntechnique = "noise"\nprice = 5\n'
        'group = "Data"\ncard = "card.md"\n',
        encoding="utf-8",
    )
    game = start_game(tmp_path / "odd", team="odd")
    view = ShopView(game)
    view.show()
    card = view.cards["odd"]
    card.toggle()
    card.add_button.click()
    view.basket.buy_button.click()
    assert game.owned == {"odd": 1}
    written = "".join(str(each.value) for each in _instances.values() if isinstance(each, w.HTML))
    assert "<img src=x" not in written
    assert "<img src=x" not in view._live.twin["text/html"]
    assert markup.text(name) in view.receipt._receipt.value
    view.close()


def test_a_megabyte_of_a_name_is_refused(view, game):
    with pytest.raises(OrderError, match="too long") as refused:
        game.order("x" * 2**20)
    assert len(str(refused.value)) < 200
    with pytest.raises(OrderError, match="the shop has no") as refused:
        game.buy("x" * 2**20)
    assert len(str(refused.value)) < 200
    assert game.owned == {}
