"""What is found in the cases of the corpus, and that no trace of the looking is left in them."""

import random
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from helpers.isolation.folders import own_folders
from helpers.traces import Trace, same

from jupyter_classgame.referee import Facts, findings, observe, techniques_in_use

BASELINE = {"convolution": 2}


@dataclass(frozen=True)
class Observation:
    """What was found in a case, and how its parts stood before and after that."""

    case: Any
    facts: Facts
    found: dict[str, int]
    before: Trace
    after: Trace


def observed(case):
    random.seed(0)
    np.random.seed(0)
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases are other people's code
        parts = case.build()
        before = Trace.of(parts)
        facts = observe(**parts)
        after = Trace.of(parts)
    found = {
        name: evidence.count - BASELINE.get(name, 0)
        for name, evidence in techniques_in_use(facts).items()
        if evidence.count > BASELINE.get(name, 0)
    }
    return Observation(case, facts, found, before, after)


@pytest.fixture(scope="module")
def observation(corpus, request, tmp_path_factory):
    with own_folders(tmp_path_factory):
        return observed(corpus.load(request.param))


def test_case(observation):
    case, found = observation.case, observation.found
    assert {name: found.get(name) for name in case.expected} == case.expected
    assert found.keys() - case.expected.keys() <= case.also
    codes = {finding.code for finding in findings(observation.facts)}
    assert case.findings <= codes <= case.findings | case.may_find
    assert bool(observation.facts.unobserved) == case.unknown
    model = observation.facts.model
    assert model is None or not model.unseen


def test_nothing_is_left_behind(observation):
    before, after = observation.before, observation.after
    assert same(before.random, after.random)
    assert before.training == after.training
    assert same(before.parts, after.parts)


def test_the_corpus_is_large_and_mostly_ordinary(corpus):
    cases = [corpus.load(name) for name in corpus.names()]
    assert len(cases) >= 140
    assert sum(case.clean for case in cases) >= 60


def test_evidence_is_one_line(corpus):
    seen = observed(corpus.load("mixed_recipes"))
    assert set(seen.found) == {"flip", "rotation", "shift", "cutout"}
    in_use = techniques_in_use(seen.facts)
    for evidence in in_use.values():
        assert "\n" not in evidence.text
    text = in_use["rotation"].text
    assert text.startswith("RandomRotation(")
    assert "in train_loader.dataset.transform" in text


@pytest.mark.parametrize("name", ["bad_forward_raises", "bad_dataset_one_index"])
def test_the_users_own_frame_is_named(corpus, name):
    (finding,) = findings(observed(corpus.load(name)).facts)
    assert "line " in finding.message
    assert "referee/" not in finding.message
    assert "Traceback" not in finding.message
