"""Folders of a test's own, so that it finds nothing of another's and leaves nothing behind."""

import sys
from contextlib import contextmanager

import pytest

RULES = "format = 1\n[rules]\nmax_epochs = 100000\n"


def many_epochs(folder):
    """Write rules by which a run may last until it is stopped; give their file."""
    rules = folder / "rules.toml"
    rules.write_text(RULES)
    return str(rules)


@contextmanager
def own_folders(tmp_path_factory):
    """Make a home, a ledger's place and a working folder that are used inside."""
    home, work = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("JUPYTER_DATA_DIR", str(home / "jupyter"))
        patch.setenv("IPYTHONDIR", str(home / "ipython"))
        patch.setenv("XDG_DATA_HOME", str(home / "share"))
        patch.delenv("JUPYTERHUB_USER", raising=False)
        patch.chdir(work)
        yield


def close_ledgers():
    """Let go of the ledgers that games have opened; a process keeps them, each a megabyte."""
    if start := sys.modules.get("jupyter_classgame.session.start"):
        while start._ledgers:
            start._ledgers.popitem()[1].close()
