from dataclasses import replace

import pytest
from helpers.models import model, plain, sgd

from jupyter_classgame.referee import Evidence, Finding
from jupyter_classgame.referee.verdict import Verdict, judge
from jupyter_classgame.widgets.cards.verdict_card import above_a_run, verdict_bundle, verdict_html


@pytest.fixture
def verdict(game):
    return judge(
        {"flip": Evidence(1, "a <mirror>"), "batch-norm": Evidence(2, "model: twice")},
        catalogue=game.pack.catalogue,
        owned={},
        findings=[Finding("unbalanced", "warning", "lopsided", "look at <it>")],
        unknown=["the steps: took longer"],
    )


def test_the_card_says_all_of_it(verdict):
    html = verdict_html(verdict)
    for word in ("a &lt;mirror&gt;", "not owned", "not allowed", "lopsided", "look at &lt;it&gt;"):
        assert word in html
    assert "flip-trick" not in html
    # a mirror, its price and its order, also beside what is not allowed
    for word in (">Flip trick<", ">10 B NN<", "to buy it for 10 B NN:\n%%shop\nbuy Flip trick"):
        assert html.count(word) == 1
    assert html.count("a &lt;mirror&gt;") == html.count("model: twice") == 1
    assert "not observed: the steps: took longer" in html
    assert "<mirror>" not in html


def test_the_card_has_the_order_that_buys_what_is_missing(game):
    seen = {"flip": Evidence(1, "mirror")}
    found = judge(seen, catalogue=game.pack.catalogue, owned={}, balance=100.0)
    assert "to buy it for 10 B NN:\n%%shop\nbuy Flip trick" in verdict_html(found)
    poor = verdict_html(judge(seen, catalogue=game.pack.catalogue, owned={}, balance=5.0))
    assert "out of reach: 10 of 5 B NN" in poor
    assert "%%shop" not in poor


def test_an_item_may_be_called_what_a_message_says(game):
    items = [
        replace(item, name="Easy to buy out of reach") if item.slug == "flip-trick" else item
        for item in game.pack.catalogue
    ]
    seen = {"flip": Evidence(1, "mirror")}
    html = verdict_html(judge(seen, catalogue=items, owned={}, balance=100.0))
    assert ">to buy it for 10 B NN:\n%%shop\nbuy Easy to buy out of reach</pre>" in html
    html = verdict_html(judge(seen, catalogue=items, owned={}, balance=5.0))
    assert ">out of reach: 10 of 5 B NN</div>" in html
    assert "<pre" not in html


def test_in_practice_the_card_forbids_nothing(verdict):
    html = verdict_html(verdict.for_practice())
    assert "practice: not ranked" in html
    assert "not allowed: trains, unranked" in html
    assert "✖" not in html
    assert "take it out" not in html


def test_a_run_with_nothing_to_say_about_has_no_card(verdict):
    fine = Verdict(in_use={"flip-trick": Evidence(1, "owned")}, unused={"drop-shield": 1})
    assert above_a_run(fine) is None  # what is not in use is said beside the run
    assert "drop-shield: owned, not in use" in verdict_html(fine)
    assert above_a_run(verdict) == verdict
    bundle = verdict_bundle(verdict)
    assert "not owned" in bundle["text/html"]
    assert bundle["text/plain"] == verdict.text()


def test_check_shows_what_a_live_model_uses(shell, game):
    shell.user_ns.update(game=game, model=model())
    shell.user_ns["optimizer"] = sgd(shell.user_ns["model"])
    shell.user_ns["train_loader"] = game.loader("train", batch_size=8)
    game.namespace.update(shell.user_ns)
    found = shell.run_line_magic("classgame", "check")
    assert found.unowned == ["speed-boost"]
    assert "momentum=0.9" in found.in_use["speed-boost"].text
    shell.user_ns["optimizer"] = plain(shell.user_ns["model"])
    game.namespace.update(shell.user_ns)
    assert shell.run_line_magic("classgame", "check").allowed
