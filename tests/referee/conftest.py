import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "corpus"


def load_corpus():
    """Return the corpus package, whatever the tests are run from."""
    if "referee_corpus" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "referee_corpus", HERE / "__init__.py", submodule_search_locations=[str(HERE)]
        )
        module = importlib.util.module_from_spec(spec)
        sys.modules["referee_corpus"] = module
        spec.loader.exec_module(module)
        module.load("clean_baseline")
    return sys.modules["referee_corpus"]


@pytest.fixture(scope="session")
def corpus():
    return load_corpus()


@pytest.fixture(scope="session")
def base(corpus):
    return sys.modules["referee_corpus.base"]


def pytest_generate_tests(metafunc):
    """Observe a case once for all tests that ask for its observation, in one process."""
    if "observation" in metafunc.fixturenames:
        cases = [
            pytest.param(name, marks=pytest.mark.xdist_group(f"corpus {name}"))
            for name in load_corpus().names()
        ]
        metafunc.parametrize("observation", cases, indirect=True, scope="module")
