"""Time of ``%load_ext jupyter_classgame`` in a fresh kernel, after ``import ipywidgets``.

Starts real kernels and times both cells in each. Prints the medians, which should be at most 0.15 s
for the extension, and the ratio of both together to ipywidgets alone.

    python benchmarks/load.py [--n 7]
"""

import argparse
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.manager import KernelManager

TIMED = "import time; start = time.perf_counter(); {code}; print(time.perf_counter() - start)"
WIDGETS = TIMED.format(code="import ipywidgets")
EXTENSION = TIMED.format(code="get_ipython().run_line_magic('load_ext', 'jupyter_classgame')")
HEAVY = (
    "import sys; print([n for n in ('torch', 'bqplot', 'pandas', 'matplotlib', 'sqlalchemy')"
    " if n in sys.modules])"
)
LIMIT = 0.15


@contextmanager
def kernel() -> Iterator[Any]:
    """Start a kernel and yield its client."""
    manager = KernelManager(transport="ipc")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    try:
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client: Any, code: str) -> str:
    """Run a cell and return its output."""
    printed: list[str] = []

    def collect(message: dict) -> None:
        if message["msg_type"] == "stream":
            printed.append(message["content"]["text"])

    reply = client.execute_interactive(code, output_hook=collect, timeout=120)
    assert reply["content"]["status"] == "ok", reply["content"]
    return "".join(printed).strip()


def one() -> tuple[float, float, str]:
    """Time both cells in a fresh kernel."""
    with kernel() as client:
        return float(run(client, WIDGETS)), float(run(client, EXTENSION)), run(client, HEAVY)


def main() -> None:
    """Run the benchmark and print the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=7, help="kernels to start")
    n = parser.parse_args().n
    one()  # fills the disk cache
    rounds = [one() for _ in range(n)]
    widgets = statistics.median(row[0] for row in rounds)
    extension = statistics.median(row[1] for row in rounds)
    print(f"import ipywidgets      {widgets:.3f} s")
    print(f"%load_ext after it     {extension:.3f} s  (limit {LIMIT} s, n = {n} kernels, medians)")
    print(f"ratio, both to one     {(widgets + extension) / widgets:.2f}")
    print(f"heavy modules loaded   {rounds[-1][2]}")


if __name__ == "__main__":
    main()
