"""Latency of the extension's completion on Tab, against IPython's own.

Requests completions in turn from a real kernel with a game and 2,000 torch modules in its
namespace: of a name of the notebook, which IPython completes by itself, and of what the extension
knows. Prints the medians and their ratios to the former.

    python benchmarks/completion.py [--n 20]
"""

import argparse
import statistics
import tempfile
from time import perf_counter
from typing import Any

from load import kernel, run

OWN = "layer_19"
OURS = ("%train ", "%train --keep ", "%ensemble lay", "%%shop\nbuy ", "%classgame new ")
NAMES = 2000

SETUP = f"""\
%load_ext jupyter_classgame
%classgame new digits --team completion
from torch import nn
globals().update({{f"layer_{{n}}": nn.Linear(1, 1) for n in range({NAMES})}})"""


def seconds(client: Any, cell: str) -> float:
    """Return the seconds of a completion at the end of a cell."""
    begun = perf_counter()
    reply = client.complete(cell, reply=True, timeout=60)
    took = perf_counter() - begun
    assert reply["content"]["matches"], cell
    return took


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=20, help="requests of each")
    n = parser.parse_args().n
    cells = (OWN, *OURS)
    with tempfile.TemporaryDirectory() as home, kernel() as client:
        run(client, f"import os; os.environ['JUPYTER_DATA_DIR'] = {home!r}")
        run(client, SETUP)
        for cell in cells:
            seconds(client, cell)  # loads what the first completion needs
        rounds = [[seconds(client, cell) for cell in cells] for _ in range(n)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    print(f"{NAMES:,} names, medians of n = {n}; IPython itself: {medians[0] * 1000:.1f} ms")
    for cell, median in zip(OURS, medians[1:], strict=True):
        print(f"{cell!r:24} {median * 1000:6.1f} ms  ratio {median / medians[0]:.2f}")


if __name__ == "__main__":
    main()
