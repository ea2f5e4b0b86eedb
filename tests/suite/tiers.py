"""What a test needs beside this process, and how long it takes, as markers by its place."""

import os
import subprocess
from multiprocessing.context import ForkServerProcess, SpawnProcess
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

PLACES = {
    "browser": "browser",
    "hub": "hub",
    "notebooks": "kernel",
    "shop/test_postgres.py": "database",
    "training/launch/processes": "processes",
    "training/launch/test_job_folder.py": "processes",
}
"""Markers of folders and modules; tests elsewhere that start processes are marked one by one."""

NEEDS = frozenset(PLACES.values())
"""Markers of tests that start something beside this process."""

SLOW = (
    "magics/test_scoring.py",
    "packs/test_recipes.py",
    "referee/test_corpus.py",
    "referee/test_no_trace.py",
    "referee/test_recipes.py",
    "session/runs",
    "session/scoring",
    "session/test_coach.py",
    "session/test_verdicts.py",
)
"""Tests that start nothing and take most of the time: most train, and the referee looks."""


def place(item):
    """The path of a test's module, below ``tests``."""
    return item.path.relative_to(TESTS)


def mark(item):
    """Mark a test as its folder or its module says."""
    path = place(item)
    for above in (path, *path.parents):
        if (name := PLACES.get(above.as_posix())) is not None:
            item.add_marker(name)
    if any(path.is_relative_to(each) for each in SLOW):
        item.add_marker("slow")


def needs(item):
    """The markers of what a test starts."""
    return NEEDS & {mark.name for mark in item.iter_markers()}


def forbid_processes(monkeypatch):
    """Let a test fail that starts a Python: it lacks a marker, and would run in ``test-fast``."""
    start = subprocess.Popen.__init__

    def refuse(*_arguments):
        pytest.fail("this test starts a process: mark it pytest.mark.processes")

    def look(popen, args, *others, **options):  # matplotlib asks the system for its fonts
        program = args if isinstance(args, str | bytes | os.PathLike) else args[0]
        if Path(os.fsdecode(program)).name.startswith("python"):
            refuse()
        start(popen, args, *others, **options)

    monkeypatch.setattr(subprocess.Popen, "__init__", look)
    for process in (ForkServerProcess, SpawnProcess):
        monkeypatch.setattr(process, "_Popen", staticmethod(refuse))
