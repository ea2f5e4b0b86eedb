"""Every test has a folder, a home and a ledger of its own, and a place in the suite."""

import gc
import os
import signal
import threading

import pytest
from helpers.images import make_images
from helpers.ipython.shells import a_shell
from helpers.isolation.folders import close_ledgers, own_folders
from suite import distribution, tiers
from suite.durations import Recorder

# One thread for a test and for what it starts: beside other work, torch's default of one for each
# core makes small models ten times slower. It counts for a torch that is imported after this.
os.environ["OMP_NUM_THREADS"] = "1"

# A shell starts what runs in the background deaf to interrupts, and so would be all that is started
# here: what an interrupt does is under test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    """Record the durations of all tests where the reports of all workers arrive."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder())


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark tests by what they start, and put them in the row that workers take them from."""
    for item in items:
        tiers.mark(item)
    if hasattr(config, "workerinput"):
        for item in items:
            if name := distribution.group(item):
                item.add_marker(pytest.mark.xdist_group(name))
        items.sort(key=distribution.order)


def pytest_collection_finish():
    """Leave out of every collection of garbage what was imported: it stays to the end.

    Nor does a search for an object's referrers, one in each look of the referee, go through it.
    """
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Hand tests out from both ends of that row, where they go by their groups."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from suite.scheduler import FromBothEnds

    config.option.loadscopereorder = False
    return FromBothEnds(config, log)


@pytest.fixture(autouse=True)
def _no_unmarked_processes(request, monkeypatch):
    if not tiers.needs(request.node):
        tiers.forbid_processes(monkeypatch)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory):
    with own_folders(tmp_path_factory):
        yield
    close_ledgers()


@pytest.fixture
def shell():
    """A real IPython shell with the extension loaded, and nothing in its namespace."""
    with a_shell() as ip:
        ip.run_line_magic("load_ext", "jupyter_classgame")
        ip.run_line_magic("xmode", "Context")
        yield ip
        ip.run_line_magic("unload_ext", "jupyter_classgame")
        for thread in threading.enumerate():
            if thread.name == "classgame-drawing":
                thread.join()  # it forks, and IPython then goes through the shells that there are


@pytest.fixture
def image_folder(tmp_path):
    """Three classes of twenty images, without splits."""
    return make_images(tmp_path / "insects")


@pytest.fixture
def ci():
    """Whether a missing program is a failure rather than a reason to skip."""
    return os.environ.get("CI", "").lower() == "true"


@pytest.fixture
def every_step(monkeypatch):
    """Audit every step of ranked runs, where the system draws some."""
    from jupyter_classgame.referee.audit import draws  # most tests need none of torch

    monkeypatch.setattr(draws, "EVERY_STEP", True)
