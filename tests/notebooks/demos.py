"""The demos: each is played once, and what came of it is kept for every test that looks at it."""

import re
import sqlite3
from contextlib import closing
from functools import cached_property
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter

from .kernels import play

FOLDER = Path(__file__).parents[2] / "demos"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))

_EPOCHS = re.compile(r"(?<=epochs[ =])\d+")


class Demo:
    """A demo and what comes of playing it; the work is done when it is first asked for."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = folder

    def _read(self):
        return nbformat.read(FOLDER / f"{self.name}.ipynb", as_version=4)

    @cached_property
    def played(self):
        """The notebook after a first run."""
        return play(self._read(), self.folder)

    @cached_property
    def played_again(self):
        """The notebook after a second run on the same ledger, with one epoch where it says five."""
        self.purchases  # noqa: B018 - they are read before
        notebook = self._read()
        for cell in notebook.cells:
            cell.source = _EPOCHS.sub("1", cell.source)
        return play(notebook, self.folder)

    @cached_property
    def purchases(self):
        """The ledger's entries after the first run."""
        self.played  # noqa: B018 - it makes them
        return self.entries()

    def entries(self):
        """All purchases, returns and resets of the ledger as it is now."""
        ledger = self.folder / "jupyter" / "classgame" / "ledger.sqlite"
        with closing(sqlite3.connect(ledger)) as connection:
            return connection.execute("SELECT * FROM classgame_entries ORDER BY id").fetchall()

    def page(self, *, widgets):
        """The notebook as an HTML page, with the state of its live widgets or without."""
        notebook = nbformat.from_dict(self.played)
        if not widgets:
            notebook.metadata.pop("widgets", None)
        path = self.folder / f"{self.name}-{'live' if widgets else 'static'}.html"
        if not path.exists():
            path.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
        return path


_demos: dict[str, Demo] = {}


def demo(name, folders):
    """Give a demo, the same one every time; ``folders`` is pytest's ``tmp_path_factory``."""
    if name not in _demos:
        _demos[name] = Demo(name, folders.mktemp("demo"))
    return _demos[name]
