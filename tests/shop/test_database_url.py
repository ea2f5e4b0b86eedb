"""Which place a ledger's URL names."""

from pathlib import Path

import pytest

from jupyter_classgame.errors import LedgerError
from jupyter_classgame.shop.ledger import open_ledger
from jupyter_classgame.shop.storage.database import Database
from jupyter_classgame.shop.storage.database_url import read_url


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:////srv/class/a.sqlite", "/srv/class/a.sqlite"),
        ("sqlite+pysqlite:////srv/class/a.sqlite?timeout=5", "/srv/class/a.sqlite"),
        ("sqlite:////srv/class%20room/what%3F.sqlite", "/srv/class room/what?.sqlite"),
        ("sqlite:////srv/100%/a%2520b.sqlite", "/srv/100%/a%20b.sqlite"),
        ("sqlite:///~/class.sqlite", "{home}/class.sqlite"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_a_url_names_one_place(url, file):
    expected = file and str(Path(file.format(home=Path.home())))
    assert read_url(url).database == expected


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///class.sqlite", "relative to each kernel's folder; write an absolute path"),
        ("sqlite:///./class.sqlite", "relative"),
        ("sqlite:///../class.sqlite?timeout=3", "relative"),
        ("sqlite:///$HOME/class.sqlite", "relative"),
        ("sqlite:///file:/srv/class.sqlite", "relative"),
        ("sqlite:///file:/srv/class.sqlite?uri=true", "'uri' is no option of a ledger"),
        ("sqlite:///file:class?mode=memory&cache=shared&uri=true", "'mode' is no option"),
        ("sqlite:////srv/what?/class.sqlite", "'/class.sqlite' is no option.* with %3F for a ?"),
        ("sqlite:////srv/what?", "write an absolute path|there is none"),
        ("sqlite://srv/class.sqlite", "srv stands where a server would"),
    ],
)
def test_a_url_that_may_name_another_place_is_refused(url, message, tmp_path):
    with pytest.raises(LedgerError, match=message) as refused:
        open_ledger(url, tmp_path)
    assert "\n" not in str(refused.value)
    assert not list(tmp_path.iterdir())
    assert not list(Path.cwd().iterdir())


def test_a_path_as_it_is_written_is_taken_where_only_that_one_is_there(tmp_path):
    folder = tmp_path / "my%20class"
    folder.mkdir()
    Database(f"sqlite:///{folder}/class.sqlite").close()
    assert [file.name for file in folder.iterdir()] == ["class.sqlite"]
    assert [file.name for file in tmp_path.iterdir()] == ["my%20class"]


def test_memory_is_one_ledger_for_all_threads_by_either_spelling():
    for url in ("sqlite://", "sqlite:///:memory:"):
        database = Database(url)
        assert database.where == "memory"
        database.close()
