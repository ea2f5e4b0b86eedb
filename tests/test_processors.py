"""The processors that this process may use, by its affinity and its control groups."""

import os

import pytest

from jupyter_classgame import processors


@pytest.fixture
def cgroup(tmp_path, monkeypatch):
    """Write files of control groups and the line that names the process's own."""
    own = tmp_path / "own"
    root = tmp_path / "cgroup"
    monkeypatch.setattr(processors, "CGROUPS", root)
    monkeypatch.setattr(processors, "OWN_CGROUPS", own)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(16)), raising=False)

    def write(line, **files):
        own.write_text(line + "\n")
        root.mkdir(exist_ok=True)
        for name, content in files.items():
            file = root / name.replace("__", "/").replace("cpu_", "cpu.")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    return write


@pytest.mark.parametrize(
    ("line", "files", "count"),
    [
        ("0::/", {"cpu_max": "max 100000"}, 16),
        ("0::/", {"cpu_max": "400000 100000"}, 4),
        ("0::/", {"cpu_max": "250000 100000"}, 2),
        ("0::/", {"cpu_max": "50000 100000"}, 1),
        ("0::/pod/user", {"pod__cpu_max": "300000 100000", "pod__user__cpu_max": "max 100000"}, 3),
        ("0::/not/here", {"cpu_max": "200000 100000"}, 2),
        ("0::/", {}, 16),
        (
            "4:cpu,cpuacct:/a",
            {"cpu,cpuacct__a__cpu_cfs_quota_us": "200000",
             "cpu,cpuacct__a__cpu_cfs_period_us": "100000"},
            2,
        ),
        (
            "4:cpu,cpuacct:/a",
            {
                "cpu,cpuacct__a__cpu_cfs_quota_us": "-1",
                "cpu,cpuacct__a__cpu_cfs_period_us": "100000",
            },
            16,
        ),
        (
            "4:cpuacct,cpu:/docker/a",
            {"cpu,cpuacct__cpu_cfs_quota_us": "50000", "cpu,cpuacct__cpu_cfs_period_us": "100000"},
            1,
        ),
        (
            "4:cpuacct,cpu:/a",
            {"cpu__a__cpu_cfs_quota_us": "300000", "cpu__a__cpu_cfs_period_us": "100000"},
            3,
        ),
        ("0::/a", {"unified__a__cpu_max": "200000 100000"}, 2),
        ("0::/../other", {"cpu_max": "200000 100000"}, 2),
        ("3:memory:/a", {"cpu_max": "100000 100000"}, 16),
    ],
)  # fmt: skip
def test_a_quota_limits_them(cgroup, line, files, count):
    cgroup(line, **files)
    assert processors.usable() == count


def test_without_control_groups_the_affinity_counts(monkeypatch, tmp_path):
    monkeypatch.setattr(processors, "OWN_CGROUPS", tmp_path / "none")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 3, 5}, raising=False)
    assert processors.usable() == 3
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert processors.usable() == 6
