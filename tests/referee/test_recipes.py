"""What a card teaches, the referee recognises: each recipe below the baseline, and all of them."""

import warnings

import pytest
from helpers.ipython.cells import baseline, run

from jupyter_classgame.packs import load_pack
from jupyter_classgame.referee import judge, observe, techniques_in_use

PACK = load_pack("digits")
SLUGS = [item.slug for item in PACK.catalogue if item.technique != "ensembling"]


@pytest.fixture
def notebook(shell):
    run(shell, "%classgame new digits --seed 0 --practice", *baseline())
    return shell


def verdict_of(shell):
    ns = shell.user_ns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        facts = observe(
            ns["model"], ns["optimizer"], criterion=ns["criterion"], names=ns,
            train_loader=ns["train_loader"], val_loader=ns["val_loader"],
            scheduler=ns.get("scheduler"), allowance=len(ns["game"].dataset("train")),
        )  # fmt: skip
    assert facts.unobserved == {}
    return judge(
        techniques_in_use(facts), catalogue=PACK.catalogue, owned={},
        free=PACK.rules.free, baseline=PACK.rules.baseline,
    )  # fmt: skip


def test_the_baseline_uses_nothing(notebook):
    assert verdict_of(notebook).in_use == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_recipe_is_recognised(notebook, slug):
    run(notebook, PACK.catalogue[slug].card.recipe)
    verdict = verdict_of(notebook)
    assert verdict.in_use.keys() == {slug}
    assert verdict.in_use[slug].count == 1
    assert verdict.unowned == ([slug] if PACK.catalogue[slug].price else [])
    assert verdict.forbidden == []


def test_all_recipes_together_are_recognised(notebook):
    for slug in SLUGS:
        run(notebook, PACK.catalogue[slug].card.recipe)
    verdict = verdict_of(notebook)
    # Of two schedulers, and of two definitions of the network, the later one stands.
    replaced = {"learning-rate-decay", "neural-turbo-boost"}
    assert verdict.in_use.keys() == set(SLUGS) - replaced
    assert verdict.forbidden == []
