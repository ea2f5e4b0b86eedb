"""From pressing the key to the end of the cell: a warm ``%train`` against a loop written by hand.

Both sides train the first game's baseline on the same loaders in one kernel, with loss and
accuracy and a validation every epoch; the sides take turns. The time is that of the whole cell as
the client sees it: with the referee, the chart, checkpoints and the record. The first cell of each
side warms it up and does not count.

    python benchmarks/latency.py [--n 7] [--epochs 1 10] [--profile FILE]

With --profile one more ``%train`` of the first number of epochs runs under cProfile.
"""

import argparse
import statistics
import time
from collections import defaultdict

from load import kernel, run
from train_overhead import SETUP

LIMITS = {1: 1.25, 10: 0.70}
"""By epochs: the largest ratio that is good enough."""

SIDES = {"by hand": "fresh(); EPOCHS = {n}; by_hand()", "%train": "fresh()\n%train --epochs {n}"}
PROFILED = """
import cProfile
_profile = cProfile.Profile()
_profile.enable()
get_ipython().run_line_magic("train", "--epochs {n}")
_profile.disable()
_profile.dump_stats({file!r})
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--n", type=int, default=7, help="cells of each side")
    parser.add_argument("--epochs", type=int, nargs="+", default=list(LIMITS), help="of each cell")
    parser.add_argument("--profile", help="file for cProfile's statistics")
    given = parser.parse_args()
    seconds = defaultdict(list)
    with kernel() as client:
        run(client, SETUP.format(epochs=1).replace(" --seed 0", ""))
        for code in SIDES.values():
            run(client, code.format(n=1))
        for number in range(given.n):
            for epochs in given.epochs:
                for name in list(SIDES) if number % 2 == 0 else reversed(SIDES):
                    begin = time.perf_counter()
                    run(client, SIDES[name].format(n=epochs))
                    seconds[epochs, name].append(time.perf_counter() - begin)
        if given.profile:
            run(client, "fresh()")
            run(client, PROFILED.format(n=given.epochs[0], file=given.profile))
    for epochs in given.epochs:
        hand, train = (seconds[epochs, name] for name in SIDES)
        ratios = [ours / theirs for theirs, ours in zip(hand, train, strict=True)]
        limit = f", limit {LIMITS[epochs]}" if epochs in LIMITS else ""
        print(
            f"epochs {epochs:>3}  by hand {statistics.median(hand):.3f} s, "
            f"%train {statistics.median(train):.3f} s, ratio {statistics.median(ratios):.3f} "
            f"({min(ratios):.3f} to {max(ratios):.3f}{limit}; n = {given.n}, medians)"
        )


if __name__ == "__main__":
    main()
