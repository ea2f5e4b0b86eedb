"""Training on a machine that several kernels share, as those of a Hub do.

The first game's baseline is trained by so many processes at once, each side at its defaults; the
sides take turns. Counted are the epochs during which all of the processes trained, without each
one's first. Prints the median seconds of training an epoch in each process, the ratio of ``%train``
to the hand-written loop, and the throughput of all together against that of one alone.

    python benchmarks/shared.py [--rounds 3] [--epochs 4] [--who hand lightning train]

"beside a loop" is one process beside another that computes without end.
"""

import argparse
import json
import multiprocessing
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for the package ``peers`` in this folder

from peers import images
from peers.machine import in_words, machine
from peers.side import SIDES
from peers.side_process import measure
from peers.works import WORKS

WORK = "baseline"
CONDITIONS = {"1": (1, 0), "2": (2, 0), "4": (4, 0), "8": (8, 0), "beside a loop": (1, 1)}
"""By what the table calls them: processes that train, and processes that only compute."""


def main() -> None:
    """Measure and print."""
    parser = images.command_line(__doc__)
    parser.add_argument("--images", type=int, default=1000, help="training images (1000)")
    parser.add_argument("--epochs", type=int, default=4, help="epochs a process; one warms up (4)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (3)")
    parser.add_argument(
        "--who", nargs="+", choices=list(SIDES), default=["hand", "lightning", "train"]
    )
    parser.add_argument("--at", nargs="+", choices=list(CONDITIONS), default=list(CONDITIONS))
    given = parser.parse_args()
    print(in_words(machine()), flush=True)
    seconds = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="shared-") as place:
        folder = Path(place)
        images.prepare(folder, WORKS[WORK].size, given.images, given.data)
        task = {"work": WORK, "epochs": given.epochs, "seed": 0, "workers": 0}
        (folder / "task.json").write_text(json.dumps(task))
        for number in range(given.rounds):
            for condition in given.at:
                for who in given.who if number % 2 == 0 else reversed(given.who):
                    found = at_once(who, folder, *CONDITIONS[condition])
                    seconds[condition, who].append(found)
                    print(f"round {number + 1}: {condition:>13} {who:10} {found:.3f} s", flush=True)
    report(given, seconds)


def at_once(who: str, folder: Path, processes: int, loops: int) -> float:
    """Train in several processes at once; return the median seconds of an epoch."""
    with busy(loops), ThreadPoolExecutor(processes) as pool:
        results = list(pool.map(lambda _: measure(who, folder), range(processes)))
    spans = [
        [(begun, begun + took) for begun, took in zip(r["begun"], r["train"], strict=True)]
        for r in results
    ]
    first, last = max(s[0][0] for s in spans), min(s[-1][1] for s in spans)
    shared = [e - b for one in spans for b, e in one[1:] if b >= first and e <= last]
    return statistics.median(shared or [e - b for one in spans for b, e in one[1:]])


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Let so many processes compute without end."""
    processes = [multiprocessing.Process(target=_compute, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()


def _compute() -> None:
    while True:
        pass


def report(given: argparse.Namespace, seconds: dict[tuple[str, str], list[float]]) -> None:
    """Print the table."""
    print(f"\nseconds of training an epoch, medians, n = {given.rounds} rounds")
    print(
        "".join(f"{title:>16}" for title in ["processes", *given.who, "%train / hand", "together"])
    )
    for condition in given.at:
        middle = {who: statistics.median(seconds[condition, who]) for who in given.who}
        row = [condition, *(f"{middle[who]:.3f}" for who in given.who)]
        both = zip(seconds[condition, "train"], seconds[condition, "hand"], strict=True)
        row.append(f"{statistics.median(ours / hand for ours, hand in both):.3f}")
        if seconds["1", "train"]:
            alone = statistics.median(seconds["1", "train"])
            row.append(f"{CONDITIONS[condition][0] * alone / middle['train']:.2f}")
        print("".join(f"{cell:>16}" for cell in row))


if __name__ == "__main__":
    main()
