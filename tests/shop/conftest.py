import pytest
from helpers.shop import item

from jupyter_classgame.shop import Catalogue
from jupyter_classgame.shop.ledger import Ledger
from jupyter_classgame.shop.storage.database import Database


@pytest.fixture(scope="session")
def catalogue():
    return Catalogue(
        [
            item("flip-trick", "Flip trick", 10, "flip"),
            item("need-for-shift", "Need for shift: Tokyo data drift", 5, "shift"),
            item("rate-rollercoaster", "Rate rollercoaster", 10, aliases=("Speed dial",)),
            item("neural-turbo-boost", "Neural turbo boost", 20, "convolution", repeatable=True),
            item("ensemble-enchanter", "Ensemble enchanter", 60, "ensembling"),
            item("herr-nilssons-friend", "Herr Nilsson's friend", 0, "class-weight"),
        ]
    )


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}"))
    yield ledger
    ledger.close()


@pytest.fixture
def game(ledger):
    return ledger.open_game("red", "digits", {"image size": "32x32"})
