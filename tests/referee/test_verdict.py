from dataclasses import dataclass, replace

import pytest

from jupyter_classgame.packs import load_pack
from jupyter_classgame.referee import TECHNIQUES, Evidence, Finding, judge
from jupyter_classgame.referee.detectors.detector_table import DETECTORS


@dataclass
class Item:
    slug: str
    name: str
    technique: str
    price: float
    repeatable: bool = False
    contains: tuple = ()


CATALOGUE = [
    Item("flip-trick", "Flip trick", "flip", 10),
    Item("drop-shield", "Drop shield", "dropout", 10),
    Item("neural-turbo-boost", "Neural turbo boost", "convolution", 20, repeatable=True),
    Item("herr-nilssons-friend", "Herr Nilsson's friend", "class-weight", 0),
]
BASELINE = {"convolution": 2}


def verdict(in_use, owned=None, free=(), **rest):
    return judge(
        {name: Evidence(count, f"seen {name}") for name, count in in_use.items()},
        catalogue=CATALOGUE, owned=owned or {}, free=free, baseline=BASELINE, **rest,
    )  # fmt: skip


def test_the_baseline_is_not_in_use():
    result = verdict({"convolution": 2})
    assert result.in_use == {}
    assert result.allowed
    assert result.rankable
    assert result.message == ""


def test_what_is_sold_is_keyed_by_slug():
    result = verdict({"flip": 1}, owned={"flip-trick": 1})
    assert result.in_use == {"flip-trick": Evidence(1, "seen flip")}
    assert result.unowned == []


def test_a_repeatable_item_is_counted_beyond_the_baseline():
    assert verdict({"convolution": 4}, owned={"neural-turbo-boost": 2}).allowed
    result = verdict({"convolution": 4}, owned={"neural-turbo-boost": 1})
    assert result.in_use["neural-turbo-boost"].count == 2
    assert result.unowned == ["neural-turbo-boost"]
    assert "20 B NN" in result.message
    assert result.message.endswith("%%shop\nbuy Neural turbo boost x 2")


def test_the_message_has_evidence_price_and_one_line_that_buys_all():
    result = verdict({"flip": 1, "dropout": 3, "cutmix": 1})
    assert result.unowned == ["flip-trick", "drop-shield"]
    assert result.forbidden == ["cutmix"]
    assert "Flip trick (10 B NN): seen flip" in result.message
    assert "cutmix: seen cutmix" in result.message
    # what is forbidden beside does not hide what can be bought
    assert result.message.endswith("to buy them for 20 B NN:\n%%shop\nbuy Flip trick, Drop shield")
    assert result.text().count("seen flip") == result.text().count("seen cutmix") == 1
    assert result.costs == {"flip-trick": 10, "drop-shield": 10}
    assert "-trick" not in result.text()  # names, no slugs
    bought = verdict({"flip": 1, "dropout": 3})
    assert bought.message.endswith("for 20 B NN:\n%%shop\nbuy Flip trick, Drop shield")
    assert bought.order == "%%shop\nbuy Flip trick, Drop shield"


def test_an_order_can_be_read_whatever_an_item_is_called():
    odd = [Item("mirror", "Mirror, mirror #1", "flip", 10)]
    found = judge({"flip": Evidence(1, "seen")}, catalogue=odd, owned={})
    assert found.order == "%%shop\nbuy mirror"
    assert "Mirror, mirror #1 (10 B NN)" in found.message


def test_an_order_that_cannot_be_paid_is_not_offered():
    in_use = {"convolution": 18, "flip": 1}
    result = verdict(in_use, owned={"flip-trick": 1}, balance=100.0)
    assert result.order == ""
    assert result.message.splitlines()[-1] == "out of reach: 320 of 100 B NN"
    assert verdict({"flip": 1}, balance=10.0).order == "%%shop\nbuy Flip trick"


def test_in_practice_what_is_not_owned_trains_unranked():
    result = verdict({"flip": 1, "cutmix": 1}).for_practice()
    assert (result.unowned, result.forbidden) == (["flip-trick"], ["cutmix"])
    assert (result.message, result.order) == ("", "")
    assert "Flip trick: not owned or not allowed; trains, unranked" in result.text()
    assert "take it out" not in result.text()
    assert not result.rankable


def test_a_price_of_nothing_is_never_unowned():
    result = verdict({"class-weight": 1})
    assert result.in_use.keys() == {"herr-nilssons-friend"}
    assert result.allowed


def test_what_is_free_is_in_neither_list():
    result = verdict({"batch-norm": 1, "flip": 1}, free=["batch-norm", "flip"])
    assert result.in_use.keys() == {"batch-norm", "flip-trick"}
    assert result.allowed


def test_what_is_owned_and_not_in_use_is_named():
    owned = {"flip-trick": 1, "drop-shield": 1, "neural-turbo-boost": 2, "ensemble-enchanter": 1}
    catalogue = [*CATALOGUE, Item("ensemble-enchanter", "Ensemble enchanter", "ensembling", 60)]
    seen = {"dropout": Evidence(3, "seen"), "convolution": Evidence(3, "seen")}

    def judged(**rest):
        return judge(seen, catalogue=catalogue, owned=owned, baseline=BASELINE, **rest)

    found = judged()
    assert found.unused == {"flip-trick": 1, "neural-turbo-boost": 1}  # an ensemble comes later
    assert found.unused_lines() == (
        "Flip trick: owned, not in use",
        "Neural turbo boost: 1 of 2 owned, not in use",
    )
    assert found.rankable
    assert "Flip trick: owned, not in use" in found.text()
    assert found.for_practice().unused == found.unused
    # what could not be looked at may be in use
    assert judged(unknown=["the model"]).unused_lines()[0] == "Flip trick: owned, not seen in use"
    undone = replace(found, once_used={"flip-trick": "run 3"})
    assert undone.unused_lines()[0] == "Flip trick: owned, not in use; run 3 used it"


def test_errors_come_first_and_what_was_not_seen_cannot_be_ranked():
    findings = [
        Finding("unbalanced", "warning", "m", "f"),
        Finding("all-frozen", "error", "m", "f"),
    ]
    result = verdict({}, findings=findings, unknown=["the model: crashed"])
    assert [f.code for f in result.findings] == ["all-frozen", "unbalanced"]
    assert [f.code for f in result.errors] == ["all-frozen"]
    assert result.allowed
    assert not result.rankable


POLICY = Item("lucky-dip", "Lucky dip", "rand-augment", 15, contains=("flip", "rotation"))


@pytest.mark.parametrize(
    ("in_use", "owned", "unowned", "forbidden", "counted"),
    [
        ({"flip": 1}, {}, ["flip-trick"], [], {"flip-trick"}),
        ({"rotation": 1}, {}, [], ["rotation"], {"rotation"}),
        ({"rand-augment": 1, "flip": 1, "rotation": 1}, {}, ["lucky-dip"], [], {"lucky-dip"}),
        ({"flip": 1, "rotation": 1}, {"lucky-dip": 1}, [], [], {"lucky-dip"}),
        ({"rand-augment": 1, "flip": 1}, {"flip-trick": 1}, ["lucky-dip"], [],
         {"flip-trick", "lucky-dip"}),
        ({"flip": 1, "dropout": 1}, {"lucky-dip": 1}, ["drop-shield"], [],
         {"lucky-dip", "drop-shield"}),
    ],
)  # fmt: skip
def test_what_comes_with_an_item_is_charged_as_that(in_use, owned, unowned, forbidden, counted):
    result = judge(
        {name: Evidence(count, f"seen {name}") for name, count in in_use.items()},
        catalogue=[*CATALOGUE, POLICY], owned=owned,
    )  # fmt: skip
    assert (result.unowned, result.forbidden) == (unowned, forbidden)
    assert set(result.in_use) == counted


def test_an_item_says_what_was_seen_of_what_comes_with_it():
    result = judge(
        {"flip": Evidence(1, "images are mirrored")}, catalogue=[*CATALOGUE, POLICY],
        owned={"lucky-dip": 1},
    )  # fmt: skip
    assert result.in_use == {"lucky-dip": Evidence(1, "flip: images are mirrored")}


def test_every_detector_is_described():
    assert set(DETECTORS) == set(TECHNIQUES)


@pytest.mark.parametrize("pack", ["digits", "cifar10", "stl10", "flowers102"])
def test_packs_sell_only_what_the_referee_knows(pack):
    loaded = load_pack(pack)
    assert {item.technique for item in loaded.catalogue} <= set(TECHNIQUES)
    assert set(loaded.rules.free) <= set(TECHNIQUES)
    assert set(loaded.rules.baseline) <= set(TECHNIQUES)
