"""Number of processors that this process may use."""

import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def usable() -> int:
    """Return how many processors this process may use, at least 1.

    Its CPU affinity counts, and on Linux the CPU quota of its control groups (``cpu.max`` in the
    kernel's documentation of cgroup v2, ``cpu.cfs_quota_us`` in v1): a container with a quota of
    2.5 processors on a node of 64 gets 2.
    """
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return max(1, int(min(count, _quota())))


def _quota() -> float:
    """Return the processors that the control groups grant; infinite where there is no limit."""
    try:
        lines = OWN_CGROUPS.read_text().splitlines()
    except OSError:  # no Linux, or no /proc
        return float("inf")
    quota = float("inf")
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        for root in _roots(controllers):
            own = root / path.lstrip("/")
            # Within a container the path is the host's, and the root is the container's own group.
            for group in (own, *own.parents):
                quota = min(quota, _limit(group))
                if group == root:
                    break
    return quota


def _roots(controllers: str) -> tuple[Path, ...]:
    """Give the folders where a hierarchy may be, which need not have the order of its controllers.

    On some systems ``cpuacct,cpu`` lies in ``cpu,cpuacct``, on others in ``cpu`` alone.
    """
    if not controllers:
        return (CGROUPS, CGROUPS / "unified")
    return tuple(CGROUPS / name for name in dict.fromkeys((controllers, "cpu,cpuacct", "cpu")))


def _limit(group: Path) -> float:
    """Return the limit of one control group, in processors."""
    try:
        if (file := group / "cpu.max").exists():
            limit, period = file.read_text().split()
            return float("inf") if limit == "max" else int(limit) / int(period)
        limit = (group / "cpu.cfs_quota_us").read_text()
        period = (group / "cpu.cfs_period_us").read_text()
        return int(limit) / int(period) if int(limit) > 0 else float("inf")
    except (OSError, ValueError):
        return float("inf")
