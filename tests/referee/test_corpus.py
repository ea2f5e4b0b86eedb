import warnings

import pytest
import torch

from jupyter_classgame.referee import findings, observe, techniques_in_use

BASELINE = {"convolution": 2}


def observed(case):
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases are other people's code
        facts = observe(**case.build())
    found = {
        name: evidence.count - BASELINE.get(name, 0)
        for name, evidence in techniques_in_use(facts).items()
        if evidence.count > BASELINE.get(name, 0)
    }
    return facts, found


def test_case(corpus, case_name):
    case = corpus.load(case_name)
    facts, found = observed(case)
    assert {name: found.get(name) for name in case.expected} == case.expected
    assert found.keys() - case.expected.keys() <= case.also
    codes = {finding.code for finding in findings(facts)}
    assert case.findings <= codes <= case.findings | case.may_find
    assert bool(facts.unobserved) == case.unknown


def test_the_corpus_is_large_and_mostly_ordinary(corpus):
    cases = [corpus.load(name) for name in corpus.names()]
    assert len(cases) >= 140
    assert sum(case.clean for case in cases) >= 60


def test_evidence_is_one_line(corpus):
    _, found = observed(corpus.load("mixed_recipes"))
    assert set(found) == {"flip", "rotation", "shift", "cutout"}
    facts, _ = observed(corpus.load("mixed_recipes"))
    for evidence in techniques_in_use(facts).values():
        assert "\n" not in evidence.text
    text = techniques_in_use(facts)["rotation"].text
    assert text.startswith("RandomRotation(")
    assert "in train_loader.dataset.transform" in text


@pytest.mark.parametrize("name", ["bad_forward_raises", "bad_dataset_one_index"])
def test_the_users_own_frame_is_named(corpus, name):
    facts, _ = observed(corpus.load(name))
    (finding,) = findings(facts)
    assert "line " in finding.message
    assert "referee/" not in finding.message
    assert "Traceback" not in finding.message
