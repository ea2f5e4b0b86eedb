"""How long the tests of the last run took: recorded by every run, printed by ``make durations``."""

import json
import sys
from collections import Counter
from pathlib import Path
from time import time

RECORD = Path(__file__).parents[2] / "out" / "durations.json"
SLOWEST = 30


class Recorder:
    """Adds up the seconds of a test's setup, call and teardown, whichever worker ran it.

    Parameters
    ----------
    path : Path
        The file that the seconds of each test are written to when the run has ended.
    """

    def __init__(self, path=RECORD):
        self._path = path
        self._start = time()
        self._seconds = Counter()

    def pytest_runtest_logreport(self, report):
        """Take a report of a test's phase."""
        name = report.nodeid
        if name.rfind("@") > name.rfind("]"):  # pytest-xdist adds the group
            name = name.rpartition("@")[0]
        self._seconds[name] += report.duration

    def pytest_sessionfinish(self):
        """Write the record, unless no test was run."""
        if self._seconds:
            record = {"seconds": round(time() - self._start, 1), "tests": dict(self._seconds)}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps(record, indent=1), encoding="utf-8")


def table(record):
    """Describe a record in lines: the slowest tests, and the share of each folder."""
    tests = Counter(record["tests"])
    total = tests.total()
    folders, counts = Counter(), Counter()
    for name, seconds in tests.items():
        parts = name.partition("::")[0].split("/")[1:]
        folder = parts[0] if len(parts) > 1 else "."
        folders[folder] += seconds
        counts[folder] += 1
    yield f"The last run: {len(tests)} tests, {total:.0f} s in all, over in {record['seconds']} s."
    yield ""
    yield from (f"{seconds:8.1f} s  {name}" for name, seconds in tests.most_common(SLOWEST))
    yield ""
    yield "| Folder | Tests | Seconds | Share |"
    yield "| --- | ---: | ---: | ---: |"
    for folder, seconds in folders.most_common():
        share = 100 * seconds / total
        yield f"| tests/{folder} | {counts[folder]} | {seconds:.0f} | {share:.1f} % |"


def main():
    """Print the record of the last run."""
    if not RECORD.exists():
        raise SystemExit("no run is recorded yet: make test, or any run of pytest, records one")
    sys.stdout.writelines(f"{line}\n" for line in table(json.loads(RECORD.read_text("utf-8"))))


if __name__ == "__main__":
    main()
