"""Soak test: memory and messages of a long run, and games killed at random times.

First a run of --epochs epochs on a tiny pack, with its chart, in a real kernel with a real
JupyterLab in Chromium: kernel memory and the page's JavaScript heap must be flat after warm-up,
widget messages at most 4 a second and 40 kB each; then a quick run of --many epochs with the same
limits. Then --kills games are killed with SIGKILL at random times: every ledger must be intact,
every checkpoint must load, and every game must resume. Prints the measurements, and fails if a
condition is violated or --minutes did not suffice.

    python benchmarks/soak.py [--minutes 30] [--only chart|kills]

Needs the extra ``test``, and Chromium on the path or named by CHROMIUM.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from peers.machine import in_words, machine
from soak.kills import SPAN, soak

CHART_SHARE, LONG_SHARE = 0.4, 0.7
"""The chart's share of the minutes, and the long run's share of the chart's."""

SLOWEST = 1.0
"""Most seconds of an epoch of the long run, which is slowed down."""


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30, help="at most, about (30)")
    parser.add_argument("--epochs", type=int, default=200, help="of the long run (200)")
    parser.add_argument("--many", type=int, default=2000, help="of the quick run (2000)")
    parser.add_argument("--kills", type=int, default=50, help="games to kill (50)")
    parser.add_argument("--only", choices=("chart", "kills"), help="only one half")
    return parser.parse_args()


def chart(given: argparse.Namespace, minutes: float) -> list[str]:
    """Test the chart; return the violations."""
    from browser.lab import NO_BROWSER, find_browser  # noqa: PLC0415 - needs its library
    from soak.chart import lab, violations  # noqa: PLC0415

    found = find_browser()
    if found is None:
        return [NO_BROWSER]
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as place, lab(found, Path(place)) as page:
        seconds = minutes * 60 * LONG_SHARE
        pace = min(SLOWEST, 0.5 * seconds / given.epochs)
        seen = page.run(given.epochs, pace, start + seconds)
        wrong = violations("long run", given.epochs, seen, memory_too=True)
        seen = page.run(given.many, 0.0, start + minutes * 60)
        return wrong + violations("quick run", given.many, seen, memory_too=False)


def kills(given: argparse.Namespace, minutes: float) -> list[str]:
    """Kill games; return the violations."""
    from helpers.images import make_images  # noqa: PLC0415 - from the tests

    with tempfile.TemporaryDirectory(prefix="soak-") as place:
        images, home = make_images(Path(place) / "insects"), Path(place) / "jupyter"
        home.mkdir()
        until = time.monotonic() + minutes * 60
        tally = soak(images, home, given.kills, until)
    told = tally.epochs or [0]
    print(
        f"kills: {tally.done} games killed within {SPAN:g} s, after {min(told)} to "
        f"{max(told)} epochs; {tally.checkpoints} weight files loaded, {tally.partial} unfinished "
        f"files left; {dict(tally.outcomes) or 'none resumed'}; {len(tally.wrong)} failures"
    )
    return tally.wrong


def main() -> int:
    """Run the soak test and print the results."""
    given = arguments()
    print(in_words(machine()), flush=True)
    share = {"chart": CHART_SHARE, "kills": 1 - CHART_SHARE}
    wrong: list[str] = []
    for name, part in {"chart": chart, "kills": kills}.items():
        if given.only in (None, name):
            minutes = given.minutes * (1 if given.only else share[name])
            failed = part(given, minutes)
            print(f"{name}: {'failed' if failed else 'passed'}", flush=True)
            wrong += failed
    for line in wrong:
        print(f"failed: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
